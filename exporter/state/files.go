package state

import (
	"errors"
	"io/fs"
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
	if err := fill(file, content); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// CreateFile creates a file that only its owner can read, atomically: after an error
// there is none. The content is durable when it returns. If the file exists, the error is
// [fs.ErrExist] and the file stays as it is.
func CreateFile(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".next-")
	if err != nil {
		return err
	}
	next := file.Name()
	defer os.Remove(next) // the other name of the file, or what was written of it
	if err := fill(file, content); err != nil {
		return err
	}
	// Unlike Rename, Link never replaces what another process has created meanwhile. Some
	// file systems have no links.
	switch err := os.Link(next, path); {
	case errors.Is(err, fs.ErrExist):
		return err
	case err != nil:
		if _, err := os.Lstat(path); err == nil {
			return fs.ErrExist
		}
		if err := os.Rename(next, path); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// fill writes the content of a file and closes it.
func fill(file *os.File, content []byte) error {
	_, err := file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

func syncDir(path string) error {
	// Not every system can sync a directory. Pebble knows which ones can.
	dir, err := vfs.Default.OpenDir(path)
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
