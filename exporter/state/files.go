package state

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The files of a partition's directory. Package exposure writes the first two.
const (
	// MarkFile holds the high-water mark.
	MarkFile = "mark"
	// ReleasedFile holds the number of series of each family that show their values.
	ReleasedFile = "released.json"

	dataDir     = "records"  // the database
	retiredFile = "exported" // present when the state continues elsewhere
)

// ReplaceFile replaces a file atomically. The content is durable when it returns.
func ReplaceFile(path string, content []byte) error {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	// Not every system can sync a directory. Pebble knows which ones can.
	dir, err := vfs.Default.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// FreeSpace returns how many bytes an ordinary user can still write to the disk of
// a directory.
func FreeSpace(dir string) (uint64, error) {
	usage, err := vfs.Default.GetDiskUsage(dir)
	return usage.AvailBytes, err
}
