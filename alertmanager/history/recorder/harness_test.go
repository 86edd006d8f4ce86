package recorder

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager/history"
	"belfry/deploy/stack"
	"belfry/nats"
)

// A recorder polls a real Alertmanager and receives its webhook. Each part of the
// story begins where the one before has ended.
func TestRealAlertmanager(t *testing.T) {
	h := newHarness(t)
	email := labelMap("alertname", "NotificationChannelDown", "rule", "NotificationChannelDown", "severity", "critical",
		"channel", "email", "job", "eu")
	sms := labelMap("alertname", "SmsFailuresHigh", "rule", "sms-failures", "severity", "warning", "channel", "sms",
		"job", "us")
	exporter := labelMap("alertname", "NotificationExporterDown", "rule", "NotificationExporterDown", "severity",
		"critical", "job", "eu")
	quota := labelMap("alertname", "NotificationProviderQuotaForecast", "rule", "NotificationProviderQuotaForecast",
		"severity", "warning", "job", "us")

	h.part("two alerts fire", func() { h.fire(email, sms) },
		"NotificationChannelDown active", "SmsFailuresHigh active")
	silence := ""
	h.part("one is silenced", func() { silence = h.silence(sms) },
		"SmsFailuresHigh suppressed")
	h.part("the silence ends", func() { h.unsilence(silence) },
		"SmsFailuresHigh active")
	h.part("one is inhibited", func() { h.fire(exporter) },
		"NotificationExporterDown active", "NotificationChannelDown suppressed")
	h.part("the inhibition ends", func() { h.resolve(exporter) },
		"NotificationExporterDown resolved", "NotificationChannelDown active")

	const (
		emailAcknowledged = `notification_alert_acknowledged{alertname="NotificationChannelDown",` +
			`channel="email",rule="NotificationChannelDown"} 1`
		smsAcknowledged = `notification_alert_acknowledged{alertname="SmsFailuresHigh",` +
			`channel="sms",rule="sms-failures"} 1`
	)
	h.part("both are acknowledged, by another program", func() {
		h.acknowledge("NotificationChannelDown", 2*time.Hour)
		h.acknowledge("SmsFailuresHigh", 2*time.Second)
		h.awaitMetric(emailAcknowledged, true)
		h.awaitMetric(smsAcknowledged, true)
	}, "NotificationChannelDown acknowledged", "SmsFailuresHigh acknowledged", "SmsFailuresHigh expired")
	h.awaitMetric(`notification_alert_acknowledged{alertname="SmsFailuresHigh"`, false)

	before := h.counters()
	h.part("alerts change while the recorder is down", func() {
		h.kill()
		h.resolve(sms)
		h.fire(quota)
		h.run()
	}, "SmsFailuresHigh resolved", "NotificationProviderQuotaForecast active")
	h.awaitMetric(emailAcknowledged, true)
	for name, value := range before {
		if now := h.counters()[name]; now < value {
			t.Errorf("%s went from %g down to %g", name, value, now)
		}
	}

	h.part("Alertmanager is down", func() {
		h.alertmanager.Stop()
		h.awaitMetric(`belfry_alerts_poll_failures_total{upstream="alertmanager"}`, true)
		h.awaitLog("alertmanager does not answer")
		h.startAlertmanager()
		h.fire(email, quota) // as Prometheus would, and the recorder does not take them for resolved until then
		h.awaitLog("alertmanager answers again")
	})
	h.part("all are resolved", func() { h.resolve(email, quota) },
		"NotificationChannelDown resolved", "NotificationProviderQuotaForecast resolved")
	h.awaitMetric(`notification_alert_acknowledged{`, false)
	h.awaitMetric(`notification_alert_seconds_to_resolve_count{severity="critical"} 2`, true)
	h.awaitMetric(`notification_alert_seconds_to_resolve_count{severity="warning"} 2`, true)
	h.awaitMetric(`notification_alert_seconds_to_acknowledge_count{severity="critical"} 1`, true)
	h.checkRecords(email)
	if h.messages.Load() == 0 {
		t.Error("the webhook was not called: only the poll was put to the test")
	}
}

func (h *harness) awaitLog(text string) {
	h.t.Helper()
	await(h.t, "the log says that "+text, func() bool { return strings.Contains(h.log.String(), text) })
}

