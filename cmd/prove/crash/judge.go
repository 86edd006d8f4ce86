package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
)

// judge waits until all numbers are out of their hold and right, and says what
// is not after a time.
func (c *crashTest) judge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.settle)
	defer cancel()
	verdict := c.becomesTrue(ctx, "/metrics", c.compareShown)
	if verdict == nil {
		verdict = c.becomesTrue(ctx, "Prometheus", func() ([]string, error) { return c.compareCounted(ctx) })
	}
	s := c.scraper
	c.report.answers, c.report.failures, c.report.series = s.answers, s.failures, len(s.series)
	c.report.fallen, c.report.bornLate = s.fallen, s.bornLate
	if len(s.complaints) > 0 {
		verdict = errors.Join(verdict, errors.New(strings.Join(s.complaints, "\n")))
	}
	c.report.ok = verdict == nil
	return errors.Join(verdict, c.report.missed())
}

// becomesTrue scrapes and compares until nothing differs from the truth.
func (c *crashTest) becomesTrue(ctx context.Context, what string, compare func() ([]string, error)) error {
	for {
		if err := c.scraper.scrape(ctx); err != nil {
			if pause(ctx, scrapeEvery) != nil {
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
		if pause(ctx, scrapeEvery) != nil {
			return fmt.Errorf("%d figures of %s differ from the truth:\n%s", len(different), what, strings.Join(different[:min(maxComplaints, len(different))], "\n"))
		}
	}
}

// compareShown holds what is shown against the truth.
func (c *crashTest) compareShown() ([]string, error) {
	families, err := truth.ReadExposition(bytes.NewReader(c.scraper.shown.Bytes()))
	if err != nil {
		return nil, err
	}
	return differences(c.truth, families), nil
}

func differences(want *truth.Truth, families []*dto.MetricFamily) (all []string) {
	for _, d := range want.Compare(families) {
		all = append(all, d.String())
	}
	return all
}

// compareCounted holds what Prometheus has counted against the truth: it puts
// its sums in the place of what is shown. Buckets stay as they are shown.
func (c *crashTest) compareCounted(ctx context.Context) ([]string, error) {
	families, err := truth.ReadExposition(bytes.NewReader(c.scraper.shown.Bytes()))
	if err != nil {
		return nil, err
	}
	all, err := c.watcher.count(ctx)
	if err != nil {
		return nil, err
	}
	exchange := exchange{counted: all}
	for _, f := range families {
		if known := catalog.ByName(f.GetName()); known != nil && suffixes[known.Kind] != nil && monotoneNames[f.GetName()+suffixes[known.Kind][0]] {
			for _, m := range f.Metric {
				exchange.series(f.GetName(), m)
			}
		}
	}
	for name, left := range all {
		if left.sum != 0 {
			exchange.complain("%s: counted %v on a series that is not shown", name, left.sum)
		}
	}
	c.report.resets = exchange.resets
	return append(exchange.complaints, differences(c.truth, families)...), nil
}

// exchange replaces values that are shown by those that were counted, and takes
// the latter out.
type exchange struct {
	counted    map[string]*counted
	resets     int
	complaints []string
}

func (x *exchange) complain(format string, args ...any) {
	x.complaints = append(x.complaints, fmt.Sprintf(format, args...))
}

func (x *exchange) series(name string, m *dto.Metric) {
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
				x.complain("%s_bucket%v: counted %v, %d is shown", name, labels, got, b.GetCumulativeCount())
			}
		}
	}
}

func (x *exchange) take(name string, labels map[string]string) float64 {
	key := seriesName(name, labels)
	c := x.counted[key]
	if c == nil {
		return 0 // not scraped yet
	}
	delete(x.counted, key)
	x.resets += c.resets
	if c.first != 0 {
		x.complain("%s: Prometheus first saw it at %v", key, c.first)
	}
	return c.sum
}

// report is what a crash test has to say.
type report struct {
	options
	published         simulate.Stats
	kills             [numMoments]int
	answers, failures int
	series            int
	fallen, bornLate  int
	resets            int
	took              time.Duration
	ok                bool
}

// missed says what a run did not prove, because no kill came at the right
// moment. A short run does not promise to.
func (r *report) missed() error {
	if r.options.kills < 20 {
		return nil
	}
	for _, m := range []moment{inCheckpoint, inReplay, inScrape} {
		if r.kills[m] == 0 {
			return fmt.Errorf("no kill came %s: this run proves less than it should; choose another seed", m)
		}
	}
	return nil
}

// String writes the report for people.
func (r *report) String() string {
	var b strings.Builder
	kills := []string{}
	total := 0
	for m, n := range r.kills {
		kills = append(kills, fmt.Sprintf("%d %s", n, moment(m)))
		total += n
	}
	verdict := "the numbers are exact"
	if !r.ok {
		verdict = "THE NUMBERS ARE WRONG"
	}
	fmt.Fprintf(&b, "events     %d, %d of them duplicates, over %s of simulated time\n", r.published.Events, r.published.Duplicates,
		r.published.Simulated.Sub(simulate.DefaultStart).Round(time.Minute))
	fmt.Fprintf(&b, "kills      %d: %s\n", total, strings.Join(kills, ", "))
	fmt.Fprintf(&b, "scrapes    %d answered, %d not, %d series; %d went down, %d began above 0\n", r.answers, r.failures, r.series, r.fallen, r.bornLate)
	fmt.Fprintf(&b, "prometheus %d counter resets\n", r.resets)
	fmt.Fprintf(&b, "took       %.0f s\n", r.took.Seconds())
	fmt.Fprintf(&b, "verdict    %s\n", verdict)
	return b.String()
}
