package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager/history"
	"belfry/nats"
)

func TestTimeToResolveEndsWithTheCondition(t *testing.T) {
	for name, tc := range map[string]struct {
		conditions, holds []map[string]any
		want              string
	}{
		"ended before the cooldown": {[]map[string]any{sample(10, emailDown)}, nil, "1 resolved after 10 by condition"},
		"not recorded":              {nil, nil, "1 resolved after 40 by alert"},
		"that of another channel":   {[]map[string]any{sample(10, smsDown)}, nil, "1 resolved after 40 by alert"},
		"kept up by another alert": {
			[]map[string]any{sample(39, emailDown)}, []map[string]any{{"metric": emailDown, "value": []any{1, "1"}}},
			"1 resolved after 40 by alert",
		},
		"from before this alert": {[]map[string]any{sample(-5, emailDown)}, nil, "1 resolved after 40 by alert"},
		"with a label of Prometheus": {
			[]map[string]any{sample(10, replicated)}, nil, "1 resolved after 10 by condition",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.read(t)
			w.alerts, w.conditions, w.holds = []map[string]any{alert(1, "active")}, tc.conditions, tc.holds
			w.pollAt(t, 1)
			w.alerts = nil
			w.pollAt(t, 40)
			w.wantStory(t, "1 active", tc.want)
		})
	}
}

// The end of a condition is known even if Prometheus or the recorder was down when it
// came.
func TestOutagesAreCaughtUpWith(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active"), alert(2, "active", "channel", "sms")}
	w.pollAt(t, 1)
	w.broken["prometheus"] = true
	w.alerts = w.alerts[:1]
	w.pollAt(t, 8)
	w.broken["prometheus"] = false
	w.alerts, w.conditions = nil, []map[string]any{sample(5, emailDown)}
	w.pollAt(t, 20)
	w.wantStory(t, "1 active", "2 active", "2 resolved after 8 by alert, Prometheus did not answer",
		"1 resolved after 5 by condition")
}

// The first query reaches back to the oldest alert that fires, the next one to the
// answer before.
func TestQueriesReachBack(t *testing.T) {
	var queries []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.FormValue("query"))
		if len(queries) == 5 { // the first of the third round
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		kind := map[bool]string{true: "matrix", false: "vector"}[strings.HasSuffix(r.FormValue("query"), "]")]
		_ = json.NewEncoder(w).Encode(answered(kind, []any{}))
	}))
	defer server.Close()
	r := newRecorder(t, Options{Prometheus: server.URL})
	long := []*history.Alert{{Began: minute(-30)}, {Began: minute(-10)}}
	for _, minutes := range []float64{0, 1, 2, 3} {
		r.conditions.refresh(t.Context(), minute(minutes), long)
	}
	r.conditions.upTo = minute(-10_000)
	r.conditions.refresh(t.Context(), minute(4), nil)
	const name = "notification_alert_condition"
	want := []string{name + "[1860000ms]", name, name + "[120000ms]", name, name + "[120000ms]", name + "[180000ms]",
		name, name + "[86400000ms]", name}
	if diff := cmp.Diff(want, queries); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Alertmanager keeps alerts in memory: after its start it lacks them until
// Prometheus sends them again.
func TestAStartOfAlertmanagerResolvesNothing(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active"), alert(2, "active")}
	w.pollAt(t, 1)
	w.alerts, w.started = nil, minute(5)
	w.pollAt(t, 5.1)
	w.pollAt(t, 7.9)
	w.wantStory(t, "1 active", "2 active")
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 8)
	w.wantStory(t, "1 active", "2 active", "2 resolved after 8 by alert")
}

// Without a time to settle, what Alertmanager lacks is resolved at once.
func TestZeroIsATimeToSettle(t *testing.T) {
	w := newWorld(t)
	w.Recorder = newRecorder(t, Options{
		Alertmanager: w.o.Alertmanager, Prometheus: w.o.Prometheus, Settle: 0, now: w.o.now,
	})
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 1)
	w.alerts, w.started = nil, minute(5)
	w.pollAt(t, 5)
	w.wantStory(t, "1 active", "1 resolved after 5 by alert")
}

func TestTheWatchdogIsIgnored(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	watchdog := alert(9, "active", "alertname", "NotificationWatchdog")
	w.alerts = []map[string]any{watchdog}
	w.pollAt(t, 1)
	if got := post(w.Handler(), webhookMessage(t, "firing", watchdog)); got.Code != http.StatusOK {
		t.Errorf("webhook: %d %s", got.Code, got.Body)
	}
	w.wantStory(t)
}

func TestAnUpstreamThatIsDownIsLoggedOnce(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 1)
	w.broken["alertmanager"], w.broken["prometheus"] = true, true
	w.pollAt(t, 2)
	w.pollAt(t, 3)
	w.pollAt(t, 4)
	w.wantStory(t, "1 active") // and nothing is over because nobody answers
	want := strings.Join([]string{
		fmt.Sprintf(`belfry_alerts_last_poll_timestamp_seconds{upstream="alertmanager"} %v`, float64(minute(1).Unix())),
		fmt.Sprintf(`belfry_alerts_last_poll_timestamp_seconds{upstream="prometheus"} %v`, float64(minute(1).Unix())),
		`belfry_alerts_poll_failures_total{upstream="alertmanager"} 3`,
		`belfry_alerts_poll_failures_total{upstream="prometheus"} 3`,
	}, "\n")
	if diff := cmp.Diff(want, metrics(t, w.Handler())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.broken["alertmanager"], w.broken["prometheus"] = false, false
	w.pollAt(t, 5)
	w.pollAt(t, 6)
	for _, said := range []string{
		`msg="alertmanager does not answer, trying again"`, `500 Internal Server Error: out of order`,
		`msg="alertmanager answers again"`, `msg="prometheus does not answer, trying again"`,
		`msg="prometheus answers again"`,
	} {
		want := 1
		if strings.HasPrefix(said, "500") {
			want = 2
		}
		if got := strings.Count(w.log.String(), said); got != want {
			t.Errorf("the log says %d times %s:\n%s", got, said, w.log)
		}
	}
}

