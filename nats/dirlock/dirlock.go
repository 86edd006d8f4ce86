// Package dirlock locks a directory for one process at a time, and tells the
// next process which one that is.
//
// The operating system holds the lock and releases it when the process ends, in
// whatever way. There is never a stale lock to remove by hand.
package dirlock

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gofrs/flock"
)

// The files in the directory: the one that is locked, and the process id of its
// holder. They are separate because on Windows no other process can read a
// locked file.
const (
	lockFile = "belfry.lock"
	pidFile  = "belfry.pid"
)

// Acquire locks the directory, which must exist, until the lock is closed. The
// files stay behind: removing them would race with the next process.
func Acquire(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockFile))
	free, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock directory %q: %w", dir, err)
	}
	pid := filepath.Join(dir, pidFile)
	if !free {
		holder, _ := os.ReadFile(pid) // only to name it
		return nil, fmt.Errorf("directory %q is in use by process %s: stop it or choose another directory",
			dir, cmp.Or(string(holder), "unknown"))
	}
	if err := os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock directory %q: %w", dir, err), lock.Close())
	}
	return lock, nil
}
