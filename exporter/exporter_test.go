package exporter_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// installation holds a NATS server, a stream configuration and a state
// directory for exporters to share.
type installation struct {
	t      *testing.T
	config *exporter.Config
	store  string // of the server
	server *nats.Server
	nc     *natsgo.Conn
	status *nats.Status
	state  string
	before string // what was shown before a fault
}

func install(t *testing.T, partitions int) *installation {
	t.Helper()
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.Partitions, config.PartitionsNamed, config.Stream.MaxBytes = partitions, true, 64<<20
	in := &installation{t: t, config: config, store: t.TempDir(), status: &nats.Status{}, state: t.TempDir()}
	in.connect()
	if err := nats.EnsureStreams(t.Context(), in.nc, config.StreamOptions()); err != nil {
		t.Fatal(err)
	}
	return in
}

// connect starts the server and connects to it.
func (in *installation) connect() {
	in.t.Helper()
	var err error
	if in.server, err = nats.StartServer(in.t.Context(), nats.ServerOptions{StoreDir: in.store}); err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { in.server.Shutdown() })
	if in.nc, err = nats.Connect(in.t.Context(), nats.Options{URL: in.server.URL(), Status: in.status}); err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(in.nc.Close)
}

// publish publishes one message and waits until the server has stored it.
func (in *installation) publish(partition int, event, body string) {
	in.t.Helper()
	js, err := in.nc.JetStream()
	if err != nil {
		in.t.Fatal(err)
	}
	if _, err := js.Publish(fmt.Sprintf("notify.%d.%s", partition, event), []byte(body)); err != nil {
		in.t.Fatal(err)
	}
}

// testKey serves all exporters of the tests as user key.
var testKey = []byte("a key of the tests, 32 bytes long")

// running holds a running exporter.
type running struct {
	*exporter.Exporter
	in   *installation
	t    *testing.T
	log  *journal
	http *httptest.Server
	end  func() error
}

// stop shuts the exporter down.
func (r *running) stop() {
	r.t.Helper()
	if err := r.end(); err != nil {
		r.t.Errorf("stop: %v", err)
	}
}

func (in *installation) run(o exporter.Options) *running {
	in.t.Helper()
	log := &journal{}
	o.StateDir, o.UserKey = in.state, testKey
	o.Lifecycle, o.Profiles = true, true
	o.Status, o.Log = in.status, cmp.Or(o.Log, log.logger())
	e, err := exporter.New(in.config, o)
	if err != nil {
		in.t.Fatal(err)
	}
	handler := e.Handler()
	ctx, cancel := context.WithCancel(in.t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, in.nc) }()
	r := &running{Exporter: e, in: in, t: in.t, log: log, http: httptest.NewServer(handler)}
	r.end = func() error {
		cancel()
		defer r.http.Close()
		return errors.Join(<-done, e.Close())
	}
	return r
}

// value returns the sum of the series of a family whose labels include the
// pairs.
func (r *running) value(m catalog.Metric, pairs ...string) float64 {
	r.t.Helper()
	families, err := r.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == m.Desc().Name {
			sum, _ := sumOf(f, pairs)
			return sum
		}
	}
	return 0
}

func contains(labels []*dto.LabelPair, pairs []string) bool {
	for i := 0; i < len(pairs); i += 2 {
		found := false
		for _, l := range labels {
			found = found || l.GetName() == pairs[i] && l.GetValue() == pairs[i+1]
		}
		if !found {
			return false
		}
	}
	return true
}

func (r *running) await(what string, holds func() bool) {
	r.t.Helper()
	await(r.t, what, holds)
}

// await polls until the condition holds, at increasing intervals.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !poll(holds) {
		t.Fatalf("timed out after a minute waiting for %s", what)
	}
}

// poll reports whether the condition holds within a minute.
func poll(holds func() bool) bool {
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for wait := time.Millisecond; !holds(); wait = min(2*wait, 50*time.Millisecond) {
		select {
		case <-time.After(wait):
		case <-deadline.C:
			return false
		}
	}
	return true
}

func (r *running) get(path, accept string) (int, string) {
	r.t.Helper()
	return r.request(http.MethodGet, path, accept)
}

func (r *running) post(path string) (int, string) {
	r.t.Helper()
	return r.request(http.MethodPost, path, "")
}