// While NATS is down nothing is lost: the next poll writes what still holds, and
// Alertmanager is asked to send its message again.
func TestWritesAreRetried(t *testing.T) {
	dir := t.TempDir()
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Shutdown() }()
	w := newWorld(t)
	w.nc, err = nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.nc.Close()
	if err := nats.EnsureAlertStream(t.Context(), w.nc, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	w.read(t)
	var port int
	if _, err := fmt.Sscanf(server.URL(), "nats://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 1)
	w.pollAt(t, 2)
	if got := post(w.Handler(), webhookMessage(t, "firing", alert(2, ""))); got.Code != http.StatusServiceUnavailable {
		t.Errorf("webhook: %d %s", got.Code, got.Body)
	}
	if got := metrics(t, w.Handler()); !strings.Contains(got, "belfry_alerts_write_failures_total 3") {
		t.Errorf("metrics:\n%s", got)
	}
	server, err = nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: dir, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	ready := w.nc.StatusChanged(natsgo.CONNECTED)
	if !w.nc.IsConnected() {
		<-ready
	}
	w.pollAt(t, 3)
	w.wantStory(t, "1 active")
	for _, text := range []string{
		"cannot write the history of alerts, trying again", "history of alerts is written again",
	} {
		if got := strings.Count(w.log.String(), text); got != 1 {
			t.Errorf("the log says %d times %s:\n%s", got, text, w.log)
		}
	}
}

// A stream that was deleted and created again is read from its beginning, and what
// fires is written to it.
func TestAReplacedStreamIsReadAgain(t *testing.T) {
	w := newWorld(t)
	w.o.Interval = 20 * time.Millisecond
	w.alerts = []map[string]any{alert(1, "active")}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx, w.nc) }()
	written := func() bool {
		j := w.journal.Load()
		return j != nil && len(j.Firing()) == 1 && len(story(t, w.nc)) == 1
	}
	await(t, "the alert is written", written)
	first := w.journal.Load()
	js, err := w.nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(nats.AlertStream); err != nil {
		t.Fatal(err)
	}
	if err := nats.EnsureAlertStream(t.Context(), w.nc, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the new stream is read, and the alert is written to it",
		func() bool { return w.journal.Load() != first && written() })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWebhookAndPollWriteOnce(t *testing.T) {
	w := newWorld(t)
	if got := post(w.Handler(), webhookMessage(t, "firing", alert(1, ""))); got.Code != http.StatusServiceUnavailable {
		t.Errorf("before the history is read: %d %s", got.Code, got.Body)
	}
	w.read(t)
	one := alert(1, "active")
	w.alerts = []map[string]any{one}
	w.now = minute(1)
	for range 2 {
		if got := post(w.Handler(), webhookMessage(t, "firing", one)); got.Code != http.StatusOK {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		w.pollAt(t, 1)
	}
	w.alerts, w.conditions = nil, []map[string]any{sample(4, emailDown)}
	one["endsAt"] = minute(9)
	w.now = minute(10)
	for range 2 {
		if got := post(w.Handler(), webhookMessage(t, "resolved", one)); got.Code != http.StatusOK {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		w.pollAt(t, 10)
	}
	w.wantStory(t, "1 active", "1 resolved after 4 by condition")
}

func TestWebhookRefuses(t *testing.T) {
	w := newWorld(t)
	w.read(t)
	nameless := alert(1, "")
	nameless["labels"] = map[string]string{}
	elsewhere := alert(1, "")
	elsewhere["fingerprint"] = "totals"
	startless := alert(1, "")
	delete(startless, "startsAt")
	one := "alert " + nameless["fingerprint"].(string)
	for body, want := range map[string]string{
		"alerts":                               "not a message of Alertmanager's webhook: invalid character 'a' looking for beginning of value",
		"":                                     "not a message of Alertmanager's webhook: the body is empty",
		webhookMessage(t, "firing", nameless):  one + " has no name: send the label alertname",
		webhookMessage(t, "firing", startless): one + " has no start: send startsAt",
		webhookMessage(t, "firing", elsewhere): `invalid fingerprint "totals": send 16 hexadecimal digits in lower case`,
	} {
		if got := post(w.Handler(), body); got.Code != http.StatusBadRequest || got.Body.String() != want+"\n" {
			t.Errorf("%d %s, want %s", got.Code, got.Body, want)
		}
	}
	w.wantStory(t)
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	get := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		w.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code, answer.Body.String()
	}
	if got := metrics(t, w.Handler()); strings.Contains(got, "notification_") {
		t.Errorf("before the history is read there are counters:\n%s", got)
	}
	for path, want := range map[string]int{
		"/": 200, "/healthz": 200, "/-/healthy": 200, "/readyz": 503, "/-/ready": 503, "/else": 404,
	} {
		if code, body := get(path); code != want {
			t.Errorf("%s: %d, want %d: %s", path, code, want, body)
		}
	}
	w.read(t)
	w.alerts = []map[string]any{alert(1, "active")}
	w.pollAt(t, 1)
	for path, want := range map[string]string{
		"/": "Firing: 1, acknowledged: 0", "/readyz": "ready\n", "/-/ready": "ready\n",
	} {
		if code, body := get(path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, %s", path, code, body)
		}
	}
}
