package deploy_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"

	"belfry/nats"
)

// The server that compose runs has room for the streams, whatever the disk, and lets
// nobody empty or delete them.
func TestNATSConfig(t *testing.T) {
	connection := startNATS(t)
	if err := nats.EnsureStreams(t.Context(), connection, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := nats.EnsureAlertStream(t.Context(), connection, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	stream := nats.StreamName(0)
	for _, subject := range []string{"$JS.API.STREAM.PURGE.", "$JS.API.STREAM.DELETE.", "$JS.API.STREAM.MSG.DELETE."} {
		_, err := connection.Request(subject+stream, nil, 200*time.Millisecond)
		if err == nil {
			t.Errorf("%s%s was answered", subject, stream)
		}
		if refused := connection.LastError(); !errors.Is(refused, natsgo.ErrPermissionViolation) {
			t.Errorf("%s%s: %v, want a permissions violation", subject, stream, refused)
		}
	}
	if _, err := nats.Info(t.Context(), connection, stream); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
}

func startNATS(t *testing.T) *natsgo.Conn {
	t.Helper()
	options, err := server.ProcessConfigFile("nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.HTTPPort = "127.0.0.1", server.RANDOM_PORT, 0
	options.StoreDir = t.TempDir()
	options.NoSigs = true
	connection, err := natsgo.Connect(run(t, options).ClientURL(),
		natsgo.ErrorHandler(func(*natsgo.Conn, *natsgo.Subscription, error) {})) // the test reads LastError instead
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	return connection
}

// run runs a server until the test ends.
func run(t *testing.T, options *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server takes no connections")
	}
	return s
}