// checkRecords checks what the lines of the story leave out.
func (h *harness) checkRecords(resolved map[string]string) {
	h.t.Helper()
	for _, r := range h.records {
		if r.Transition == history.Suppressed && len(r.SilencedBy)+len(r.InhibitedBy) != 1 {
			h.t.Errorf("suppressed by %v and %v", r.SilencedBy, r.InhibitedBy)
		}
		if r.Transition == history.Acknowledged && (r.By != "ana" || r.Comment != "on it" || r.Until == nil) {
			h.t.Errorf("acknowledged: %+v", r)
		}
		if r.Transition == history.Resolved && cmp.Equal(r.Labels, resolved) {
			if r.EndedBy != history.ByCondition || r.Seconds < 29.9 || r.Seconds > 30.1 {
				h.t.Errorf("resolved after %g s by %s, want the 30 s that the condition held", r.Seconds, r.EndedBy)
			}
		}
	}
}

// harness runs an Alertmanager, a NATS server and a recorder that can be killed.
type harness struct {
	t            *testing.T
	dir          string
	port         int
	alertmanager *stack.Server
	prometheus   *httptest.Server
	nc           *natsgo.Conn
	webhook      *httptest.Server
	messages     atomic.Int64                 // to the webhook
	handler      atomic.Pointer[http.Handler] // of the recorder that runs
	kill         func()
	log          *buffer
	began        time.Time

	told    chan *history.Record
	records []*history.Record
}

func newHarness(t *testing.T) *harness {
	h := &harness{
		t: t, dir: t.TempDir(), nc: connect(t), log: &buffer{}, told: make(chan *history.Record, 100),
		began: time.Now().Add(-time.Minute).Truncate(time.Millisecond),
	}
	h.webhook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.messages.Add(1)
		(*h.handler.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(h.webhook.Close)
	h.prometheus = httptest.NewServer(http.HandlerFunc(h.answer))
	t.Cleanup(h.prometheus.Close)
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	h.port = port
	h.startAlertmanager()
	h.run()
	h.follow()
	return h
}

// answer reports one condition, which ended half a minute after the alerts began.
func (h *harness) answer(w http.ResponseWriter, r *http.Request) {
	kind, result := "vector", []any{}
	if strings.HasSuffix(r.FormValue("query"), "]") {
		kind = "matrix"
		last := float64(h.began.Add(30*time.Second).UnixMilli()) / 1000
		result = append(result, map[string]any{
			"metric": labelMap("rule", "NotificationChannelDown", "severity", "critical", "channel", "email"),
			"values": []any{[]any{last, "1"}},
		})
	}
	_ = json.NewEncoder(w).Encode(answered(kind, result))
}

const alertmanagerConfig = `
route: {receiver: recorder, group_by: [...], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: recorder, webhook_configs: [{url: '%s/webhook'}]}]
inhibit_rules:
  - source_matchers: ['alertname="NotificationExporterDown"']
    target_matchers: ['alertname!="NotificationExporterDown"']
    equal: [job]
`

func (h *harness) startAlertmanager() {
	h.t.Helper()
	programs, err := stack.Ensure(h.t.Context(), "", h.t.Output(), stack.Alertmanager)
	if err != nil {
		h.t.Fatal(err)
	}
	config := filepath.Join(h.dir, "alertmanager.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, alertmanagerConfig, h.webhook.URL), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.alertmanager, err = stack.StartAlertmanager(h.t.Context(), stack.Options{
		Binary: programs[stack.Alertmanager], ConfigFile: config, DataDir: filepath.Join(h.dir, "data"),
		Port: h.port, LogFile: filepath.Join(h.dir, "log"),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	server := h.alertmanager
	h.t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			h.t.Error(err)
		}
	})
}

// run starts a recorder and sets kill to end it.
func (h *harness) run() {
	r := newRecorder(h.t, Options{
		Alertmanager: h.alertmanager.URL, Prometheus: h.prometheus.URL,
		Interval: 50 * time.Millisecond, Settle: 3 * time.Second,
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
	})
	handler := r.Handler()
	h.handler.Store(&handler)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, h.nc) }()
	running := true
	h.kill = func() {
		cancel()
		if running {
			running = false
			if err := <-done; err != nil {
				h.t.Error(err)
			}
		}
	}
	h.t.Cleanup(h.kill)
}

