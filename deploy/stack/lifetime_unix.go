//go:build unix && !linux

package stack

import "syscall"

// ownLifetime gives the server its own process group, so that Ctrl-C reaches only
// the parent, which stops it in order. Only Linux can also end a server whose
// parent was killed.
func ownLifetime() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
