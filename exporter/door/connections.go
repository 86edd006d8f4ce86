package door

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// settle is the time that a connection is left to send a request and to get its answer,
// however many others come.
const settle = 50 * time.Millisecond

// Connections bounds the open connections of a server. One more closes the one that has
// waited longest for a request, or if none waits, the one whose request is oldest. Where
// that one came less than settle ago, the server accepts no more until that time is over
// or any connection ends, so that a crowd does not push out those who just came. Set its
// Track as the server's ConnState.
type Connections struct {
	// Limit is the number of connections; it must be positive.
	Limit int

	mu    sync.Mutex
	open  map[net.Conn]connection
	ended chan struct{} // full after the end of a connection
}

type connection struct {
	waits       bool // for a request
	came, since time.Time
}

// Track notes the state of a connection. For a new one it makes room.
func (c *Connections) Track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open, c.ended = map[net.Conn]connection{}, make(chan struct{}, 1)
	}
	is, known := c.open[conn]
	switch {
	case state == http.StateNew:
		c.makeRoom()
		is.came = time.Now()
	case !known: // it was closed to make room
		return
	case state == http.StateClosed || state == http.StateHijacked:
		delete(c.open, conn)
		select {
		case c.ended <- struct{}{}:
		default:
		}
		return
	}
	is.waits, is.since = state != http.StateActive, time.Now()
	c.open[conn] = is
}

// makeRoom closes connections until there is room for one more.
func (c *Connections) makeRoom() {
	for len(c.open) >= c.Limit {
		oldest := c.oldest()
		if young := settle - time.Since(c.open[oldest].came); young > 0 {
			c.wait(young)
		} else {
			c.close(oldest)
		}
	}
}

// wait waits until a connection ends, or for so long.
func (c *Connections) wait(length time.Duration) {
	c.mu.Unlock()
	defer c.mu.Lock()
	select {
	case <-c.ended:
	case <-time.After(length):
	}
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
