package nats

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// patience bounds what a test waits for. It is reached only by a test that fails.
const patience = time.Minute

// errEnough ends a read once the test has what it wanted.
var errEnough = errors.New("enough")

// body has the size of an ordinary event.
var body = []byte(`{"eventId":"` + strings.Repeat("x", 580) + `"}`)

// testServer wraps an embedded server that can be restarted on its directory and port.
type testServer struct {
	*Server
	tb      testing.TB
	options ServerOptions
	down    bool
}

func startServer(tb testing.TB) *testServer {
	tb.Helper()
	s := &testServer{tb: tb, options: ServerOptions{StoreDir: tb.TempDir()}}
	s.up()
	tb.Cleanup(s.stop)
	if _, err := fmt.Sscanf(s.URL(), "nats://127.0.0.1:%d", &s.options.Port); err != nil {
		tb.Fatal(err)
	}
	return s
}

func (s *testServer) up() {
	s.tb.Helper()
	srv, err := StartServer(s.tb.Context(), s.options)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.Server, s.down = srv, false
}

func (s *testServer) stop() {
	if s.down {
		return
	}
	s.down = true
	if err := s.Shutdown(); err != nil {
		s.tb.Error(err)
	}
}

func (s *testServer) restart() {
	s.tb.Helper()
	s.stop()
	s.up()
}

func connect(tb testing.TB, o Options) *natsgo.Conn {
	tb.Helper()
	nc, err := Connect(within(tb, patience), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(nc.Close)
	return nc
}

// onePartition starts a server with the streams of an installation that has one partition.
func onePartition(tb testing.TB) (*testServer, *natsgo.Conn) {
	tb.Helper()
	srv := startServer(tb)
	nc := connect(tb, Options{URL: srv.URL()})
	if err := EnsureStreams(tb.Context(), nc, StreamOptions{Partitions: 1, MaxBytes: 2 << 30}); err != nil {
		tb.Fatal(err)
	}
	return srv, nc
}

func newPublisher(tb testing.TB, url string, o PublisherOptions) *Publisher {
	tb.Helper()
	o.Partitions = max(o.Partitions, 1)
	p, err := NewPublisher(within(tb, patience), Options{URL: url}, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = p.Close(expired()) })
	return p
}

// numbered returns the event for sequence n if everything before it was stored once and in order.
func numbered(n int) Event {
	return Event{
		ID: fmt.Sprintf("evt_%07d", n), Type: "notification.sent", Key: "usr_1", Data: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

// publishNumbered publishes the events from first to last.
func publishNumbered(tb testing.TB, p *Publisher, first, last int) {
	tb.Helper()
	ctx := within(tb, patience)
	for n := first; n <= last; n++ {
		if err := p.Publish(ctx, numbered(n)); err != nil {
			tb.Fatal(err)
		}
	}
}

func flush(tb testing.TB, p *Publisher) {
	tb.Helper()
	if err := p.Flush(within(tb, patience)); err != nil {
		tb.Fatal(err)
	}
}

// readTo reads a partition from one sequence to another and returns what it got.
func readTo(tb testing.TB, nc *natsgo.Conn, partition int, from, to uint64) []Message {
	tb.Helper()
	var all []Message
	options := ReadOptions{Stream: StreamName(partition), From: from}
	err := Read(within(tb, patience), nc, options, func(batch []Message) error {
		all = append(all, batch...)
		if all[len(all)-1].Sequence >= to {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		tb.Fatalf("after %d messages: %v", len(all), err)
	}
	return all
}

// checkNumbered fails unless the single partition holds the numbered events from 1 to last, once each and in order.
func checkNumbered(tb testing.TB, nc *natsgo.Conn, last int) {
	tb.Helper()
	checkNumberedIn(tb, nc, 0, last)
}

func checkNumberedIn(tb testing.TB, nc *natsgo.Conn, partition, last int) {
	tb.Helper()
	all := readTo(tb, nc, partition, 1, uint64(last))
	if len(all) != last {
		tb.Errorf("read %d messages, want %d", len(all), last)
	}
	for i, m := range all {
		if want := numbered(i + 1).Data; string(m.Data) != string(want) {
			tb.Fatalf("sequence %d holds %s, want %s", m.Sequence, m.Data, want)
		}
	}
	state, err := Info(within(tb, patience), nc, StreamName(partition))
	if err != nil || state.LastSequence != uint64(last) {
		tb.Errorf("stream ends at %d (%v), want %d", state.LastSequence, err, last)
	}
}

func streamState(tb testing.TB, nc *natsgo.Conn) StreamState {
	tb.Helper()
	state, err := Info(within(tb, patience), nc, StreamName(0))
	if err != nil {
		tb.Fatal(err)
	}
	return state
}

// jetStream returns the stream of the single partition, for what only an operator does to it.
func jetStream(tb testing.TB, nc *natsgo.Conn) jetstream.Stream {
	tb.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := js.Stream(within(tb, patience), StreamName(0))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func within(tb testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(tb.Context(), d)
	tb.Cleanup(cancel)
	return ctx
}

// expired returns a context that has ended, for calls that must not wait.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// await takes one value from a channel, or fails.
func await[T any](tb testing.TB, from <-chan T, what string) T {
	tb.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		tb.Fatalf("waited %s for %s", patience, what)
		panic("unreachable")
	}
}

// proxy stands between a client and a server, and can lose connections or go dumb.
type proxy struct {
	tb       testing.TB
	listener net.Listener
	server   string
	budget   func() int // how many bytes towards the server the next connection passes on before it is cut; 0: no end

	mu    sync.Mutex
	dumb  bool
	conns []net.Conn
	wait  sync.WaitGroup
}

func startProxy(tb testing.TB, serverURL string, budget func() int) *proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{tb: tb, listener: listener, server: strings.TrimPrefix(serverURL, "nats://"), budget: budget}
	p.wait.Go(p.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		p.cut()
		p.wait.Wait()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		budget := p.budget()
		p.mu.Unlock()
		p.wait.Go(func() { p.pass(client, server, 0) })
		p.wait.Go(func() { p.pass(server, client, budget) })
	}
}

// pass copies until an end closes or the budget is spent, in the middle of a message as likely as not.
func (p *proxy) pass(to, from net.Conn, budget int) {
	defer to.Close()
	defer from.Close()
	var source io.Reader = from
	if budget > 0 {
		source = io.LimitReader(from, int64(budget))
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := source.Read(buf)
		p.mu.Lock()
		dumb := p.dumb
		p.mu.Unlock()
		if !dumb {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// silence keeps the connections open and passes nothing on.
func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dumb = true
}
