// Package querytest serves tests a past that they write: it starts the pinned
// Prometheus on it, and reads from there.
package querytest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"gopkg.in/yaml.v3"

	"belfry/deploy/stack"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/promapi"
	"belfry/rules/simtime"
)

// Past is what a test writes, in order of time.
type Past struct {
	*testing.T
	server *simtime.Server
	series map[string]*simtime.Series
}

// Sample is the value of a series.
type Sample struct {
	// Name is that of the metric.
	Name  string
	Value float64
	// Labels holds names and values in turn. The job is that of the exporter.
	Labels []string
}

// Write writes samples at a time.
func (p *Past) Write(at time.Time, all ...Sample) {
	p.Helper()
	err := p.server.Scrape(p.Context(), at, func(add simtime.Append) error {
		for _, s := range all {
			if err := add(p.of(s), s.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
}

// of returns the series of a sample.
func (p *Past) of(s Sample) *simtime.Series {
	key := s.Name + "\x00" + strings.Join(s.Labels, "\x00")
	if p.series[key] == nil {
		pairs := append([]string{"__name__", s.Name, "job", rules.Job}, s.Labels...)
		p.series[key] = &simtime.Series{Labels: labels.FromStrings(pairs...)}
	}
	return p.series[key]
}

// evaluated names the rule group.
const evaluated = "recorded"

// Evaluate records the series of Serve.
func (p *Past) Evaluate(at time.Time) {
	p.Helper()
	if err := p.server.EvaluateNow(p.Context(), at, evaluated); err != nil {
		p.Fatal(err)
	}
}

// group returns a rule file that records the series whenever the test calls Evaluate.
func group(t *testing.T, recorded []expr.Recorded) map[string][]byte {
	t.Helper()
	var list []map[string]string
	for _, r := range recorded {
		list = append(list, map[string]string{"record": r.Name, "expr": r.Definition.String()})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{
		map[string]any{"name": evaluated, "interval": "1h", "rules": list},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"recorded.yaml": text}
}

// Serve starts Prometheus on what a test writes, and returns its URL. It runs until the
// test ends. The series are recorded when the test calls Evaluate.
func Serve(t *testing.T, write func(*Past), recorded ...expr.Recorded) (url string) {
	t.Helper()
	dir := t.TempDir()
	past, err := simtime.Open(t.Context(), filepath.Join(dir, "head"), group(t, recorded), simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	write(&Past{t, past, map[string]*simtime.Series{}})
	if err := past.DB.Snapshot(stack.BlocksDir(dir), true); err != nil {
		t.Fatal(err)
	}
	if err := past.DB.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := stack.ServeBlocks(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	return server.URL
}

// Source returns a source that reads from a URL, at the time now.
func Source(t *testing.T, url string, now time.Time) *query.Source {
	t.Helper()
	api, err := promapi.New(url, promapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return query.New(api, query.Options{Now: func() time.Time { return now }})
}
