package door

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// dial connects and sends text.
func dial(t *testing.T, server *httptest.Server, send string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprint(conn, send)
	return conn
}

// One connection more than the limit closes the one that has waited longest, and no
// request.
func TestConnections(t *testing.T) {
	c := &Connections{Limit: 3}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	waits := make(chan bool, 4) // a value for each connection that waits for its next request
	c.Guard(server.Config)
	server.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		if c.track(conn, state); state == http.StateIdle {
			waits <- true
		}
	}
	server.Start()
	defer server.Close()
	var idle []net.Conn
	for range 3 {
		idle = append(idle, dial(t, server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		if _, err := http.ReadResponse(bufio.NewReader(idle[len(idle)-1]), nil); err != nil {
			t.Fatal(err)
		}
		<-waits
	}
	dial(t, server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := idle[0].SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := idle[0].Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the oldest connection: %v, want it closed", err)
	}
	fmt.Fprint(idle[2], "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(idle[2]), nil); err != nil {
		t.Errorf("the newest of the idle ones: %v", err)
	}
}

// A crowd that comes at once leaves those who came before it the time to send a request.
func TestACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Connections{Limit: 2}
		var conns, clients [3]net.Conn
		for i := range conns {
			conns[i], clients[i] = net.Pipe()
		}
		began := time.Now()
		c.track(conns[0], http.StateNew)
		c.track(conns[1], http.StateNew)
		accepted := make(chan bool)
		go func() {
			c.track(conns[2], http.StateNew)
			close(accepted)
		}()
		synctest.Wait()
		c.handle(conns[0], 1)
		<-accepted
		if waited := time.Since(began); waited != settle {
			t.Errorf("the third connection waited for %s, not for %s", waited, settle)
		}
		if _, err := clients[1].Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection without a request: %v, want it closed", err)
		}
		go conns[0].Write([]byte("x"))
		if _, err := clients[0].Read(make([]byte, 1)); err != nil {
			t.Errorf("the connection with a request: %v", err)
		}
	})
}

// A request that takes long to answer is not closed for those who never complete theirs.
func TestARequestOutlastsHeaders(t *testing.T) {
	c, open := &Connections{Limit: 2}, make(chan bool)
	entered := make(chan bool)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- true
		<-open
	}))
	c.Guard(server.Config)
	server.Start()
	defer server.Close()
	long := dial(t, server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	for range 3 {
		slow := dial(t, server, "GET / HTTP/1.1\r\n")
		dial(t, server, "GET / HTTP/1.1\r\n")
		if _, err := slow.Read(make([]byte, 1)); err == nil {
			t.Fatal("a header that is not complete has an answer")
		}
	}
	close(open)
	if _, err := http.ReadResponse(bufio.NewReader(long), nil); err != nil {
		t.Errorf("the long request: %v", err)
	}
}

// What the server had no time to read counts for the client, who did what it could.
func TestAnUnreadRequestIsSpared(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c, long := &Connections{Limit: 2}, time.Now().Add(-time.Hour)
	var accepted, clients []net.Conn
	for i := range 3 {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		clients, accepted = append(clients, client), append(accepted, conn)
		if i < 2 {
			c.track(conn, http.StateNew)
			c.open[conn].came, c.open[conn].since = long, long.Add(time.Duration(i)*time.Second)
		}
	}
	fmt.Fprint(clients[0], "GET")
	c.track(accepted[2], http.StateNew)
	if c.open[accepted[0]] == nil || c.open[accepted[1]] != nil {
		t.Error("the connection with an unread request is closed")
	}
	fmt.Fprint(clients[2], "GET")
	c.open[accepted[2]].came = long
	next, _ := net.Pipe()
	c.track(next, http.StateNew)
	if c.open[accepted[0]] != nil || c.open[accepted[2]] == nil {
		t.Error("where all have sent something, the oldest is not closed")
	}
}

