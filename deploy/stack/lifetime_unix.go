//go:build unix && !linux

package stack

import "syscall"

// ownLifetime keeps Ctrl-C from a server, so that it is stopped in order by its
// parent. Only Linux can also end a server whose parent was killed.
func ownLifetime() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
