package stack

import "syscall"

// ownLifetime has the kernel kill a server whose parent is gone, so that not
// even a killed test leaves one running. A process group of its own keeps
// Ctrl-C from the server, so that it is stopped in order by its parent.
func ownLifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
