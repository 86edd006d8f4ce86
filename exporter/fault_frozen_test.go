package exporter_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/nats"
)

// strait passes connections on to a server. While it is frozen they stay open, as does the
// door, but nothing passes: so is a server that is stopped by SIGSTOP, or whose disk hangs.
type strait struct {
	listener net.Listener
	server   string

	mu     sync.Mutex // held while it is frozen
	conns  []net.Conn
	passes sync.WaitGroup
}

func newStrait(t *testing.T, server string) *strait {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &strait{listener: listener, server: strings.TrimPrefix(server, "nats://")}
	s.passes.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

func (s *strait) url() string { return "nats://" + s.listener.Addr().String() }

func (s *strait) accept() {
	for {
		in, err := s.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", s.server)
		if err != nil {
			in.Close()
			continue
		}
		s.mu.Lock()
		s.conns = append(s.conns, in, out)
		s.mu.Unlock()
		s.passes.Go(func() { s.pass(in, out) })
		s.passes.Go(func() { s.pass(out, in) })
	}
}

// pass copies until one side closes, or nothing while the strait is frozen.
func (s *strait) pass(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		s.mu.Lock()
		_, failed := to.Write(buf[:n])
		s.mu.Unlock()
		if err != nil || failed != nil {
			return
		}
	}
}

func (s *strait) freeze() { s.mu.Lock() }

func (s *strait) thaw() { s.mu.Unlock() }

func (s *strait) close() {
	s.listener.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.passes.Wait()
}

// NATS frozen: the exporter notices by pings that are not answered, says so, keeps its
// numbers, and continues when NATS answers again.
func TestFaultNATSFrozen(t *testing.T) {
	in := install(t, 1)
	strait := newStrait(t, in.server.URL())
	nc, err := nats.Connect(t.Context(), nats.Options{
		URL: strait.url(), Status: in.status, PingInterval: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	direct := in.nc
	in.nc = nc
	in.send(1, 5)
	r := in.run(counting())
	defer r.stop()
	r.awaitSent(5)
	r.awaitReady()
	r.healthy()

	strait.freeze()
	r.await("the disconnection", func() bool { return r.value(catalog.NATSConnected) == 0 })
	r.shows(5, catalog.Stages, "stage", "sent")
	r.proves("NATS is frozen: connections stay open and nothing comes")
	in.nc = direct
	in.send(6, 9)
	strait.thaw()
	r.awaitSent(9)
	r.awaitReady()
	r.shows(0, catalog.EventsDuplicate)
}
