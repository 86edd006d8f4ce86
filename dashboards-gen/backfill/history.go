package backfill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/simulate"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// History is a past of weeks that leads into live traffic.
//
// The last hour of it is a replay: events are counted by the exporter's fold, scraped
// and evaluated. What comes before is an outline of the same platform, see
// [simulate.Outline]: of it there are the series that rules record for long views, and
// the raw counters of experiments. Both are one: the fold continues the outline's
// counters and its users, and live traffic continues the replay's.
type History struct {
	// Traffic configures the platform. The history sets its start.
	Traffic simulate.Config
	// Long says how much of the past there is before the replay, and Trials for how much
	// of it users take part in experiments.
	Long, Trials time.Duration
	// Exporter is the configuration of the exporter whose state the history leaves in
	// StateDir. UserKey is its key.
	Exporter *exporter.Config
	StateDir string
	UserKey  []byte
	// Instances holds the label instance of each scrape job.
	Instances map[string]string
	// Progress gets the share that is done. It may be nil.
	Progress func(done float64)
}

// Of a history the end is replayed, and what was under way then is remembered.
const (
	Replayed = time.Hour
	underWay = 6 * time.Hour
)

// batched is how much of an outline is stored at once.
const batched = 2 * time.Hour

// Write writes the history until now: blocks below dir, and the exporter's state. It
// returns the simulator that continues the traffic. Most of the time goes into drawing
// notifications, so it grows with their number.
func (h History) Write(ctx context.Context, dir string) (traffic *simulate.Simulator, err error) {
	work, err := os.MkdirTemp("", "belfry-history-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	server, err := simtime.Open(ctx, work, files, simtime.OneBlock(), simtime.Concurrently)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.DB.Close()) }()

	seam := time.Now().Add(-Replayed).Truncate(step)
	h.Traffic.Start = seam.Add(-h.Long).Truncate(step)
	past, ledger, err := h.outline(ctx, server, seam)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	err = h.Exporter.Begin(h.StateDir, h.UserKey, func(o fold.Options, r fold.Records) (*fold.State, error) {
		var f *fold.State
		f, traffic, err = h.replay(ctx, server, past, ledger, o, r)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return traffic, server.DB.Snapshot(dir, true)
}

// outline plays the outline until a time and stores what is recorded of it.
func (h History) outline(ctx context.Context, server *simtime.Server, to time.Time) (
	past *simulate.Outline, l *ledger, err error,
) {
	if past, err = simulate.NewOutline(h.Traffic, to.Add(-h.Trials)); err != nil {
		return nil, nil, err
	}
	past.Acquaint()
	if l, err = newLedger(); err != nil {
		return nil, nil, err
	}
	l.dense = to.Add(-seenClosely)
	watched := h.watched(l)
	begin, batch := past.Now(), &simtime.Batch{}
	for played := range play(ctx, past, to) {
		l.add(played.rows, played.deltas)
		add := batch.At(played.at)
		if err := errors.Join(l.record(played.at, add), watched(played, add)); err != nil {
			return nil, nil, err
		}
		if played.at.Equal(to) || played.at.Truncate(batched).Equal(played.at) {
			if err := server.Append(ctx, batch); err != nil {
				return nil, nil, err
			}
		}
		h.progress(0.7 * float64(played.at.Sub(begin)) / float64(to.Sub(begin)))
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return past, l, h.derive(ctx, server, l, begin, to)
}

// played holds what happened in a tile of an outline.
type played struct {
	at       time.Time // when it ends
	rows     []simulate.Row
	deltas   []float64
	readings []simulate.Reading
	people   fold.Population // as of the last full hour
}

// play plays an outline tile by tile, beside the caller's work, until a time or until
// ctx ends.
func play(ctx context.Context, past *simulate.Outline, to time.Time) <-chan played {
	all := make(chan played, 4)
	go func() {
		defer close(all)
		var people fold.Population
		for at := past.Now().Add(step); !at.After(to); at = at.Add(step) {
			past.Play(at)
			if people.Users == 0 || at.Truncate(time.Hour).Equal(at) {
				people = population(past, at)
			}
			tile := played{
				at, past.Rows(), slices.Clone(past.Deltas()), slices.Clone(past.Readings()), people,
			}
			select {
			case all <- tile:
			case <-ctx.Done():
				return
			}
		}
	}()
	return all
}

func (h History) progress(done float64) {
	if h.Progress != nil {
		h.Progress(done)
	}
}

// derive computes the recorded series that follow from others.
func (h History) derive(ctx context.Context, server *simtime.Server, l *ledger, from, to time.Time) error {
	known := map[string]bool{catalog.Objective.Name: true, rules.Users.Name: true, rules.ActiveUsers.Name: true}
	for _, f := range catalog.All {
		known[f.Name] = known[f.Name] || f.Expires // what nodes report
	}
	for _, t := range l.tiles {
		known[t.Name] = true
		for _, s := range l.sums[t.Name] {
			known[s.Name] = true
		}
	}
	all, err := derivations(known)
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := d.compute(ctx, server, from.Add(step), to); err != nil {
			return err
		}
	}
	h.progress(0.75)
	return h.bands(ctx, server, from, to)
}

// bands evaluates the seasonal bands from when a week is known: every quarter of an
// hour, and every five minutes of the last day.
func (h History) bands(ctx context.Context, server *simtime.Server, from, to time.Time) error {
	every := 3 * step
	for at := from.Add(7*day + time.Hour).Truncate(every); !at.After(to); at = at.Add(every) {
		if to.Sub(at) <= day {
			every = step
		}
		if err := server.Evaluate(ctx, at, every, rules.SeasonalGroup); err != nil {
			return err
		}
	}
	return nil
}

// watched returns what stores the rest: the objectives, the users, what nodes report,
// and the raw counters of experiments.
func (h History) watched(l *ledger) func(p played, add simtime.Append) error {
	objectives := h.objectives()
	users, raw := map[string]*simtime.Series{}, rawSeries{}
	return func(p played, add simtime.Append) error {
		errs := []error{show(objectives, p.at, add)}
		p.people.Show(p.at.UnixNano(), p.at.UnixNano(), func(g catalog.Gauge, label string, n int64) {
			if users[label] == nil {
				users[label] = &simtime.Series{Labels: recordedLabels(recordedUsers[g.Name], []string{label})}
			}
			errs = append(errs, add(users[label], float64(n)))
		})
		for _, r := range p.readings {
			errs = append(errs, add(raw.of(r.Family, r.Values), r.Value))
		}
		for i, total := range l.totals {
			if r := p.rows[i]; r.Family.Has(catalog.LabelExperiment) {
				errs = append(errs, add(raw.of(r.Family, r.Values), total))
			}
		}
		return errors.Join(errs...)
	}
}

// recordedUsers holds what rules record of the gauges of users, by their names.
var recordedUsers = map[string]expr.Recorded{
	catalog.Users.Name: rules.Users, catalog.ActiveUsers.Name: rules.ActiveUsers,
}

// rawSeries caches the series that the exporter's only partition exposes, by their
// names and labels.
type rawSeries map[string]*simtime.Series

func (s rawSeries) of(f *catalog.Family, values []string) *simtime.Series {
	key := f.Name + "\x00" + strings.Join(values, "\x00")
	if s[key] == nil {
		s[key] = &simtime.Series{Labels: partitionLabels(f, values)}
	}
	return s[key]
}

// partitionLabels returns the labels of a series of the exporter's only partition.
func partitionLabels(f *catalog.Family, values []string) labels.Labels {
	return exposedLabels(f, values, catalog.LabelPartition.Name, "0")
}

// exposedLabels returns the labels of a series that the exporter exposes, and one more.
func exposedLabels(f *catalog.Family, values []string, name, value string) labels.Labels {
	b := labels.NewBuilder(labels.FromStrings(name, value))
	b.Set(model.MetricNameLabel, f.Name).Set(expr.Job.Name, rules.Job)
	for i, l := range f.Labels {
		b.Set(l.Name, values[i])
	}
	return b.Labels()
}

// objectives returns the series of the configured objectives and experiments.
func (h History) objectives() []Series {
	var all []Series
	add := func(f *catalog.Family, value float64, values ...string) {
		all = append(all, constant(exposedLabels(f, values, expr.Instance.Name, h.Instances[rules.Job]), value))
	}
	h.Exporter.EachObjective(func(channel, name string, target float64) {
		add(catalog.Objective.Family, target, channel, name)
	})
	h.Exporter.EachArm(func(values ...string) { add(catalog.ExperimentInfo.Family, 1, values...) })
	return all
}
