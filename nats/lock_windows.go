package nats

import (
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes an exclusive lock that the system drops when the process ends, however it ends.
// It lies on one byte far behind the end, so that others can still read the holder's process id.
func lockFile(file *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: math.MaxUint32})
}