func (r *running) request(method, path, accept string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.http.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func sent(id string) string {
	return fmt.Sprintf(`{"eventId":"s-%s","eventType":"notification.sent","timestamp":%q,"notificationId":%q,`+
		`"userId":"u1","data":{"channel":"email","category":"c","priority":"low","templateId":"t","provider":"ses"}}`,
		id, time.Now().Format(time.RFC3339Nano), id)
}

// delivered returns the delivered event of a notification.
func delivered(id string) string {
	return strings.NewReplacer("notification.sent", "notification.delivered", `"s-`, `"d-`).Replace(sent(id))
}

func TestEventsBecomeMetricsAndARestartCountsTheSame(t *testing.T) {
	in := install(t, 2)
	for i := range 50 {
		in.publish(i%2, "sent", sent(fmt.Sprint("n", i)))
	}
	for round := range 2 {
		r := in.run(exporter.Options{})
		r.await("both partitions to catch up", func() bool { ready, _ := r.Ready(); return ready })
		if got := r.value(catalog.Stages, "stage", "sent", "channel", "email"); got != 50 {
			t.Errorf("round %d: %v notifications sent, want 50", round, got)
		}
		// The key u1 belongs to one of the two partitions.
		if got := r.value(catalog.EventsMisrouted); got != 25 {
			t.Errorf("round %d: %v misrouted, want 25", round, got)
		}
		r.stop()
	}
}

// Every message is counted, whatever it contains, and valid events after it
// too.
func TestHostileMessagesAreCountedAndStopNothing(t *testing.T) {
	in := install(t, 1)
	hostile := []string{
		"", "null", "[]", `{"eventId":`, "\xff\xfe", strings.Repeat("[", 10_000), `{"eventType":"notification.sent"}`,
		`{"eventId":"e","eventType":"x","timestamp":"2026-01-01T00:00:00Z"}`, strings.Repeat("x", 200<<10),
		`{"eventId":"` + strings.Repeat("i", 10_000) + `","eventType":"notification.sent"}`,
		strings.Replace(sent("future"), time.Now().Format("2006"), "2099", 1),
		strings.Replace(sent("nan"), `"c"`, "NaN", 1),
	}
	for _, body := range hostile {
		in.publish(0, "sent", body)
	}
	in.publish(0, "sent", sent("good"))
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("the valid event", func() bool { return r.value(catalog.Stages, "stage", "sent") == 1 })
	if got := r.value(catalog.EventsRejected); got != float64(len(hostile)) {
		t.Errorf("%v rejected, want %d", got, len(hostile))
	}
	line := fmt.Sprintf("partition 0: %d events were rejected: belfry deadletters list shows", len(hostile))
	if _, landing := r.get("/", ""); !strings.Contains(landing, line) {
		t.Errorf("the landing page does not say %s:\n%s", line, landing)
	}
	r.proves("messages are empty, cut off, nested 10,000 deep or 200 kB long")
}

// protobuf names the media type of the protobuf exposition.
const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

func TestEndpoints(t *testing.T) {
	in := install(t, 1)
	in.publish(0, "sent", sent("n1"))
	r := in.run(exporter.Options{})
	defer r.stop()
	r.await("readiness", func() bool { status, _ := r.get("/-/ready", ""); return status == http.StatusOK })
	for _, path := range []string{"/", "/-/healthy", "/debug/pprof/"} {
		if status, _ := r.get(path, ""); status != http.StatusOK {
			t.Errorf("GET %s: status %d", path, status)
		}
	}
	if status, _ := r.get("/nothing", ""); status != http.StatusNotFound {
		t.Errorf("GET /nothing: status %d", status)
	}
	_, text := r.get("/metrics", "application/openmetrics-text;version=1.0.0")
	if strings.Contains(text, "_created") || !strings.HasSuffix(text, "# EOF\n") {
		t.Error("OpenMetrics text must end in # EOF and have no created timestamps, which would be stored as series")
	}
	_, binary := r.get("/metrics", protobuf)
	if !strings.Contains(binary, catalog.Stages.Name) || strings.Contains(binary, "# HELP") {
		t.Error("no protobuf exposition")
	}
}

func TestAPartitionThatIsNotConfiguredIsRefused(t *testing.T) {
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.Partitions, config.PartitionsNamed = 4, true
	_, err = exporter.New(config, exporter.Options{
		StateDir: t.TempDir(), UserKey: []byte("k"), Partitions: []int{4},
	})
	if err == nil || !strings.Contains(err.Error(), "there are 4, numbered from 0") {
		t.Errorf("partition 4 of 4: error %v", err)
	}
}
