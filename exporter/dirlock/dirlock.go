// Package dirlock gives a directory to one process at a time, and tells the
// second one who has it.
//
// The lock is the operating system's: it goes with the process, however that
// ends, so there is never a stale one to remove by hand.
package dirlock

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// fileName is the file in the directory that is locked and holds the owner's
// process id.
const fileName = "belfry.lock"

// Lock is a directory that this process owns.
type Lock struct{ file *os.File }

// Acquire takes the directory, which must exist. When another process has it
// the error names that process.
func Acquire(dir string) (*Lock, error) {
	path := filepath.Join(dir, fileName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock directory: %w", err)
	}
	if err := lock(file); err != nil {
		holder, _ := os.ReadFile(path)
		return nil, errors.Join(
			fmt.Errorf("directory %q is in use by process %s: stop it or choose another directory", dir, cmp.Or(string(holder), "unknown")),
			file.Close())
	}
	if err := writePID(file); err != nil {
		return nil, errors.Join(fmt.Errorf("lock directory: %w", err), file.Close())
	}
	return &Lock{file}, nil
}

func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprint(file, os.Getpid())
	return err
}

// Release gives the directory free. The file stays, for removing it would race
// with the next owner.
func (l *Lock) Release() error { return l.file.Close() }