// When a connection ends, the next one need not wait.
func TestAnEndLetsTheNextIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := &Connections{Limit: 1}, time.Now()
		first, _ := net.Pipe()
		second, _ := net.Pipe()
		c.track(first, http.StateNew)
		go c.track(second, http.StateNew)
		synctest.Wait()
		c.track(first, http.StateClosed)
		synctest.Wait()
		if _, accepted := c.open[second]; !accepted || time.Since(began) != 0 {
			t.Errorf("accepted: %t, after %s", accepted, time.Since(began))
		}
	})
}

// Clients who send one request after another keep nobody out.
func TestBusyConnectionsKeepNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Connections{Limit: 1}
		busy, client := net.Pipe()
		c.track(busy, http.StateNew)
		time.Sleep(settle)
		c.handle(busy, 1)
		c.handle(busy, -1)
		began := time.Now()
		next, _ := net.Pipe()
		c.track(next, http.StateNew)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the next connection waited for %s", waited)
		}
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the busy connection: %v, want it closed", err)
		}
	})
}

// A request that had arrived when its connection was closed pushes out nobody.
func TestAClosedConnectionStaysOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Connections{Limit: 1}
		first, _ := net.Pipe()
		second, _ := net.Pipe()
		c.track(first, http.StateNew)
		time.Sleep(settle)
		c.track(second, http.StateNew)
		time.Sleep(settle)
		c.handle(first, 1)
		if _, stays := c.open[second]; !stays || len(c.open) != 1 {
			t.Errorf("the second connection is open: %t, of %d", stays, len(c.open))
		}
	})
}

// A request more than the limit cuts off the body that arrives slowest.
func TestLatest(t *testing.T) {
	l := Latest{Limit: 1}
	entered, ended := make(chan bool, 2), make(chan error, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer l.Enter(time.Hour, Request{w, r})[0]()
		entered <- true
		_, err := io.ReadAll(r.Body)
		ended <- err
	}))
	defer server.Close()
	conn := dial(t, server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
	defer conn.Close() // before the server, which waits for it
	<-entered
	if _, err := http.Get(server.URL); err != nil {
		t.Fatal(err)
	}
	if first, second := <-ended, <-ended; (first == nil) == (second == nil) {
		t.Errorf("got %v and %v, want one that is cut off", first, second)
	}
}

// deadlined counts how often it was cut off.
type deadlined struct {
	http.ResponseWriter
	ended int
}

func (d *deadlined) SetReadDeadline(t time.Time) error { return nil }

func (d *deadlined) SetWriteDeadline(t time.Time) error {
	if !t.After(time.Now()) {
		d.ended++
	}
	return nil
}

// Requests that share what they hold do not cut off each other.
func TestLatestShares(t *testing.T) {
	l, r := &Latest{Limit: 1}, httptest.NewRequest("GET", "/", nil)
	var a, b, c deadlined
	leave := l.Enter(time.Hour, Request{&a, r}, Request{&b, r})
	if a.ended+b.ended != 0 {
		t.Error("one of two that share is cut off")
	}
	leave[1]()
	l.Enter(time.Hour, Request{&c, r})[0]()
	if a.ended != 1 || b.ended != 0 || c.ended != 0 {
		t.Errorf("cut off: %d, %d, %d, want only the one that has not left", a.ended, b.ended, c.ended)
	}
}

// One more waits until one leaves, or what entered first has had its time.
func TestLatestAwaits(t *testing.T) {
	for _, leaves := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l, first, began := &Latest{Limit: 1}, &deadlined{}, time.Now()
			l.Await()
			leave := l.Enter(time.Hour, Request{first, httptest.NewRequest("GET", "/", nil)})[0]
			entered := make(chan time.Duration)
			go func() {
				l.Await()
				entered <- time.Since(began)
			}()
			synctest.Wait()
			want, ended := grace, 1
			if leaves {
				want, ended = 0, 0
				leave()
			}
			if waited := <-entered; waited != want || first.ended != ended {
				t.Errorf("leaves %t: waited for %s, %d cut off; want %s, %d", leaves, waited, first.ended, want, ended)
			}
		})
	}
}
