package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"belfry/deploy/stack"
	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
)

func newTestReplay(t *testing.T) *replay {
	t.Helper()
	c, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	return newReplay(c)
}

// total sums the series of a family over partitions and labels.
func (r *replay) total(m catalog.Metric) (sum float64) {
	for _, f := range r.families() {
		if f.GetName() == m.Desc().Name {
			for _, s := range f.Metric {
				sum += s.Counter.GetValue()
			}
		}
	}
	return sum
}

// simulatedEvents returns recorded traffic and its totals.
func simulatedEvents(t *testing.T, events int) ([]byte, *truth.Truth) {
	t.Helper()
	s, err := simulate.New(simulate.Config{Seed: 7, Events: events})
	if err != nil {
		t.Fatal(err)
	}
	want := s.Count()
	var lines []byte
	var m simulate.Message
	for s.Next(&m) {
		lines = m.AppendNDJSON(lines)
	}
	return lines, want
}

func TestReplayAgreesWithTheTruth(t *testing.T) {
	lines, want := simulatedEvents(t, 60_000)
	r := newTestReplay(t)
	if err := r.read(context.Background(), bytes.NewReader(lines)); err != nil {
		t.Fatal(err)
	}
	for _, d := range want.Compare(r.families()) {
		t.Error(d)
	}
}

// hostile returns n lines that cannot be counted, of many kinds.
func hostile(n int) (lines []string) {
	good := func(fields string) string {
		return `{"eventId":"e","eventType":"notification.sent","timestamp":"2026-01-05T00:00:00Z",` +
			`"notificationId":"n","userId":"u",` +
			`"data":{"channel":"email","category":"c","priority":"low","templateId":"t"` + fields + `}}`
	}
	kinds := []func(i int) string{
		func(i int) string { return strings.Repeat("[", 1+i%5000) },
		func(i int) string { return `{"a":` + strings.Repeat(`{"a":`, i%3000) },
		func(i int) string { return good("")[:1+i%180] },
		func(i int) string { return good(fmt.Sprintf(`,"retryCount":-%d`, 1+i)) },
		func(i int) string { return good(`,"deliveryLatency":1e999`) },
		func(i int) string { return good(`,"deliveryLatency":NaN`) },
		func(i int) string { return good(`,"cost":{"amount":"one","currency":"USD"}`) },
		func(i int) string {
			return strings.Replace(good(""), `"n"`, `"`+strings.Repeat("n", 10<<10)+`"`, 1)
		},
		func(i int) string { return strings.Replace(good(""), `"email"`, fmt.Sprintf(`["fax-%d"]`, i), 1) },
		func(i int) string {
			return strings.Replace(good(""), "2026-01-05", fmt.Sprintf("%d-01-05", 2100+i%100), 1)
		},
		func(i int) string { return strings.Replace(good(""), "2026-01-05", "1999-01-05", 1) },
		func(i int) string { return strings.Replace(good(""), "notification.sent", fmt.Sprint("x", i), 1) },
		func(i int) string { return strings.Replace(good(""), `"userId":"u"`, `"userId":""`, 1) },
		func(i int) string { return strings.Replace(good(""), `"userId":"u"`, `"userId":[{}]`, 1) },
		func(i int) string { return strings.Replace(good(""), "2026", "\xff", 1) },
		func(i int) string { return good("") + good("") },
		func(i int) string { return "\x00" },
		func(i int) string { return good(`,"x":"` + strings.Repeat("x", 64<<10) + `"`) },
	}
	for i := range n {
		lines = append(lines, kinds[i%len(kinds)](i))
	}
	return lines
}

// Every hostile line is counted under one reason, and good events before, between and
// after them count as if they were alone.
func TestReplayCountsEveryHostileLine(t *testing.T) {
	const n = 10_000
	good, want := simulatedEvents(t, 3000)
	var input bytes.Buffer
	lines := bytes.SplitAfter(good, []byte("\n"))
	for i, bad := range hostile(n - 1) {
		if i < len(lines) {
			input.Write(lines[i])
		}
		input.WriteString(bad + "\n\n")
	}
	input.WriteString(strings.Repeat("x", 10<<20) + "\n")
	r := newTestReplay(t)
	if err := r.read(context.Background(), &input); err != nil {
		t.Fatal(err)
	}
	if got := r.total(catalog.EventsRejected); got != n {
		t.Errorf("%v rejected, want %d", got, n)
	}
	for _, d := range want.Compare(r.families()) {
		if d.Family != catalog.EventsRejected.Name {
			t.Error(d)
		}
	}
}

func TestPromtoolLikesTheExposition(t *testing.T) {
	programs, err := stack.Ensure(t.Context(), "", os.Stderr, stack.Promtool)
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := simulatedEvents(t, 20_000)
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	p := &process{stdout: &out, stderr: &complaints, getenv: os.Getenv}
	if code := run(t.Context(), []string{"replay", file}, p); code != 0 {
		t.Fatalf("replay: exit %d\n%s", code, complaints.String())
	}
	check := exec.CommandContext(t.Context(), programs[stack.Promtool], "check", "metrics")
	check.Stdin = &out
	if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, said)
	}
}

// However many lines are at fault, the explanation has the same length, and every
// reason for a rejection is explained. The good events between them keep the stream's
// time where it is.
func TestExplanationIsBounded(t *testing.T) {
	explain := func(copies int) string {
		r := newTestReplay(t)
		var out bytes.Buffer
		r.explanation = newExplanation(&out)
		good := `{"eventId":"e","eventType":"notification.opened","timestamp":"2026-01-05T00:00:00Z",` +
			`"notificationId":"n","userId":"u"}` + "\n"
		lines := strings.Repeat(good+strings.Join(hostile(500), "\n"+good)+"\n", copies)
		if err := errors.Join(r.read(t.Context(), strings.NewReader(lines)), r.explanation.end()); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	few, many := explain(1), explain(5)
	if n, more := strings.Count(few, "\n"), strings.Count(many, "\n"); n != more || n > 100 {
		t.Errorf("%d and %d lines:\n%s", n, more, many)
	}
	if !strings.Contains(many, "rejected 2500 of 5000 events\n") {
		t.Errorf("the sum is missing:\n%s", many)
	}
}
