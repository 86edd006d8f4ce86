package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
)

// verify waits until all numbers are shown and right. After the time to settle it
// reports those that are not.
func (c *crashTest) verify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.settle)
	defer cancel()
	verdict := c.awaitTruth(ctx, "/metrics", c.compareShown)
	if verdict == nil {
		verdict = c.awaitTruth(ctx, "Prometheus", func() ([]string, error) { return c.compareIncreases(ctx) })
	}
	s := c.scraper
	c.report.answers, c.report.failures, c.report.series = s.answers, s.failures, len(s.series)
	c.report.decreased, c.report.startedHigh = s.decreased, s.startedHigh
	if len(s.problems) > 0 {
		verdict = errors.Join(verdict, errors.New(strings.Join(s.problems, "\n")))
	}
	c.report.ok = verdict == nil
	return errors.Join(verdict, c.report.unproven())
}

// awaitTruth scrapes and compares until no figure differs from the truth.
func (c *crashTest) awaitTruth(ctx context.Context, what string, compare func() ([]string, error)) error {
	for {
		if err := c.scraper.scrape(ctx); err != nil {
			if sleep(ctx, scrapeEvery) != nil {
				return fmt.Errorf("scrape: %w", err)
			}
			continue // the exporter is still starting after the last kill
		}
		different, err := compare()
		if err != nil {
			return err
		}
		if len(different) == 0 {
			return nil
		}
		if sleep(ctx, scrapeEvery) != nil {
			some := different[:min(maxProblems, len(different))]
			return fmt.Errorf("%d figures of %s differ from the truth:\n%s", len(different), what,
				strings.Join(some, "\n"))
		}
	}
}

// compareShown compares /metrics with the truth.
func (c *crashTest) compareShown() ([]string, error) {
	families, err := truth.ReadExposition(bytes.NewReader(c.scraper.shown.Bytes()))
	if err != nil {
		return nil, err
	}
	return append(missing(families), differences(c.truth, families)...), nil
}

// missing returns the optional families that are not shown. Compare lets them be missing.
func missing(families []*dto.MetricFamily) (all []string) {
	for _, optional := range catalog.Optional() {
		if !slices.ContainsFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == optional.Name }) {
			all = append(all, optional.Name+" is not shown")
		}
	}
	return all
}

func differences(want *truth.Truth, families []*dto.MetricFamily) (all []string) {
	for _, d := range want.Compare(families) {
		all = append(all, d.String())
	}
	return all
}

// compareIncreases compares what Prometheus has counted with the truth: it
// replaces the values on /metrics with Prometheus's sums. Buckets must agree with
// those on /metrics.
func (c *crashTest) compareIncreases(ctx context.Context) ([]string, error) {
	families, err := truth.ReadExposition(bytes.NewReader(c.scraper.shown.Bytes()))
	if err != nil {
		return nil, err
	}
	all, err := c.prometheus.increases(ctx)
	if err != nil {
		return nil, err
	}
	s := substitution{increases: all}
	for _, f := range families {
		known := catalog.ByName(f.GetName())
		if known == nil || suffixes[known.Kind] == nil || !monotone[f.GetName()+suffixes[known.Kind][0]] {
			continue
		}
		for _, m := range f.Metric {
			s.replace(f.GetName(), m)
		}
	}
	for name, left := range all {
		if left.sum != 0 {
			s.problemf("%s: Prometheus counted %v, and it is not shown", name, left.sum)
		}
	}
	c.report.resets = s.resets
	return append(s.problems, differences(c.truth, families)...), nil
}

// substitution replaces shown values with increases and removes those from the map.
type substitution struct {
	increases map[string]*increase
	resets    int
	problems  []string
}

func (x *substitution) problemf(format string, args ...any) {
	x.problems = append(x.problems, fmt.Sprintf(format, args...))
}

// replace replaces the values of one row.
func (x *substitution) replace(name string, m *dto.Metric) {
	labels := map[string]string{}
	for _, l := range m.Label {
		labels[l.GetName()] = l.GetValue()
	}
	switch {
	case m.Counter != nil:
		m.Counter.Value = proto.Float64(x.take(name, labels))
	case m.Summary != nil:
		m.Summary.SampleCount = proto.Uint64(uint64(x.take(name+"_count", labels)))
		m.Summary.SampleSum = proto.Float64(x.take(name+"_sum", labels))
	case m.Histogram != nil:
		m.Histogram.SampleCount = proto.Uint64(uint64(x.take(name+"_count", labels)))
		m.Histogram.SampleSum = proto.Float64(x.take(name+"_sum", labels))
		for _, b := range m.Histogram.Bucket {
			labels["le"] = fmt.Sprint(b.GetUpperBound())
			if math.IsInf(b.GetUpperBound(), 1) {
				labels["le"] = "+Inf"
			}
			if got := x.take(name+"_bucket", labels); got != float64(b.GetCumulativeCount()) {
				x.problemf("%s_bucket%v: Prometheus counted %v, %d is shown", name, labels, got, b.GetCumulativeCount())
			}
		}
	}
}

// take removes the increase of a series and returns it.
func (x *substitution) take(name string, labels map[string]string) float64 {
	key := seriesName(name, labels)
	c := x.increases[key]
	if c == nil {
		return 0 // not scraped yet
	}
	delete(x.increases, key)
	x.resets += c.resets
	if c.first != 0 {
		x.problemf("%s: Prometheus first saw it at %v", key, c.first)
	}
	return c.sum
}

// report holds the results of a crash test.
type report struct {
	options
	published              simulate.Stats
	kills                  [numPhases]int
	answers, failures      int
	series                 int
	decreased, startedHigh int
	resets                 int
	took                   time.Duration
	ok                     bool
}

// unproven returns an error if a phase had no kill. Short runs may miss one.
func (r *report) unproven() error {
	if r.options.kills < 20 {
		return nil
	}
	for _, m := range []phase{inCheckpoint, inReplay, inScrape} {
		if r.kills[m] == 0 {
			return fmt.Errorf("no kill came %s, so the run proves less than it should: choose another seed", m)
		}
	}
	return nil
}

// String formats the report for people.
func (r *report) String() string {
	var b strings.Builder
	kills := []string{}
	total := 0
	for m, n := range r.kills {
		kills = append(kills, fmt.Sprintf("%d %s", n, phase(m)))
		total += n
	}
	verdict := "the numbers are exact"
	if !r.ok {
		verdict = "THE NUMBERS ARE WRONG"
	}
	fmt.Fprintf(&b, "events     %d, %d of them duplicates, over %s of simulated time\n",
		r.published.Events, r.published.Duplicates, r.published.Simulated.Sub(simulate.DefaultStart).Round(time.Minute))
	fmt.Fprintf(&b, "kills      %d: %s\n", total, strings.Join(kills, ", "))
	fmt.Fprintf(&b, "scrapes    %d answered, %d not, %d series; %d went down, %d began above 0\n",
		r.answers, r.failures, r.series, r.decreased, r.startedHigh)
	fmt.Fprintf(&b, "prometheus %d counter resets\n", r.resets)
	fmt.Fprintf(&b, "took       %.0f s\n", r.took.Seconds())
	fmt.Fprintf(&b, "verdict    %s\n", verdict)
	return b.String()
}
