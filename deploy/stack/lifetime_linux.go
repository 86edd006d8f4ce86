package stack

import "syscall"

// ownLifetime makes the kernel kill a server when its parent dies, so that even a
// killed test leaves none running. The server has its own process group, so that
// Ctrl-C reaches only the parent, which stops it in order.
func ownLifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
