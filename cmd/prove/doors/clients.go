package doors

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// client is a kind of hostile client. Its attack returns when the daemon has ended it, and
// is then begun again.
type client struct {
	number int // at the same time, for each daemon
	attack func(context.Context, *target, *rand.Rand)
}

// clients lists the kinds that connect and then do what no client should.
var clients = []client{
	// A slow header, a slow body, an endless header, and one that is held.
	{150, drip("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: ")},
	{60, drip(post("Content-Length: 1000000") + `{"alerts":[`)},
	{20, flood("GET / HTTP/1.1\r\nHost: localhost\r\n", headerLines)},
	{100, hold("GET / HTTP/1.1\r\nHost: localhost\r\n" + headerLines(0)[:7<<10])},
	// An endless body, a huge one, and a deep one.
	{10, flood(post("Transfer-Encoding: chunked"), func(i int) string {
		if i == 0 {
			return "1b\r\n{\"alerts\":[{\"labels\":{\"a\":\"\r\n"
		}
		return "8000\r\n" + strings.Repeat("x", 0x8000) + "\r\n"
	})},
	{10, flood(post("Content-Length: 80000000")+`{"alerts":[`, func(int) string {
		return strings.Repeat(`{"labels":{"alertname":"A"},"fingerprint":"0000000000000000"},`, 500)
	})},
	{5, flood(post("Content-Length: 80000000"), func(int) string { return strings.Repeat(`[{"a":`, 5000) })},
	// Those who never read metrics, never read pages, send nothing, or half close.
	{60, hold(strings.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 40))},
	{60, hold(strings.Repeat("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 40))},
	{100, hold("")},
	{20, halfClose},
	{5, garble},
	{4, hurry},
}

// post returns the beginning of a message to the webhook.
func post(header string) string {
	return "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + header + "\r\n\r\n"
}

// headerLines returns 16 kB of the shortest lines, no two of one name.
func headerLines(i int) string {
	var b strings.Builder
	for n := range 2000 {
		fmt.Fprintf(&b, "%x:\r\n", i*2000+n)
	}
	return b.String()
}

// dial connects for as long as ctx lasts.
func dial(ctx context.Context, t *target) (conn net.Conn, closed func(), err error) {
	var d net.Dialer
	if conn, err = d.DialContext(ctx, "tcp", t.address); err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return conn, func() { stop(); conn.Close() }, nil
}

// drip sends a beginning at once, and then a byte ten times a second.
func drip(begin string) func(context.Context, *target, *rand.Rand) {
	return func(ctx context.Context, t *target, _ *rand.Rand) {
		conn, closed, err := dial(ctx, t)
		if err != nil {
			return
		}
		defer closed()
		_, err = io.WriteString(conn, begin)
		for err == nil && pause(ctx, 100*time.Millisecond) {
			_, err = io.WriteString(conn, "a")
		}
	}
}

// flood sends a beginning, and then more for as long as the daemon takes it.
func flood(begin string, more func(i int) string) func(context.Context, *target, *rand.Rand) {
	return func(ctx context.Context, t *target, _ *rand.Rand) {
		conn, closed, err := dial(ctx, t)
		if err != nil {
			return
		}
		defer closed()
		_, err = io.WriteString(conn, begin)
		for i := 0; err == nil; i++ {
			_, err = io.WriteString(conn, more(i))
		}
		pause(ctx, 100*time.Millisecond) // a flood that is refused at once is not only one of connections
	}
}

// hold sends something, and then neither reads nor closes for 20 s.
func hold(begin string) func(context.Context, *target, *rand.Rand) {
	return func(ctx context.Context, t *target, _ *rand.Rand) {
		conn, closed, err := dial(ctx, t)
		if err != nil {
			return
		}
		defer closed()
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(1)
		}
		if _, err := io.WriteString(conn, begin); err == nil {
			pause(ctx, 20*time.Second)
		}
	}
}

// halfClose says that it sends nothing more, and does not read.
func halfClose(ctx context.Context, t *target, r *rand.Rand) {
	conn, closed, err := dial(ctx, t)
	if err != nil {
		return
	}
	defer closed()
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", t.paths[r.IntN(len(t.paths))])
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	pause(ctx, 5*time.Second)
}

// garbage holds beginnings that are not requests.
var garbage = []string{
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
	"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
	"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
		"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
	"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST /webhook HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n",
	"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nRange: bytes=" + strings.Repeat("0-,", 1000) + "\r\n\r\n",
	"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: " + strings.Repeat("gzip;q=0.5,", 500) + "\r\n\r\n",
	"GET /" + strings.Repeat("a", 100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x00\xff\r\n\r\n",
	"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
	"GET /metrics HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
}

func garble(ctx context.Context, t *target, r *rand.Rand) {
	conn, closed, err := dial(ctx, t)
	if err != nil {
		return
	}
	defer closed()
	if _, err := io.WriteString(conn, garbage[r.IntN(len(garbage))]); err == nil {
		pause(ctx, time.Duration(r.IntN(500))*time.Millisecond)
	}
}

// hurry asks one thing after another, each on a connection of its own.
func hurry(ctx context.Context, t *target, r *rand.Rand) {
	conn, closed, err := dial(ctx, t)
	if err != nil {
		return
	}
	defer closed()
	path := t.paths[r.IntN(len(t.paths))]
	if strings.HasSuffix(path, "/analytics") {
		path += fmt.Sprintf("?last=%dh&granularity=%s&format=%s", 1+r.IntN(400),
			[]string{"minute", "hour", "day"}[r.IntN(3)], []string{"json", "csv", "parquet"}[r.IntN(3)])
	}
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path)
	if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

// pause reports whether ctx lasts for so long.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(length):
		return true
	}
}
