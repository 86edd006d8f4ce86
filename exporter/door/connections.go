package door

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// settle is the time that a connection is left to send a request, however many others
// come: enough for a packet that is lost and sent again.
const settle = time.Second

// Connections bounds the open connections of a server. One more closes the one that has
// waited longest for a request, of which the header must be complete, or if none waits,
// the one whose request is oldest. A client who has sent what the server had no time to
// read is spared while there are others. Where the one to close came less than settle ago,
// the server accepts no more until that time is over or any connection ends, so that a
// crowd does not push out those who just came. See [Connections.Guard].
type Connections struct {
	// Limit is the number of connections; it must be positive.
	Limit int

	mu    sync.Mutex
	open  map[net.Conn]*connection
	ended chan struct{} // full after the end of a connection
}

// connection is an open connection. It waits for a request while no handler runs: also
// after the first bytes of one.
type connection struct {
	handlers    int // that run; several with HTTP/2
	came, since time.Time
}

// key is the key of a connection in the context of its requests.
type key struct{}

// Guard bounds the connections of a server, whose handler is set. Call it before the server
// starts.
func (c *Connections) Guard(server *http.Server) {
	server.ConnState = c.track
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, key{}, conn)
	}
	handler := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _ := r.Context().Value(key{}).(net.Conn)
		c.handle(conn, 1)
		defer c.handle(conn, -1)
		handler.ServeHTTP(w, r)
	})
}

// handle notes that so many handlers more run for a connection.
func (c *Connections) handle(conn net.Conn, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if is := c.open[conn]; is != nil { // else it was closed to make room
		is.handlers, is.since = is.handlers+more, time.Now()
	}
}

// track notes the state of a connection. For a new one it makes room.
func (c *Connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open, c.ended = map[net.Conn]*connection{}, make(chan struct{}, 1)
	}
	is := c.open[conn]
	switch {
	case state == http.StateNew:
		c.makeRoom()
		c.open[conn] = &connection{came: time.Now(), since: time.Now()}
	case is == nil: // it was closed to make room
	case state == http.StateClosed || state == http.StateHijacked:
		delete(c.open, conn)
		select {
		case c.ended <- struct{}{}:
		default:
		}
	case is.handlers == 0:
		is.since = time.Now()
	}
}

// makeRoom closes connections until there is room for one more.
func (c *Connections) makeRoom() {
	for len(c.open) >= c.Limit {
		first := c.first()
		if young := settle - time.Since(c.open[first].came); young > 0 {
			c.wait(young)
		} else {
			c.close(first)
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

// first returns the connection that is closed first.
func (c *Connections) first() net.Conn {
	inOrder := slices.SortedFunc(maps.Keys(c.open), func(a, b net.Conn) int { return c.open[a].compare(c.open[b]) })
	for _, conn := range inOrder {
		if c.open[conn].handlers > 0 {
			break
		}
		if !hasUnread(socket(conn)) {
			return conn
		}
	}
	return inOrder[0]
}

// compare orders those that wait before those with a handler, and each by time.
func (c *connection) compare(other *connection) int {
	if waits := c.handlers == 0; waits != (other.handlers == 0) {
		if waits {
			return -1
		}
		return 1
	}
	return c.since.Compare(other.since)
}

func (c *Connections) close(conn net.Conn) {
	delete(c.open, conn)
	_ = socket(conn).Close()
}

// socket returns what is below TLS, which closes without saying goodbye, for which a
// client may let it wait.
func socket(conn net.Conn) net.Conn {
	if secure, ok := conn.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return conn
}
