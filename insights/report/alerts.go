package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// alert is one time that an alert fired.
type alert struct {
	Name, Rule, Severity, Channel, Provider string
	// Began is when the condition began to hold, Fired when the alert began to fire, and
	// Ended when the condition ceased to hold. GoesOn reports that it still fired at the end
	// of the period.
	Began, Fired, Ended time.Time
	GoesOn              bool
}

// took returns how long the fault lasted.
func (a alert) took() time.Duration { return a.Ended.Sub(a.Began) }

// pages reports whether the alert wakes somebody.
func (a alert) pages() bool {
	return a.Severity == string(settings.Critical) || a.Severity == string(settings.Emergency)
}

// alertLog holds the alerts of a period.
type alertLog struct {
	All     []alert // in the order in which they began
	Status  query.Status
	Step    time.Duration // how exact the times are
	Queries []string
}

// alertStep returns the distance of the points at which alerts are looked for.
func alertStep(p Period) time.Duration {
	switch length := p.To.Sub(p.From); {
	case length <= 2*24*time.Hour:
		return 30 * time.Second
	case length <= 45*24*time.Hour:
		return time.Minute
	default:
		return 5 * time.Minute
	}
}

var (
	isFiring  = expr.Eq(expr.AlertState, "firing")
	notAlways = expr.Ne(catalog.LabelAlertName, rules.Watchdog.Name)
	perAlert  = []*catalog.Label{
		catalog.LabelAlertName, catalog.LabelRule, catalog.LabelSeverity, catalog.LabelChannel, catalog.LabelProvider,
	}
	perCondition = []*catalog.Label{catalog.LabelRule, catalog.LabelSeverity, catalog.LabelChannel}
)

// readAlerts reads which alerts fired in a period, and how long their conditions held.
func readAlerts(ctx context.Context, s *query.Source, p Period) alertLog {
	log := alertLog{Step: alertStep(p)}
	firing := expr.Select(expr.Alerts, isFiring, notAlways)
	since := expr.Max(expr.Select(expr.AlertsForState, notAlways).And(firing,
		expr.Ignoring(expr.AlertState))).By(perAlert...)
	fired, err := s.Range(ctx, since, p.From.UTC(), p.To.UTC(), log.Step)
	log.Queries = fired.Queries
	if log.Status = query.StatusOf(err); err != nil || len(fired.Series) == 0 {
		return log
	}
	held, err := s.Range(ctx, expr.Max(expr.Select(catalog.AlertCondition)).By(perCondition...), p.From.UTC(),
		p.To.UTC(), log.Step)
	log.Queries = append(log.Queries, held.Queries...)
	if log.Status = query.StatusOf(err); err != nil {
		return log
	}
	conditions := map[string][]query.Point{}
	for _, c := range held.Series {
		conditions[key(c.Labels, perCondition)] = c.Points
	}
	for _, series := range fired.Series {
		log.All = append(log.All, alertsOf(series, conditions[key(series.Labels, perCondition)], p.To, log.Step)...)
	}
	slices.SortStableFunc(log.All, func(a, b alert) int {
		return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Channel, b.Channel),
			cmp.Compare(a.Provider, b.Provider))
	})
	return log
}

// key tells series apart by some of their labels.
func key(l query.Labels, by []*catalog.Label) string {
	values := make([]string, len(by))
	for i, label := range by {
		values[i] = l.Of(label)
	}
	return strings.Join(values, "\x00")
}

// alertsOf cuts a series, whose values are when the condition began to hold, into the times
// that the alert fired. The condition may have ended before the alert, whose cooldown is not
// part of the fault.
func alertsOf(of query.Series, condition []query.Point, to time.Time, step time.Duration) (all []alert) {
	var last query.Point
	for _, p := range of.Points {
		if len(all) == 0 || p.Value != last.Value || p.At.Sub(last.At) > step {
			all = append(all, alert{
				Name: of.Labels.Of(catalog.LabelAlertName), Rule: of.Labels.Of(catalog.LabelRule),
				Severity: of.Labels.Of(catalog.LabelSeverity), Channel: of.Labels.Of(catalog.LabelChannel),
				Provider: of.Labels.Of(catalog.LabelProvider),
				Began:    time.UnixMilli(int64(p.Value * 1000)), Fired: p.At,
			})
		}
		all[len(all)-1].Ended, last = p.At, p
	}
	for i := range all {
		a := &all[i]
		a.GoesOn = to.Sub(a.Ended) < 2*step
		if held := lastHeld(condition, a.Began, a.Ended); !held.IsZero() && a.Ended.Sub(held) > step {
			a.Ended, a.GoesOn = held, false
		}
	}
	return all
}

// lastHeld returns the last time within a span at which a condition held, and zero if no
// condition is recorded.
func lastHeld(condition []query.Point, from, to time.Time) (last time.Time) {
	for _, p := range condition {
		if !p.At.Before(from) && !p.At.After(to) {
			last = p.At
		}
	}
	return last
}
