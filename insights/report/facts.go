package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/insights/analytics"
	"belfry/insights/anomaly"
	"belfry/insights/display"
	"belfry/insights/experiment"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/insights/recommend"
	"belfry/rules"
	"belfry/rules/expr"
)

// Maker makes reports from what a Prometheus-compatible server has. Source is required.
type Maker struct {
	Source *query.Source
	// Plans are those of the experiments.
	Plans []experiment.Plan
	// Floor is the least number of users that a breakdown shows. If 0, it is that of
	// package analytics.
	Floor int
	// Progress is told how many of all questions are answered; nil for nobody.
	Progress func(question string, answered, all int)
}

// Make makes a report about a period. Where the period is not over, the report ends with the
// newest data. It asks what was known at the end of the period, so that the same report can be
// made again later. An error says that the server does not answer, or has nothing of the
// period.
func (m Maker) Make(ctx context.Context, d Definition, p Period) (Document, error) {
	f, err := m.gather(ctx, d, p)
	if err != nil {
		return Document{}, fmt.Errorf("report %s of %s: %w", d.Name, p.Words(), err)
	}
	return compose(f), nil
}

// facts holds what a report is made from. What its sections do not need is zero.
type facts struct {
	definition Definition
	// period is that of the analytics, which may have been moved, and before the one that it
	// is compared with.
	period, before Period
	made           time.Time

	analytics   *analytics.Analytics
	moves       moves
	objectives  objectiveLog
	experiments []experiment.Judged
	judged      query.Status
	anomalies   anomaly.Review
	forecasts   forecast.Report
	recommended recommend.Report
	alerts      alertLog
	errors      errorLog
	pulse       pulse
}

// settling is how long after the end of a period everything about it is recorded.
const settling = 15 * time.Minute

// gather asks the questions that the sections need, side by side.
func (m Maker) gather(ctx context.Context, d Definition, p Period) (*facts, error) {
	now := m.Source.Now()
	f := &facts{definition: d, made: now}
	if p.From.After(now) {
		return nil, fmt.Errorf("it begins at %s, and it is %s: use an earlier period", p.From.Format(time.RFC3339),
			now.UTC().Format(time.RFC3339))
	}
	source := m.Source
	if over := p.To.Add(settling); over.Before(now) {
		source = m.Source.At(over)
	}
	a, err := analytics.Compute(ctx, source, analytics.Request{
		From: p.From, To: p.To, Granularity: p.granularity(), Channels: d.Channels, Floor: m.Floor, Only: d.analytics(),
	})
	switch {
	case err != nil:
		return nil, err
	case !a.Status.Usable():
		return nil, fmt.Errorf("%s: %s", a.Status.State, a.Status.Reason)
	}
	zone := p.From.Location()
	f.analytics = a
	f.period = Period{a.TimeRange.From.In(zone), a.TimeRange.To.In(zone)}
	f.before = Period{a.Previous.From.In(zone), a.Previous.To.In(zone)}
	end := f.period.To
	if p.To.Before(end) {
		end = p.To
	}
	return f, m.askAll(ctx, f, source, source.At(end))
}

// question is one that a report may ask.
type question struct {
	name string
	// of lists the sections that need it.
	of  []string
	ask func(context.Context) query.Status
}

