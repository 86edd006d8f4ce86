package door

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// Connections bounds the open connections of a server. One more closes the one that has
// waited longest for a request, or if none waits, the one whose request is oldest. Set
// its Track as the server's ConnState.
type Connections struct {
	// Limit is the number of connections; it must be positive.
	Limit int

	mu   sync.Mutex
	open map[net.Conn]connection
}

type connection struct {
	waits bool // for a request
	since time.Time
}

// Track notes the state of a connection.
func (c *Connections) Track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.open, conn)
		return
	}
	if c.open == nil {
		c.open = map[net.Conn]connection{}
	}
	if _, known := c.open[conn]; !known && len(c.open) >= c.Limit {
		c.closeOldest()
	}
	c.open[conn] = connection{waits: state != http.StateActive, since: time.Now()}
}

func (c *Connections) closeOldest() {
	var oldest net.Conn
	for conn, is := range c.open {
		if was := c.open[oldest]; oldest == nil || is.waits && !was.waits ||
			is.waits == was.waits && is.since.Before(was.since) {
			oldest = conn
		}
	}
	delete(c.open, oldest)
	if secure, ok := oldest.(*tls.Conn); ok {
		oldest = secure.NetConn() // which closes without saying goodbye, for which a client may let it wait
	}
	_ = oldest.Close()
}
