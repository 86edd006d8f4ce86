package experiment

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// Reading is what Prometheus knows of an experiment.
type Reading struct {
	query.Answer
	Trial Trial
	// Status says whether the trial can be judged: OK, Stale or NoData.
	Status query.Status
}

// tile is the length of the recorded increases.
const tile = 5 * time.Minute

// Read gathers the counts since the start of the plan's experiment until now. They are
// exact, as far as they were recorded; where they were not, the trial has a data gap.
func Read(ctx context.Context, s *query.Source, p Plan, now time.Time) (Reading, error) {
	r := reader{source: s, plan: p, from: p.Started.Truncate(tile), to: now.UTC().Truncate(tile)}
	r.Trial = p.Trial()
	r.Trial.Now = now.UTC()
	r.Trial.Arms = map[string]Arm{}
	for arm := range p.Split {
		r.Trial.Arms[arm] = Arm{Metrics: map[string]Metric{}}
	}
	if !r.to.After(r.from) {
		reason := "the experiment starts on " + p.Started.Format(time.RFC3339)
		r.Status = query.Status{State: query.NoData, Reason: reason}
		return r.Reading, nil
	}
	for _, step := range []func(context.Context) error{r.age, r.counts, r.young, r.gaps, r.restarts, r.changes} {
		if err := step(ctx); err != nil {
			r.Status = query.StatusOf(err)
			return r.Reading, err
		}
	}
	return r.Reading, nil
}

// reader gathers a reading step by step.
type reader struct {
	Reading
	source   *query.Source
	plan     Plan
	from, to time.Time
}

func (r *reader) of(labels ...expr.Matcher) []expr.Matcher {
	return append(labels, expr.Eq(catalog.LabelExperiment, r.plan.Name))
}

func (r *reader) increase(ctx context.Context, v rules.Volume, to time.Time, by []*catalog.Label,
	where ...expr.Matcher) (query.Vector, error) {
	found, err := r.source.Increase(ctx, v, r.from, to, by, r.of(where...)...)
	r.Join(found.Answer)
	return found, err
}

// age notes stale data.
func (r *reader) age(ctx context.Context) error {
	age, err := r.source.Age(ctx)
	r.Join(age.Answer)
	r.Status = age.Status
	return err
}

// counts fills in the arms.
func (r *reader) counts(ctx context.Context) error {
	moments, err := r.increase(ctx, rules.ExperimentMomentVolume, r.to,
		[]*catalog.Label{catalog.LabelVariant, catalog.LabelOutcome, catalog.LabelMoment})
	if err != nil {
		return err
	}
	stages, err := r.increase(ctx, rules.ExperimentUserVolume, r.to,
		[]*catalog.Label{catalog.LabelVariant, catalog.LabelStage})
	if err != nil {
		return err
	}
	crossed, err := r.increase(ctx, rules.CrossoverVolume, r.to, []*catalog.Label{catalog.LabelExperiment})
	if err != nil {
		return err
	}
	r.Trial.CrossoverUsers = whole(crossed.Sum())
	for arm := range r.Trial.Arms {
		c := armCounts{arm, moments, stages}
		r.Trial.Arms[arm] = Arm{Users: whole(c.moment("open", "n")), Metrics: c.metrics(r.plan)}
	}
	r.strangers(moments)
	if len(moments.Values) == 0 && r.Status.State == query.OK {
		r.Status = query.Status{State: query.NoData, Reason: fmt.Sprintf(
			"no user of experiment %s has been counted since %s", r.plan.Name, r.from.Format(time.RFC3339))}
	}
	return nil
}

// strangers notes users of arms that the plan does not have.
func (r *reader) strangers(moments query.Vector) {
	for _, v := range moments.Values {
		arm := v.Labels.Of(catalog.LabelVariant)
		if _, planned := r.Trial.Arms[arm]; planned || v.Labels.Of(catalog.LabelOutcome) != "open" ||
			v.Labels.Of(catalog.LabelMoment) != "n" || v.Value == 0 {
			continue
		}
		r.gap("%.0f users are in arm %q, which the plan does not have", v.Value, arm)
	}
}

// gap notes that counts are missing or cannot be trusted. The first reason counts.
func (r *reader) gap(format string, args ...any) {
	if !r.Trial.DataGap {
		r.Trial.DataGap, r.Trial.GapReason = true, fmt.Sprintf(format, args...)
	}
}

