package recorder

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"belfry/alertmanager/history"
	"belfry/deploy/stack"
)

// A real Prometheus records a condition that holds briefly and one that continues to
// hold. The end of the first is known to within one evaluation, even to a recorder
// that starts after it.
func TestConditionsOfRealPrometheus(t *testing.T) {
	began := time.Now()
	ends := began.Add(8 * time.Second)
	server := startPrometheus(t, ends)
	r := newRecorder(t, Options{Prometheus: server.URL})
	short := condition{"short", "critical", "email"}
	long := condition{"long", "warning", ""}
	await(t, "both conditions hold", func() bool {
		r.conditions.refresh(t.Context(), time.Now(), nil)
		return r.conditions.holds[short] && r.conditions.holds[long]
	})
	await(t, "one of them ends", func() bool {
		r.conditions.refresh(t.Context(), time.Now(), nil)
		return !r.conditions.holds[short] && r.conditions.holds[long]
	})

	late := newRecorder(t, Options{Prometheus: server.URL})
	labels := map[string]string{"rule": "short", "severity": "critical", "channel": "email"}
	a := &history.Alert{Began: began, Labels: labels}
	late.conditions.refresh(t.Context(), time.Now(), []*history.Alert{a})
	recorders := map[string]*conditions{"one that was there": r.conditions, "one that starts": late.conditions}
	for name, c := range recorders {
		ended, by := c.end(a, time.Now().Add(time.Hour))
		if by != history.ByCondition || ended.After(ends) || ended.Before(ends.Add(-3*time.Second)) {
			t.Errorf("%s: it ended %s before its end, by %s", name, ends.Sub(ended), by)
		}
	}
	other := &history.Alert{Began: began, Labels: map[string]string{"rule": "long", "severity": "warning"}}
	if _, by := late.conditions.end(other, time.Now()); by != history.ByAlert {
		t.Errorf("what holds on has ended by %s", by)
	}
}

const recordedConditions = `
groups:
  - name: conditions
    interval: 200ms
    rules:
      - record: notification_alert_condition
        expr: (vector(time()) < %d) * 0 + 1
        labels: {rule: short, severity: critical, channel: email}
      - record: notification_alert_condition
        expr: vector(1)
        labels: {rule: long, severity: warning}
`

func startPrometheus(t *testing.T, ends time.Time) *stack.Server {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Prometheus)
	if err != nil {
		t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("rules.yml", fmt.Sprintf(recordedConditions, ends.Unix()))
	server, err := stack.StartPrometheus(t.Context(), stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: write("prometheus.yml", "rule_files: [rules.yml]\n"),
		DataDir: filepath.Join(dir, "data"), Port: port, LogFile: filepath.Join(dir, "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// await polls until the condition holds, which depends on other processes.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
