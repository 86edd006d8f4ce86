//go:build unix

package state

import "golang.org/x/sys/unix"

// FreeSpace returns how many bytes an ordinary user may still write to the disk
// of a directory.
func FreeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
