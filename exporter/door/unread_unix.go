//go:build unix

package door

import (
	"net"
	"syscall"
)

// hasUnread reports whether the client has sent something that nobody has read.
func hasUnread(conn net.Conn) bool {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return false
	}
	var (
		first [1]byte
		n     int
	)
	_ = raw.Control(func(fd uintptr) { n, _, _ = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK) })
	return n > 0
}
