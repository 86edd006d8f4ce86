package exporter_test

import (
	"net/http"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
)

// NATS down at the start: the exporter serves /metrics, says that it is not
// connected, and continues when the server is up.
func TestFaultNoNATSAtStart(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	in.stopServer()
	p := in.start()
	await(t, "/metrics", p.shows(0, catalog.NATSConnected))
	await(t, "the log message", p.has("NATS does not answer, retrying", "nobody listens there: start the server"))
	status, body := p.get("/-/ready")
	for _, want := range []string{
		"partition 0 waits for its stream", "connect to nats at " + in.server.URL(),
		"nobody listens there: start the server", "--nats.url sets the address",
	} {
		if status != http.StatusServiceUnavailable || !strings.Contains(body, want) {
			t.Errorf("/-/ready has status %d and does not say %q:\n%s", status, want, body)
		}
	}
	p.proves("NATS does not run when the exporter starts")
	if _, shown := p.value(catalog.Stages); shown {
		t.Error("numbers are shown")
	}
	in.startServer()
	await(t, "the events", p.shows(3, catalog.Stages, "stage", "sent"))
	await(t, "the connection", p.shows(1, catalog.NATSConnected))
}

// NATS restarted: the numbers stay on /metrics meanwhile, and counting
// continues afterwards.
func TestFaultNATSRestarted(t *testing.T) {
	in := install(t, 1)
	in.send(1, 5)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(5)
	r.healthy()

	in.stopServer()
	r.await("the disconnection", func() bool { return r.value(catalog.NATSConnected) == 0 })
	r.await("the log message", func() bool { return r.log.has("reading stopped, retrying", "connection lost") })
	r.shows(5, catalog.Stages, "stage", "sent")
	r.proves("NATS stops, or restarts")
	in.startServer()
	in.send(6, 9)
	r.awaitSent(9)
	r.shows(1, catalog.NATSConnected)
	r.shows(1, catalog.NATSReconnects)
	r.shows(1, catalog.FenceOK)
	r.shows(0, catalog.EventsDuplicate)
}
