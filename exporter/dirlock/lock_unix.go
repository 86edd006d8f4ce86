//go:build unix

package dirlock

import (
	"os"
	"syscall"
)

// lock takes an exclusive lock that the system drops when the process ends, however it ends.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
