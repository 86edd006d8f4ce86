package backtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/deploy/stack"
	"belfry/rules/backtest"
	"belfry/rules/promapi"
)

const (
	scrape = 15 * time.Second
	hours  = 4
)

// The history is recent, since Prometheus deletes old data.
var begin = time.Now().Add(-(hours + 2) * time.Hour).Truncate(time.Hour).UTC()

// backfill writes blocks in which the share of failures of three channels rises and
// falls, for each at another pace.
func backfill(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), dir, (24 * time.Hour).Milliseconds())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(4, 2))
	appender := w.Appender(t.Context())
	for n, channel := range []string{"email", "push", "sms"} {
		share, left := 0.01, 0
		for at := begin; at.Before(begin.Add(hours * time.Hour)); at = at.Add(scrape) {
			if left--; left < 0 {
				share, left = 0.06-share, random.IntN(4+12*n)
			}
			series := labels.FromStrings("__name__", "failed", "channel", channel)
			if _, err := appender.Append(0, series, at.UnixMilli(), share); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := appender.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

const ruleFile = `
groups:
  - name: fast
    interval: 10s
    rules:
      - {alert: AtOnce, expr: failed > 0.03, labels: {severity: critical}}
      - {alert: Kept, expr: failed > 0.03, keep_firing_for: 2m}
  - name: slow
    interval: 30s
    rules:
      - {record: ignored, expr: failed}
      - {alert: For, expr: failed > 0.03, for: 1m, labels: {severity: warning, team: a}}
      - alert: ForAndKept
        expr: avg_over_time(failed{channel=~"push|sms"}[2m]) > 0.03
        for: 90s
        keep_firing_for: 5m
      - {alert: Never, expr: 'failed > 1 or missing > 0 or rate(gone{channel="x"}[5m] offset 1h) > 0 unless ALERTS'}
  - name: every_second
    interval: 1s
    rules:
      - {alert: Often, expr: failed > 0.03, for: 7s}
`

// Prometheus's rule engine and the backtest, which queries a real server, agree at
// every evaluation on the same blocks.
func TestAgreesWithPrometheus(t *testing.T) {
	dir := backfill(t)
	rules, err := backtest.Read([]byte(ruleFile))
	if err != nil {
		t.Fatal(err)
	}
	from, to := begin.Add(30*time.Minute), begin.Add(hours*time.Hour)
	want := map[string][]string{}
	evaluate(t, dir, func(query promrules.QueryFunc) {
		for _, r := range rules {
			want[r.Name] = evaluateRule(t, query, r, from, to)
		}
	})
	server := startPrometheus(t, dir)
	fired := 0
	for _, r := range rules {
		t.Run(r.Name, func(t *testing.T) {
			result, err := backtest.Run(t.Context(), prometheus(t, server.URL), r, from, to, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := spans(result)
			fired += len(got)
			if diff := cmp.Diff(want[r.Name], got); diff != "" {
				t.Errorf("(-Prometheus +backtest):\n%s", diff)
			}
			var missing []string
			if r.Name == "Never" {
				missing = []string{"missing", `gone{channel="x"}`}
			}
			if diff := cmp.Diff(missing, result.Missing); diff != "" {
				t.Errorf("missing series (-want +got):\n%s", diff)
			}
			if len(got) == 0 && r.Name != "Never" {
				t.Error("nothing fired: the test proves nothing")
			}
		})
	}
}

// spans formats the states of all alerts.
func spans(r *backtest.Result) []string {
	var all []string
	for _, a := range r.Alerts {
		for _, s := range a.Spans {
			end := s.To
			if end.IsZero() {
				end = r.To.Add(r.Step)
			}
			all = append(all, fmt.Sprintf("%s %s %s to %s", a.Labels["channel"], s.State, s.From.Format(time.TimeOnly),
				end.Format(time.TimeOnly)))
		}
	}
	slices.Sort(all)
	return all
}

// evaluateRule evaluates the rule with Prometheus's engine and formats the same.
func evaluateRule(t *testing.T, query promrules.QueryFunc, r backtest.Rule, from, to time.Time) []string {
	t.Helper()
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
	if err != nil {
		t.Fatal(err)
	}
	rule := promrules.NewAlertingRule(r.Name, expression, r.For, r.KeepFiringFor, labels.FromMap(r.Labels),
		labels.EmptyLabels(), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
	type state struct {
		channel, name string
		since         time.Time
	}
	open := map[string]state{}
	var all []string
	end := func(s state, at time.Time) {
		if at.After(from) && at.After(s.since) {
			all = append(all, fmt.Sprintf("%s %s %s to %s", s.channel, s.name, s.since.Format(time.TimeOnly),
				at.Format(time.TimeOnly)))
		}
	}
	at := from.Add(-r.For - r.KeepFiringFor).Truncate(r.Interval)
	for ; !at.After(to); at = at.Add(r.Interval) {
		if _, err := rule.Eval(t.Context(), 0, at, query, nil, 0); err != nil {
			t.Fatal(err)
		}
		active := map[string]string{}
		for _, a := range rule.ActiveAlerts() {
			active[a.Labels.Get("channel")] = a.State.String()
		}
		for _, channel := range slices.Collect(maps.Keys(open)) {
			if s := open[channel]; active[channel] != s.name {
				end(s, at)
				delete(open, channel)
			}
		}
		for channel, name := range active {
			if open[channel].name == "" {
				open[channel] = state{channel, name, at}
			}
		}
	}
	for _, s := range open {
		end(s, to.Add(r.Interval))
	}
	slices.Sort(all)
	return all
}

// evaluate opens the database before a server does.
func evaluate(t *testing.T, dir string, do func(promrules.QueryFunc)) {
	t.Helper()
	db, err := tsdb.Open(dir, slog.New(slog.DiscardHandler), nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
		Parser: parser.NewParser(parser.Options{})})
	do(promrules.EngineQueryFunc(engine, db))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func prometheus(t *testing.T, url string) backtest.Prometheus {
	t.Helper()
	api, err := promapi.New(url, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return backtest.Prometheus{API: api}
}

func startPrometheus(t *testing.T, data string) *stack.Server {
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
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := stack.StartPrometheus(context.WithoutCancel(t.Context()), stack.Options{
		Binary: programs[stack.Prometheus], ConfigFile: config, DataDir: data, Port: port,
		LogFile: filepath.Join(dir, "log"),
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

func TestErrors(t *testing.T) {
	server := startPrometheus(t, filepath.Join(t.TempDir(), "data"))
	p := prometheus(t, server.URL)
	now := time.Now()
	for _, c := range []struct {
		name string
		rule backtest.Rule
		p    backtest.Prometheus
		from time.Time
		want string
	}{
		{"a mistake in the expression", backtest.Rule{Name: "A", Expr: "sum(", Interval: time.Minute}, p,
			now.Add(-time.Hour), "evaluate A: Prometheus at " + server.URL + ": "},
		{"an empty range", backtest.Rule{Name: "A", Expr: "up", Interval: time.Minute}, p, now,
			"the range must end after it begins"},
		{"two elements of one alert", backtest.Rule{Name: "A",
			Expr:     `label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", "")`,
			Labels:   map[string]string{"a": "3"},
			Interval: time.Minute}, p, now.Add(-time.Hour), "several elements of the result make the same alert"},
		{"no Prometheus", backtest.Rule{Name: "A", Expr: "up", Interval: time.Minute},
			prometheus(t, server.URL+"/graph"), now.Add(-time.Hour), "not an answer of Prometheus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := backtest.Run(t.Context(), c.p, c.rule, c.from, now, 0)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	const invalid = "groups: [{name: a, rules: [{alert: A, expr: 'up ='}, {alert: B, expr: up, labels: {a-b: c}}]}]"
	if _, err := backtest.Read([]byte(invalid)); err == nil ||
		!strings.Contains(err.Error(), `"A"`) {
		t.Errorf("an invalid rule file: %v", err)
	}
}