// follow collects the records of all writers.
func (h *harness) follow() {
	if err := nats.EnsureAlertStream(h.t.Context(), h.nc, nats.StreamOptions{}); err != nil {
		h.t.Fatal(err)
	}
	j, err := history.OpenJournal(h.t.Context(), h.nc)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Follow(ctx, func(r *history.Record) { h.told <- r }) }()
	h.t.Cleanup(func() { cancel(); <-done })
}

// part runs do and awaits the records that follow from it, in any order. A record that
// is repeated or unexpected fails the part in which it comes.
func (h *harness) part(what string, do func(), want ...string) {
	h.t.Helper()
	do()
	var got []string
	for len(got) < len(want) || len(h.told) > 0 {
		select {
		case r := <-h.told:
			h.records = append(h.records, r)
			got = append(got, fmt.Sprintf("%s %s", r.Labels["alertname"], r.Transition))
		case <-time.After(30 * time.Second):
			h.t.Fatalf("%s: there were only %q of %q\n%s", what, got, want, h.log)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Fatalf("%s (-want +got):\n%s\n%s", what, diff, h.log)
	}
}

func labelMap(pairs ...string) map[string]string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

func (h *harness) fire(alerts ...map[string]string) { h.post(time.Now().Add(time.Hour), alerts) }

func (h *harness) resolve(alerts ...map[string]string) { h.post(time.Now(), alerts) }

// post sends alerts that began a minute before the test, as Prometheus does.
func (h *harness) post(ends time.Time, alerts []map[string]string) {
	h.t.Helper()
	var all []map[string]any
	for _, l := range alerts {
		all = append(all, map[string]any{"labels": l, "startsAt": h.began, "endsAt": ends})
	}
	h.api(http.MethodPost, "/api/v2/alerts", all, nil)
}

func (h *harness) silence(labels map[string]string) string {
	h.t.Helper()
	var made struct{ SilenceID string }
	h.api(http.MethodPost, "/api/v2/silences", map[string]any{
		"matchers": []any{map[string]any{"name": "alertname", "value": labels["alertname"], "isRegex": false}},
		"startsAt": time.Now(), "endsAt": time.Now().Add(time.Hour), "createdBy": "test", "comment": "test",
	}, &made)
	return made.SilenceID
}

func (h *harness) unsilence(id string) {
	h.t.Helper()
	h.api(http.MethodDelete, "/api/v2/silence/"+id, nil, nil)
}

func (h *harness) api(method, path string, send, receive any) {
	h.t.Helper()
	body, err := json.Marshal(send)
	if err != nil {
		h.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.alertmanager.URL+path, bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		h.t.Fatalf("%s %s: %s", method, path, response.Status)
	}
	if receive != nil {
		if err := json.NewDecoder(response.Body).Decode(receive); err != nil {
			h.t.Fatal(err)
		}
	}
}

// acknowledge does what the command does, with its own journal.
func (h *harness) acknowledge(name string, lasts time.Duration) {
	h.t.Helper()
	j, err := history.OpenJournal(h.t.Context(), h.nc)
	if err != nil {
		h.t.Fatal(err)
	}
	var a *history.Alert
	j.View(func(b *history.Book) {
		var found []*history.Alert
		if found, err = b.Find(history.Query{ID: name}); err == nil {
			a = found[0]
		}
	})
	if err == nil {
		now := time.Now()
		ack := history.Acknowledgement{At: now, Until: now.Add(lasts), By: "ana", Comment: "on it"}
		err = j.Acknowledge(h.t.Context(), a, ack)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// awaitMetric waits until a line of the exposition has the prefix, or none has.
func (h *harness) awaitMetric(line string, there bool) {
	h.t.Helper()
	await(h.t, fmt.Sprintf("metric %s: %t", line, there), func() bool {
		return there == strings.Contains("\n"+metrics(h.t, *h.handler.Load()), "\n"+line)
	})
}

// counters returns the values of the histograms' series.
func (h *harness) counters() map[string]float64 {
	all := map[string]float64{}
	for line := range strings.Lines(metrics(h.t, *h.handler.Load())) {
		var value float64
		name, figure, _ := strings.Cut(line, "} ")
		if _, err := fmt.Sscan(figure, &value); err == nil && strings.Contains(name, "_seconds_to_") {
			all[name] = value
		}
	}
	return all
}