// askAll asks the other questions: about the period, and about how things stood at its end.
// A question that is not answered is the reason in its section, unless the server does not
// answer at all.
func (m Maker) askAll(ctx context.Context, f *facts, source, atEnd *query.Source) error {
	var needed []question
	for _, q := range m.questions(f, source, atEnd) {
		if f.definition.has(q.of...) {
			needed = append(needed, q)
		}
	}
	m.tell("totals", 1, len(needed)+1)
	statuses := make([]query.Status, len(needed))
	answered := make(chan string, len(needed))
	group, ctx := errgroup.WithContext(ctx)
	for i, q := range needed {
		group.Go(func() error {
			statuses[i] = q.ask(ctx)
			answered <- q.name
			return ctx.Err()
		})
	}
	for i := range needed {
		m.tell(<-answered, i+2, len(needed)+1)
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if worst := query.Worst(statuses...); worst.State == query.Unreachable {
		return fmt.Errorf("%s: %s", worst.State, worst.Reason)
	}
	return nil
}

func (m Maker) tell(question string, answered, all int) {
	if m.Progress != nil {
		m.Progress(question, answered, all)
	}
}

func (m Maker) questions(f *facts, source, atEnd *query.Source) []question {
	return []question{
		{"what has moved", []string{summary, totals}, func(ctx context.Context) query.Status {
			if f.before.From.IsZero() || alone(f.analytics) {
				return query.Status{State: query.OK}
			}
			f.moves = readMoves(ctx, source, f.analytics, f.period, f.before)
			return f.moves.status
		}},
		{"objectives", []string{summary, objectives}, func(ctx context.Context) query.Status {
			f.objectives = readObjectives(ctx, atEnd, f.period)
			return f.objectives.status
		}},
		{"experiments", []string{experiments, recommendations}, func(ctx context.Context) query.Status {
			var err error
			f.experiments, err = experiment.Watch(ctx, atEnd, m.Plans, atEnd.Now().UTC())
			if name := f.definition.Experiment; name != "" {
				others := func(j experiment.Judged) bool { return j.Experiment != name }
				f.experiments = slices.DeleteFunc(f.experiments, others)
			}
			f.judged = query.StatusOf(err)
			return f.judged
		}},
		{"anomalies", []string{anomalies}, func(ctx context.Context) query.Status {
			f.anomalies = anomaly.ReviewPeriod(ctx, source, f.period.From, f.period.To)
			return f.anomalies.Status
		}},
		{"forecast", []string{forecasts}, func(ctx context.Context) query.Status {
			f.forecasts = new(forecast.Watcher).Watch(ctx, source)
			return f.forecasts.Status
		}},
		{"recommendations", []string{recommendations}, func(ctx context.Context) query.Status {
			var err error
			floor := float64(f.analytics.PrivacyFloor)
			f.recommended, err = recommend.Read(ctx, source, recommend.Options{Floor: floor})
			if err != nil {
				f.recommended.Status = query.StatusOf(err)
			}
			return f.recommended.Status
		}},
		{"alerts", []string{summary, alerts, timeline}, func(ctx context.Context) query.Status {
			f.alerts = readAlerts(ctx, source, f.period)
			return f.alerts.status
		}},
		{"errors", []string{deliverability, timeline}, func(ctx context.Context) query.Status {
			f.errors = readErrors(ctx, source, f.definition, f.period, f.before, f.analytics.PrivacyFloor)
			return f.errors.status
		}},
		{"course", []string{timeline}, func(ctx context.Context) query.Status {
			f.pulse = readPulse(ctx, source, f.analytics, f.period)
			return f.pulse.status
		}},
	}
}

// analytics lists the sections of the analytics that the report needs beside the totals.
func (d Definition) analytics() []string {
	only := []string{}
	for _, need := range []struct {
		name string
		of   []string
	}{
		{"channel_metrics", []string{summary, channels, money}},
		{"template_metrics", []string{templates}},
		{"provider_metrics", []string{deliverability}},
		{"system_performance", []string{totals, timeline}},
	} {
		if d.has(need.of...) {
			only = append(only, need.name)
		}
	}
	return only
}

// alone reports whether there is nothing to compare the period with.
func alone(a *analytics.Analytics) bool { return a.TotalNotifications.Previous == nil }

// objective is how a channel stands against its objectives at the end of the period.
type objective struct {
	channel string
	// target is the share that must be delivered, and reached what was within 30 days.
	target, reached *float64
	// budget and latency are what is left of the error budgets of 30 days, and earlier what
	// was left of the first at the beginning of the period.
	budget, latency, earlier *float64
}

type objectiveLog struct {
	all     []objective
	status  query.Status
	queries []string
}

// readObjectives reads how the objectives stand at the time of the source.
func readObjectives(ctx context.Context, s *query.Source, p Period) objectiveLog {
	var log objectiveLog
	byChannel := map[string]*objective{}
	read := func(e expr.Expr, at time.Time, set func(o *objective, x float64)) {
		v, err := s.Instant(ctx, expr.Max(e).By(catalog.LabelChannel), at.UTC())
		log.queries = append(log.queries, v.Queries...)
		log.status = query.Worst(log.status, query.StatusOf(err))
		for _, one := range v.Values {
			channel := one.Labels.Of(catalog.LabelChannel)
			if byChannel[channel] == nil {
				byChannel[channel] = &objective{channel: channel}
			}
			set(byChannel[channel], one.Value)
		}
	}
	end := s.Now()
	read(rules.DeliverySLO.Target.Expr, end, func(o *objective, x float64) { o.target = &x })
	read(rules.DeliverySLO.Ratio("30d").Expr, end, func(o *objective, x float64) { o.reached = new(1 - x) })
	read(rules.ErrorBudgetRemaining.Expr, end, func(o *objective, x float64) { o.budget = &x })
	read(rules.ErrorBudgetRemaining.Expr, p.From, func(o *objective, x float64) { o.earlier = &x })
	read(rules.LatencyBudgetRemaining.Expr, end, func(o *objective, x float64) { o.latency = &x })
	slices.Sort(log.queries)
	log.queries = slices.Compact(log.queries)
	for _, channel := range catalog.LabelChannel.Values {
		if o := byChannel[channel]; o != nil && (o.reached != nil || o.budget != nil) {
			log.all = append(log.all, *o)
		}
	}
	return log
}

// errorCount is how many errors a channel had whose fault they are.
type errorCount struct {
	channel, fault string
	count          display.Figure
}

type errorLog struct {
	all      []errorCount
	withheld int
	status   query.Status
	queries  []string
}

// readErrors counts failed and bounced attempts by channel and fault, and leaves out those of
// fewer than the floor.
func readErrors(
	ctx context.Context, s *query.Source, d Definition, now, before Period, floor int,
) errorLog {
	var log errorLog
	by := []*catalog.Label{catalog.LabelChannel, catalog.LabelFault}
	read := func(p Period) query.Vector {
		v, err := s.Increase(ctx, rules.FaultVolume, p.From.UTC(), p.To.UTC(), by)
		log.queries = append(log.queries, v.Queries...)
		log.status = query.Worst(log.status, query.StatusOf(err))
		return v
	}
	current, old := read(now), read(before)
	hidden := tooFew(current, floor)
	for _, one := range current.Values {
		channel, fault := one.Labels.Of(catalog.LabelChannel), one.Labels.Of(catalog.LabelFault)
		switch {
		case len(d.Channels) > 0 && !slices.Contains(d.Channels, channel) || one.Value == 0:
			continue
		case hidden[channel+fault]:
			log.withheld++
			continue
		}
		e := errorCount{channel: channel, fault: fault}
		e.count = display.Figure{Name: "Errors", Unit: display.Count, Value: new(one.Value), Good: display.Down}
		if n, ok := old.Find(one.Labels); ok && n >= float64(floor) {
			e.count.Previous = &n
		}
		log.all = append(log.all, e)
	}
	slices.SortStableFunc(log.all, func(a, b errorCount) int { return int(*b.count.Value - *a.count.Value) })
	return log
}

// tooFew returns the faults of a channel with fewer errors than the floor, and the smallest
// other one of that channel, since the sum of all can be known.
func tooFew(counts query.Vector, floor int) map[string]bool {
	hidden := map[string]bool{}
	for _, channel := range catalog.LabelChannel.Values {
		var next query.Value
		any := false
		for _, one := range counts.Values {
			switch {
			case one.Labels.Of(catalog.LabelChannel) != channel || one.Value == 0:
			case one.Value < float64(floor):
				hidden[channel+one.Labels.Of(catalog.LabelFault)], any = true, true
			case next.Labels == nil || one.Value < next.Value:
				next = one
			}
		}
		if any && next.Labels != nil {
			hidden[channel+next.Labels.Of(catalog.LabelFault)] = true
		}
	}
	return hidden
}
