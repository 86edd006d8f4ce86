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

// DefaultSyncInterval sets how often the embedded server syncs its files to disk.
//
// If the process dies, nothing is lost: the operating system has what the server wrote. If the machine loses power,
// everything since the last sync is lost. NATS defaults to two minutes; ten seconds cost a few small writes more. A
// reader of the stream must be able to detect such a loss, because the server reuses the lost sequence numbers.
const DefaultSyncInterval = 10 * time.Second

// ServerOptions configures an embedded server. StoreDir is required.
type ServerOptions struct {
	// Port on 127.0.0.1; 0 takes a free one, see URL.
	Port int
	// StoreDir holds the streams. Only one server at a time can use it.
	StoreDir string
	// MaxStore limits what the streams together may reserve, in bytes; 0 means three quarters of the free disk.
	MaxStore int64
	// SyncInterval sets how often files are synced to disk; 0 means DefaultSyncInterval.
	SyncInterval time.Duration
	// Logger receives the server's log; nil discards it.
	Logger *slog.Logger
}

// Server runs NATS with JetStream inside this process, for small installations, the demo and tests.
// It listens on 127.0.0.1 only, without authentication: the machine is the boundary.
type Server struct {
	nats *server.Server
	lock *flock.Flock
}

// StartServer starts a server and returns when it has recovered its streams and accepts connections. It fails if the
// port is taken, the store directory is in use or ctx has ended by then.
func StartServer(ctx context.Context, o ServerOptions) (*Server, error) {
	if o.StoreDir == "" {
		return nil, errors.New("start nats server: set a store directory")
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

// start starts the server, which recovers every stream before it listens. It can be canceled before, and not during: to
// shut a server down while it starts is a data race in NATS, and would not end the recovery.
func (s *Server) start(ctx context.Context, log *serverLog) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.nats.Start()
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case fatal := <-log.fatal:
		return fmt.Errorf("%s: choose another port or store directory, or stop the program that uses it", fatal)
	default:
	}
	if !s.nats.ReadyForConnections(10 * time.Second) {
		return errors.New("it does not accept connections after 10 s: see its log")
	}
	return nil
}

// URL returns the address for clients on this machine, including this process. The server also offers connections
// inside the process, but those are unbuffered pipes: reading over them is a third slower than over TCP.
func (s *Server) URL() string { return s.nats.ClientURL() }

// Shutdown closes the connections, writes the streams to disk and releases the store directory. It returns when that is
// done.
func (s *Server) Shutdown() error {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
	return s.lock.Close()
}
