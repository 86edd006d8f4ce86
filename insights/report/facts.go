package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/insights/analytics"
	"belfry/insights/anomaly"
	"belfry/insights/experiment"
	"belfry/insights/forecast"
	"belfry/insights/query"
	"belfry/insights/recommend"
	"belfry/insights/watched"
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
	f, err := m.Gather(ctx, d, p)
	if err != nil {
		return Document{}, err
	}
	return Compose(f), nil
}

// Facts holds what a report is made from; what its sections do not need is zero. It can be
// stored as JSON, and the report written again without the server.
type Facts struct {
	Definition Definition
	// Period is that of the analytics, which may have been moved, and Before the one that it
	// is compared with. Made is when the questions were asked.
	Period, Before Period
	Made           time.Time

	Analytics   *analytics.Analytics
	Moves       moves
	Objectives  objectiveLog
	Experiments []experiment.Judged
	Judged      query.Status
	Anomalies   anomaly.Review
	Forecasts   forecast.Report
	Recommended recommend.Report
	Alerts      alertLog
	Errors      errorLog
	Pulse       pulse
}

// settling is how long after the end of a period everything about it is recorded.
const settling = 15 * time.Minute

// Gather asks the questions that the sections of a report need, side by side, see [Maker.Make].
func (m Maker) Gather(ctx context.Context, d Definition, p Period) (*Facts, error) {
	f, err := m.gather(ctx, d, p)
	if err != nil {
		return nil, fmt.Errorf("report %s of %s: %w", d.Name, p.Words(), err)
	}
	return f, nil
}

func (m Maker) gather(ctx context.Context, d Definition, p Period) (*Facts, error) {
	now := m.Source.Now()
	f := &Facts{Definition: d, Made: now.UTC()}
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
	f.Analytics = a
	f.Period = Period{a.TimeRange.From.In(zone), a.TimeRange.To.In(zone)}
	f.Before = Period{a.Previous.From.In(zone), a.Previous.To.In(zone)}
	end := f.Period.To
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
func (m Maker) askAll(ctx context.Context, f *Facts, source, atEnd *query.Source) error {
	var needed []question
	for _, q := range m.questions(f, source, atEnd) {
		if f.Definition.has(q.of...) {
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
	if f.Definition.has(recommendations) {
		f.Recommended.Ship(f.Experiments)
	}
	return nil
}

func (m Maker) tell(question string, answered, all int) {
	if m.Progress != nil {
		m.Progress(question, answered, all)
	}
}

func (m Maker) questions(f *Facts, source, atEnd *query.Source) []question {
	return []question{
		{"what has moved", []string{summary, totals}, func(ctx context.Context) query.Status {
			like := f.Period.like(f.Before)
			covered, err := source.Coverage(ctx, like.From.UTC(), like.To.UTC())
			if f.Moves.Status = query.StatusOf(err); err == nil && covered.Missing <= mostMissing {
				f.Moves = readMoves(ctx, source, f.Definition, f.Analytics, f.Period, like)
			}
			return f.Moves.Status
		}},
		{"objectives", []string{summary, objectives}, func(ctx context.Context) query.Status {
			f.Objectives = readObjectives(ctx, atEnd, f.Definition, f.Period)
			return f.Objectives.Status
		}},
		{"experiments", []string{templates, experiments, recommendations}, func(ctx context.Context) query.Status {
			var err error
			f.Experiments, err = experiment.Watch(ctx, atEnd, m.Plans, atEnd.Now().UTC())
			if name := f.Definition.Experiment; name != "" {
				others := func(j experiment.Judged) bool { return j.Experiment != name }
				f.Experiments = slices.DeleteFunc(f.Experiments, others)
			}
			f.Judged = query.StatusOf(err)
			return f.Judged
		}},
		{"anomalies", []string{anomalies}, func(ctx context.Context) query.Status {
			f.Anomalies = anomaly.ReviewPeriod(ctx, source, f.Period.From, f.Period.To)
			f.Anomalies.Episodes = slices.DeleteFunc(f.Anomalies.Episodes, func(e anomaly.Episode) bool {
				return !f.Definition.counts(e.Channel)
			})
			return f.Anomalies.Status
		}},
		{"forecast", []string{forecasts}, func(ctx context.Context) query.Status {
			f.Forecasts = new(forecast.Watcher).Watch(ctx, source)
			f.Forecasts.Series = slices.DeleteFunc(f.Forecasts.Series, func(w forecast.Watched) bool {
				return w.Series != watched.Volume && w.Series != watched.Delivery || !f.Definition.counts(w.Channel)
			})
			return f.Forecasts.Status
		}},
		{"recommendations", []string{recommendations}, func(ctx context.Context) query.Status {
			var err error
			floor := float64(f.Analytics.PrivacyFloor)
			f.Recommended, err = recommend.Read(ctx, source, recommend.Options{Floor: floor})
			if err != nil {
				f.Recommended.Status = query.StatusOf(err)
			}
			f.Recommended.Recommendations = slices.DeleteFunc(f.Recommended.Recommendations,
				func(r recommend.Recommendation) bool { return !f.Definition.counts(r.Channel) })
			return f.Recommended.Status
		}},
		{"alerts", []string{summary, alerts, timeline}, func(ctx context.Context) query.Status {
			f.Alerts = readAlerts(ctx, source, f.Period)
			f.Alerts.All = slices.DeleteFunc(f.Alerts.All, func(a alert) bool {
				return a.Channel != "" && !f.Definition.counts(a.Channel) // what is of no channel is of all
			})
			return f.Alerts.Status
		}},
		{"errors", []string{deliverability, timeline}, func(ctx context.Context) query.Status {
			f.Errors = readErrors(ctx, source, f.Definition, f.Period, f.Before, f.Analytics.PrivacyFloor)
			return f.Errors.Status
		}},
		{"course", []string{timeline}, func(ctx context.Context) query.Status {
			f.Pulse = readPulse(ctx, source, f.Analytics, f.Period)
			return f.Pulse.Status
		}},
	}
}

// mostMissing is how much of a period may be missing to compare with it.
const mostMissing = 0.1

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
	} {
		if d.has(need.of...) {
			only = append(only, need.name)
		}
	}
	return only
}

// alone reports whether there is nothing to compare the period with.
func alone(a *analytics.Analytics) bool { return a.TotalNotifications.Previous == nil }
