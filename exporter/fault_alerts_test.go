package exporter_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/exporter/truth"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// pipeline names the rule file about Belfry itself.
const pipeline = rules.FilePrefix + "pipeline.yaml"

// pipelineRules returns the shipped rules about Belfry itself.
var pipelineRules = sync.OnceValues(func() (string, error) {
	files, err := rules.Files()
	return string(files[pipeline]), err
})

const (
	// Scrapes come as often as in the shipped configuration. Rules are evaluated less often
	// than there, which delays an alert, and is cheaper.
	scrapeEvery, evaluateEvery = 10 * time.Second, 30 * time.Second
	// An exporter is well for a while, and then ill for longer than what every alert about
	// Belfry itself waits for.
	wellFor, illFor = 2 * time.Minute, 7 * time.Minute
)

// alertsOn returns the names of the shipped alerts about Belfry itself that fire if an
// exporter's exposition was before, and then stays as after. An empty exposition stands for
// one that does not answer. Watchdog, which always fires, is left out.
func alertsOn(t *testing.T, before, after string) []string {
	t.Helper()
	w := newWatcher(t)
	if before != "" {
		w.scrape(before, wellFor)
	}
	w.scrape(after, illFor)
	var names []string
	for _, f := range w.server.Fired(w.now) {
		if name := f.Labels.Get(catalog.LabelAlertName.Name); name != rules.Watchdog.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// watcher watches one exporter as a Prometheus with the shipped rules does, in simulated time.
type watcher struct {
	t      *testing.T
	text   string // of the rules
	server *simtime.Server
	now    time.Time
	series map[string]*simtime.Series
	shown  map[string]bool // by the scrape before
}

func newWatcher(t *testing.T) *watcher {
	t.Helper()
	text, err := pipelineRules()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{pipeline: []byte(text)}
	server, err := simtime.Open(t.Context(), t.TempDir(), files, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return &watcher{t: t, text: text, server: server, now: noon, series: map[string]*simtime.Series{}}
}

// sample is a sample of an exposition. One that ages grows with the clock.
type sample struct {
	labels labels.Labels
	value  float64
	ages   bool
}

// scrape scrapes the same exposition for a while, as of a process that stands still: the
// lag of a partition that does not read grows.
func (p *watcher) scrape(exposition string, span time.Duration) {
	p.t.Helper()
	samples := p.samples(exposition)
	for since := time.Duration(0); since < span; since += scrapeEvery {
		if err := p.server.Scrape(p.t.Context(), p.now, p.append(samples, since)); err != nil {
			p.t.Fatal(err)
		}
		if err := p.server.Evaluate(p.t.Context(), p.now, evaluateEvery); err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(scrapeEvery)
	}
}

// append returns what appends a scrape, and marks as stale what is gone since the one before.
func (p *watcher) append(samples []sample, since time.Duration) func(simtime.Append) error {
	return func(add simtime.Append) error {
		gone := p.shown
		p.shown = map[string]bool{}
		for _, s := range samples {
			key := s.labels.String()
			if p.series[key] == nil {
				p.series[key] = &simtime.Series{Labels: s.labels}
			}
			value := s.value
			if s.ages {
				value += since.Seconds()
			}
			if err := add(p.series[key], value); err != nil {
				return err
			}
			delete(gone, key)
			p.shown[key] = true
		}
		for key := range gone {
			if err := add(p.series[key], simtime.Stale); err != nil {
				return err
			}
		}
		return nil
	}
}

// samples returns those of an exposition that the rules read, and up.
func (p *watcher) samples(exposition string) []sample {
	p.t.Helper()
	families, err := truth.ReadExposition(strings.NewReader(exposition))
	if err != nil {
		p.t.Fatal(err)
	}
	up := 0.0
	if exposition != "" {
		up = 1
	}
	all := []sample{{labels: p.target(expr.Up.Name), value: up}}
	unread := map[string]bool{}
	for _, f := range families {
		if !strings.Contains(p.text, f.GetName()) {
			continue
		}
		for _, m := range f.Metric {
			own := []string{}
			for _, l := range m.Label {
				own = append(own, l.GetName(), l.GetValue())
			}
			s := sample{labels: p.target(f.GetName(), own...)}
			s.value = m.Counter.GetValue() + m.Gauge.GetValue() + m.Untyped.GetValue()
			if f.GetName() == catalog.PartitionReading.Name && s.value == 0 {
				unread[s.labels.Get(catalog.LabelPartition.Name)] = true
			}
			all = append(all, s)
		}
	}
	for i := range all {
		all[i].ages = all[i].labels.Get(model.MetricNameLabel) == catalog.StreamLagSeconds.Name &&
			unread[all[i].labels.Get(catalog.LabelPartition.Name)]
	}
	return all
}

// target returns the labels of a series, with those that Prometheus adds unless the series
// has them.
func (p *watcher) target(name string, own ...string) labels.Labels {
	b := labels.NewBuilder(labels.FromStrings(append(own, model.MetricNameLabel, name)...))
	for label, value := range map[string]string{expr.Job.Name: rules.Job, expr.Instance.Name: "exporter:9464"} {
		if b.Get(label) == "" {
			b.Set(label, value)
		}
	}
	return b.Labels()
}
