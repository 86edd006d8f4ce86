//go:build !unix

package door

import "net"

// hasUnread cannot know.
func hasUnread(net.Conn) bool { return false }
