package backfill

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// replay plays the last hour with all events, counted by a fold that continues the
// outline. It stores what would be scraped and recorded.
func (h History) replay(
	ctx context.Context, server *simtime.Server, past *simulate.Outline, l *ledger,
	o fold.Options, records fold.Records,
) (*fold.State, *simulate.Simulator, error) {
	seam := past.Now()
	c := h.Traffic
	c.Start, c.Lead = seam, underWay
	traffic, err := past.Continue(c)
	if err != nil {
		return nil, nil, err
	}
	f := fold.New(o, records)
	p := newPlatform(traffic, append(h.others(), h.objectives()...), f)
	if err := p.Advance(ctx, seam); err != nil {
		return nil, nil, err
	}
	precede(f, o, records, past, l.totals)
	tallies, last := newTallies(), seam
	for at := seam; at.Before(time.Now()); at = nextScrape(at, time.Since(at)) {
		if err := p.Advance(ctx, at); err != nil {
			return nil, nil, err
		}
		err := server.Scrape(ctx, at, func(add simtime.Append) error {
			if at.Equal(seam) {
				add = tallies.alongside(add)
			}
			return p.Show(at, add)
		})
		if err != nil {
			return nil, nil, err
		}
		if at.Equal(seam) {
			continue
		}
		last = at
		if err := server.Evaluate(ctx, at, interval(time.Since(at))); err != nil {
			return nil, nil, err
		}
		h.progress(0.8 + 0.2*float64(at.Sub(seam))/float64(time.Since(seam)))
	}
	// Prometheus evaluates this group up to four minutes after its start, and what was
	// recorded more than five minutes ago is not shown.
	return f, traffic, server.EvaluateNow(ctx, last, rules.DaysGroup)
}

// nextScrape returns the time of the scrape after one that is so long ago. Most rules need
// two within five minutes. Some need two within half a minute, so there is one shortly
// before each evaluation.
func nextScrape(at time.Time, ago time.Duration) time.Time {
	if ago <= 15*time.Minute {
		return at.Add(scrape)
	}
	next, evaluated := at.Add(3*scrape), at.Truncate(step).Add(step)
	for _, wanted := range []time.Time{evaluated, evaluated.Add(-scrape)} {
		if wanted.After(at) && wanted.Before(next) {
			next = wanted
		}
	}
	return next
}

// interval returns the shortest time between two evaluations of a rule so long ago.
func interval(ago time.Duration) time.Duration {
	if ago > step {
		return step
	}
	return time.Minute
}

// others returns the series of programs that do not run during the replay: their
// targets are up, and the partition is shown without delay.
func (h History) others() []Series {
	var all []Series
	for job, instance := range h.Instances {
		up := labels.FromStrings(model.MetricNameLabel, expr.Up.Name, expr.Job.Name, job, expr.Instance.Name, instance)
		all = append(all, constant(up, 1))
	}
	for _, g := range []struct {
		catalog.Gauge
		value float64
	}{
		{catalog.FenceOK, 1}, {catalog.PartitionExposed, 1}, {catalog.PartitionReading, 1},
		{catalog.PartitionHalted, 0}, {catalog.StreamLagMessages, 0}, {catalog.StreamLagSeconds, 0},
	} {
		all = append(all, constant(partitionLabels(g.Family, nil), g.value))
	}
	return all
}

// tallies holds, by metric, the recorded series that hold its last values.
type tallies map[string][]lastOf

type lastOf struct {
	name  string
	which term
}

func newTallies() tallies {
	all := tallies{}
	for _, r := range rules.Recorded() {
		if r.Internal && strings.Contains(r.Name, tallyLast) {
			metric, matchers := counted(r)
			all[metric] = append(all[metric], lastOf{r.Name, term{metric: metric, matchers: matchers}})
		}
	}
	return all
}

// alongside adds the last values of what is scraped as well, so that the first tile
// begins where the outline ends.
func (t tallies) alongside(add simtime.Append) simtime.Append {
	return func(s *simtime.Series, value float64) error {
		for _, last := range t[s.Labels.Get(model.MetricNameLabel)] {
			if !last.which.matches(s.Labels.Map()) {
				continue
			}
			b := labels.NewBuilder(s.Labels)
			b.Set(model.MetricNameLabel, last.name).Del(expr.Instance.Name)
			if err := add(&simtime.Series{Labels: b.Labels()}, value); err != nil {
				return err
			}
		}
		return add(s, value)
	}
}