// young counts users who were exposed less than a conversion window ago.
func (r *reader) young(ctx context.Context) error {
	window := time.Duration(r.plan.ConversionWindow)
	before := r.to.Add(-window).Truncate(tile)
	if window == 0 || !before.After(r.from) {
		return nil // Judge knows that nobody has had the window
	}
	old, err := r.increase(ctx, rules.ExperimentMomentVolume, before, []*catalog.Label{catalog.LabelVariant},
		expr.Eq(catalog.LabelOutcome, "open"), expr.Eq(catalog.LabelMoment, "n"))
	if err != nil {
		return err
	}
	for name, arm := range r.Trial.Arms {
		mature, _ := old.Find(query.Labels{catalog.LabelVariant.Name: name})
		arm.YoungUsers = max(0, arm.Users-whole(mature))
		r.Trial.Arms[name] = arm
	}
	return nil
}

// longestGap is how long nothing may be recorded before counts are lost, see expr.Tally.
const longestGap = 24 * time.Hour

// gaps looks for times in which nothing was recorded.
func (r *reader) gaps(ctx context.Context) error {
	const step = time.Hour
	if r.to.Sub(r.from) < longestGap {
		return nil
	}
	sent := rules.StageVolume.Increase5m
	recorded := expr.Count(expr.CountOverTime(sent, "1h", expr.Stage(catalog.StageSent))).By()
	m, err := r.source.Range(ctx, recorded, r.from.Add(step), r.to, step)
	r.Join(m.Answer)
	if err != nil {
		return err
	}
	last := r.from
	for _, series := range m.Series {
		for _, p := range append(series.Points, query.Point{At: r.to}) {
			if p.At.Sub(last) > longestGap {
				r.gap("nothing was recorded between %s and %s, so counts are missing", last.Format(time.RFC3339),
					p.At.Format(time.RFC3339))
			}
			last = p.At
		}
	}
	return nil
}

// restarts compares what was recorded with the counters themselves. They show less if
// the exporter lost its state: users whom it has forgotten are counted twice. They show
// more if users entered before the start.
func (r *reader) restarts(ctx context.Context) error {
	counters := expr.Sum(expr.Select(catalog.ExperimentMoments, r.of(expr.Eq(catalog.LabelOutcome, "open"),
		expr.Eq(catalog.LabelMoment, "n"))...)).By(catalog.LabelVariant)
	m, err := r.source.Range(ctx, counters, r.to.Add(-time.Hour), r.to, tile)
	r.Join(m.Answer)
	if err != nil {
		return err
	}
	for _, series := range m.Series {
		name := series.Labels.Of(catalog.LabelVariant)
		most := 0.0 // a partition may be hidden at times
		for _, p := range series.Points {
			most = max(most, p.Value)
		}
		r.restarted(name, most)
	}
	return nil
}

func (r *reader) restarted(arm string, shown float64) {
	counted, planned := r.Trial.Arms[arm]
	recorded := float64(counted.Users)
	slack := max(leastOutcomes, 0.01*recorded)
	switch {
	case !planned:
	case shown < recorded-slack:
		r.gap("the exporter lost its state after the start: it shows %.0f users of arm %s, and %.0f were recorded, so "+
			"some are counted twice", shown, arm, recorded)
	case shown > recorded+slack:
		r.gap("%.0f users of arm %s entered before %s, or were not recorded: give the experiment a start before its "+
			"first user, or a new id", shown-recorded, arm, r.from.Format(time.RFC3339))
	}
}

// changes looks for another plan of the same start that was judged before.
func (r *reader) changes(ctx context.Context) error {
	window := expr.Window(model.Duration(max(tile, r.to.Sub(r.from))).String())
	published := expr.Max(expr.LastOverTime(catalog.ExperimentPlan, window, r.of()...)).By(catalog.LabelPlan)
	v, err := r.source.Instant(ctx, published, r.to)
	r.Join(v.Answer)
	if err != nil {
		return err
	}
	for _, plan := range v.Values {
		same := math.Abs(plan.Value-float64(r.plan.Started.Unix())) < 1
		if same && plan.Labels.Of(catalog.LabelPlan) != r.plan.Fingerprint() {
			r.gap("the plan changed after the start: undo the change, or set a new start")
		}
	}
	return nil
}
