package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"

	"belfry/nats/dirlock"
)

// DefaultSyncInterval is how often the embedded server forces its files to the disk.
//
// A process that dies loses nothing, since the operating system has what the server wrote. A machine that
// loses power loses what came after the last sync: NATS's own default is two minutes, ours ten seconds,
// for which the disk pays some small writes. Whoever reads the stream must be able to notice such a loss, because the
// server gives the lost sequence numbers to other messages.
const DefaultSyncInterval = 10 * time.Second

// ServerOptions describes an embedded server. StoreDir is required.
type ServerOptions struct {
	// Port on 127.0.0.1; 0 lets the system choose a free one, which URL then names.
	Port int
	// StoreDir holds the streams. One server at a time may have it.
	StoreDir string
	// MaxStore is what the streams together may reserve, in bytes; 0 means three quarters of the free disk.
	MaxStore int64
	// SyncInterval is how often files are forced to the disk; 0 means DefaultSyncInterval.
	SyncInterval time.Duration
	// Logger gets the server's own log; nil discards it.
	Logger *slog.Logger
}

// Server is a NATS server with JetStream inside this process, for small installations, the demo and tests.
// It listens on 127.0.0.1 only, without authentication: the machine is the boundary.
type Server struct {
	nats *server.Server
	lock *flock.Flock
}

// StartServer starts a server and returns when it takes connections, streams recovered.
// A port that is taken and a store directory that is in use are errors which say so.
func StartServer(ctx context.Context, o ServerOptions) (*Server, error) {
	if o.StoreDir == "" {
		return nil, errors.New("start nats server: no store directory given")
	}
	if err := os.MkdirAll(o.StoreDir, 0o700); err != nil {
		return nil, fmt.Errorf("start nats server: make the store directory: %w", err)
	}
	lock, err := dirlock.Acquire(o.StoreDir)
	if err != nil {
		return nil, fmt.Errorf("start nats server: %w", err)
	}
	log := newServerLog(o.Logger)
	srv, err := server.NewServer(serverOptions(o))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start nats server: %w", err), lock.Close())
	}
	srv.SetLoggerV2(log, false, false, false)
	s := &Server{nats: srv, lock: lock}
	if err := s.start(ctx, log); err != nil {
		return nil, errors.Join(fmt.Errorf("start nats server: %w", err), s.Shutdown())
	}
	return s, nil
}

func serverOptions(o ServerOptions) *server.Options {
	port := o.Port
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return &server.Options{
		ServerName:        "belfry",
		Host:              "127.0.0.1",
		Port:              port,
		JetStream:         true,
		StoreDir:          o.StoreDir,
		JetStreamMaxStore: o.MaxStore,
		SyncInterval:      cmp.Or(o.SyncInterval, DefaultSyncInterval),
		NoSigs:            true,
	}
}

// start runs the server's start, which recovers every stream before it listens, and waits for its outcome.
func (s *Server) start(ctx context.Context, log *serverLog) error {
	started := make(chan struct{})
	go func() {
		defer close(started)
		s.nats.Start()
	}()
	select {
	case <-ctx.Done():
		s.nats.Shutdown()
		<-started
		return ctx.Err()
	case <-started:
	}
	select {
	case fatal := <-log.fatal:
		return fmt.Errorf("%s; choose another port or store directory, or stop the program that has it", fatal)
	default:
	}
	if !s.nats.ReadyForConnections(10 * time.Second) {
		return errors.New("it does not take connections after 10 s; its log says why")
	}
	return nil
}

// URL is where clients on this machine, and in this process, reach the server. The server also offers connections
// that never leave the process, but these are pipes without a buffer: reading is a third slower over them than over TCP.
func (s *Server) URL() string { return s.nats.ClientURL() }

// Shutdown closes the connections, writes the streams to disk and gives the store directory free.
// It returns when that is done.
func (s *Server) Shutdown() error {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
	return s.lock.Close()
}
