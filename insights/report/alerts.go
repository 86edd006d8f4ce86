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
	name, rule, severity, channel, provider string
	// began is when the condition began to hold, fired when the alert began to fire, and
	// ended when the condition ceased to hold. goesOn reports that it still fired at the end
	// of the period.
	began, fired, ended time.Time
	goesOn              bool
}

// took returns how long the fault lasted.
func (a alert) took() time.Duration { return a.ended.Sub(a.began) }

// pages reports whether the alert wakes somebody.
func (a alert) pages() bool {
	return a.severity == string(settings.Critical) || a.severity == string(settings.Emergency)
}

// alertLog holds the alerts of a period.
type alertLog struct {
	all     []alert // in the order in which they began
	status  query.Status
	step    time.Duration // how exact the times are
	queries []string
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
	log := alertLog{step: alertStep(p)}
	firing := expr.Select(expr.Alerts, isFiring, notAlways)
	since := expr.Max(expr.Select(expr.AlertsForState, notAlways).And(firing,
		expr.Ignoring(expr.AlertState))).By(perAlert...)
	fired, err := s.Range(ctx, since, p.From.UTC(), p.To.UTC(), log.step)
	log.queries = fired.Queries
	if log.status = query.StatusOf(err); err != nil || len(fired.Series) == 0 {
		return log
	}
	held, err := s.Range(ctx, expr.Max(expr.Select(catalog.AlertCondition)).By(perCondition...), p.From.UTC(),
		p.To.UTC(),
		log.step)
	log.queries = append(log.queries, held.Queries...)
	if log.status = query.StatusOf(err); err != nil {
		return log
	}
	conditions := map[string][]query.Point{}
	for _, c := range held.Series {
		conditions[key(c.Labels, perCondition)] = c.Points
	}
	for _, series := range fired.Series {
		log.all = append(log.all, alertsOf(series, conditions[key(series.Labels, perCondition)], p.To, log.step)...)
	}
	slices.SortStableFunc(log.all, func(a, b alert) int {
		return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.name, b.name), cmp.Compare(a.channel, b.channel),
			cmp.Compare(a.provider, b.provider))
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
				name: of.Labels.Of(catalog.LabelAlertName), rule: of.Labels.Of(catalog.LabelRule),
				severity: of.Labels.Of(catalog.LabelSeverity), channel: of.Labels.Of(catalog.LabelChannel),
				provider: of.Labels.Of(catalog.LabelProvider),
				began:    time.UnixMilli(int64(p.Value * 1000)), fired: p.At,
			})
		}
		all[len(all)-1].ended, last = p.At, p
	}
	for i := range all {
		a := &all[i]
		a.goesOn = to.Sub(a.ended) < 2*step
		if held := lastHeld(condition, a.began, a.ended); !held.IsZero() && a.ended.Sub(held) > step {
			a.ended, a.goesOn = held, false
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
