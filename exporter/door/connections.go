package door

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// settle is how long a connection is left to send its request, however many others come.
const settle = 50 * time.Millisecond

// Connections bounds the open connections of a server. One more closes the one that has
// waited longest for a request, or if none waits, the one whose request is oldest. If that
// one is new, it keeps the server from accepting more until it has had the time to send
// its request, so that a crowd does not push out those who just came. Set its Track as the
// server's ConnState.
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
	for c.full(conn) {
		oldest := c.oldest()
		if young := settle - time.Since(c.open[oldest].since); young > 0 && c.open[oldest].waits {
			c.mu.Unlock()
			time.Sleep(young)
			c.mu.Lock()
			continue
		}
		c.close(oldest)
	}
	c.open[conn] = connection{waits: state != http.StateActive, since: time.Now()}
}

// full reports whether a new connection is one too many.
func (c *Connections) full(conn net.Conn) bool {
	_, known := c.open[conn]
	return !known && len(c.open) >= c.Limit
}

// oldest returns the connection that is closed first.
func (c *Connections) oldest() (oldest net.Conn) {
	for conn, is := range c.open {
		if was := c.open[oldest]; oldest == nil || is.waits && !was.waits ||
			is.waits == was.waits && is.since.Before(was.since) {
			oldest = conn
		}
	}
	return oldest
}

func (c *Connections) close(conn net.Conn) {
	delete(c.open, conn)
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn() // which closes without saying goodbye, for which a client may let it wait
	}
	_ = conn.Close()
}
