package recorder

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager/history"
	"belfry/nats"
)

// Alerts of the tests begin at start.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func minute(minutes float64) time.Time {
	return start.Add(time.Duration(minutes * float64(time.Minute)))
}

// world holds a recorder that polls when the test says so, a NATS server, and what the
// upstreams answer.
type world struct {
	*Recorder
	nc  *natsgo.Conn
	now time.Time
	log *buffer

	mu         sync.Mutex
	alerts     []map[string]any
	started    time.Time
	conditions []map[string]any // of the range
	holds      []map[string]any // now
	broken     map[string]bool  // upstreams that answer 500
}

func newWorld(t *testing.T) *world {
	w := &world{nc: connect(t), now: minute(0), log: &buffer{}, started: minute(-60), broken: map[string]bool{}}
	upstream := httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(upstream.Close)
	w.Recorder = newRecorder(t, Options{
		Alertmanager: upstream.URL + "/alertmanager/", Prometheus: upstream.URL + "/prometheus",
		Settle: DefaultSettle, Ignore: []string{"NotificationWatchdog"},
		Log: slog.New(slog.NewTextHandler(w.log, nil)), now: func() time.Time { return w.now },
	})
	return w
}

func newRecorder(t *testing.T, o Options) *Recorder {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// answered returns the answer of Prometheus to a query.
func answered(kind string, result any) map[string]any {
	return map[string]any{"status": "success", "data": map[string]any{"resultType": kind, "result": result}}
}

func connect(t *testing.T) *natsgo.Conn {
	t.Helper()
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: filepath.Join(t.TempDir(), "nats")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if err := nats.EnsureAlertStream(t.Context(), nc, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	return nc
}

// answer stands in for Alertmanager and Prometheus.
func (w *world) answer(to http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	server, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	var body any
	switch {
	case w.broken[server]:
		http.Error(to, "out of order", http.StatusInternalServerError)
		return
	case path == "api/v2/alerts":
		body = append([]map[string]any{}, w.alerts...)
	case path == "api/v2/status":
		body = map[string]any{"uptime": w.started}
	case strings.HasSuffix(r.FormValue("query"), "]"):
		body = answered("matrix", w.conditions)
	default:
		body = answered("vector", w.holds)
	}
	_ = json.NewEncoder(to).Encode(body)
}

// read opens the journal, as Run does.
func (w *world) read(t *testing.T) {
	t.Helper()
	j, err := history.OpenJournal(t.Context(), w.nc)
	if err != nil {
		t.Fatal(err)
	}
	w.journal.Store(j)
}

// pollAt polls at a minute.
func (w *world) pollAt(t *testing.T, minutes float64) {
	t.Helper()
	w.now = minute(minutes)
	w.poll(t.Context(), w.journal.Load())
}

// alert returns an alert as the API encodes it.
func alert(n int, state string, labels ...string) map[string]any {
	all := map[string]string{
		"alertname": "NotificationChannelDown", "rule": "NotificationChannelDown",
		"severity": "critical", "channel": "email",
	}
	for i := 0; i < len(labels); i += 2 {
		all[labels[i]] = labels[i+1]
	}
	return map[string]any{
		"fingerprint": fmt.Sprintf("%016x", n), "startsAt": start, "endsAt": minute(60), "labels": all,
		"annotations": map[string]string{"summary": "down"},
		"status":      map[string]any{"state": state, "silencedBy": []string{}, "inhibitedBy": []string{}},
	}
}

// sample returns the series of a condition, whose last sample is at a minute.
func sample(minutes float64, labels map[string]string) map[string]any {
	first, last := float64(start.Unix()), float64(minute(minutes).Unix())
	return map[string]any{"metric": labels, "values": []any{[]any{first, "1"}, []any{last, "1"}}}
}

// The labels of series of conditions.
var (
	emailDown  = conditionSeries("channel", "email")
	smsDown    = conditionSeries("channel", "sms")
	replicated = conditionSeries("channel", "email", "replica", "a")
)

func conditionSeries(more ...string) map[string]string {
	all := map[string]string{
		"__name__": "notification_alert_condition", "rule": "NotificationChannelDown", "severity": "critical",
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// story returns the records in the stream, one line each.
func story(t *testing.T, nc *natsgo.Conn) (lines []string) {
	t.Helper()
	err := nats.ReadAlerts(t.Context(), nc, 1, func(batch []nats.Message) error {
		for _, m := range batch {
			if r, err := history.Decode(m); err == nil {
				text := fmt.Sprintf("%s %s", strings.TrimLeft(r.Fingerprint, "0"), r.Transition)
				if r.Transition == history.Resolved {
					text += fmt.Sprintf(" after %g by %s", r.Seconds/60, r.EndedBy)
				}
				lines = append(lines, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func (w *world) wantStory(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, story(t, w.nc)); diff != "" {
		t.Errorf("story (-want +got):\n%s", diff)
	}
}

// metrics returns the series of the exposition that are about alerts and not 0.
func metrics(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var lines []string
	for _, l := range regexp.MustCompile(`(?m)^(notification|belfry)_.*$`).FindAllString(w.Body.String(), -1) {
		if !strings.HasSuffix(l, " 0") && !strings.Contains(l, "_bucket") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

func post(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, sentTo(body, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	return w
}

// sentTo returns a request as Alertmanager sends it to an address of the recorder.
func sentTo(body string, to net.Addr) *http.Request {
	request := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:9465/webhook", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	return request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, to))
}

// webhookMessage returns what Alertmanager posts to a webhook.
func webhookMessage(t *testing.T, status string, alerts ...map[string]any) string {
	t.Helper()
	var told []map[string]any
	for _, a := range alerts {
		m := map[string]any{"status": status}
		for _, key := range []string{"fingerprint", "startsAt", "endsAt", "labels", "annotations"} {
			m[key] = a[key]
		}
		told = append(told, m)
	}
	body, err := json.Marshal(map[string]any{"version": "4", "status": status, "alerts": told})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// buffer holds a log that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
