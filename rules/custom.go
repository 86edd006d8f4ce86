package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// operators are the comparisons of a condition and how messages word them.
var operators = map[string]struct {
	compare func(e expr.Expr, with expr.Expr) expr.Expr
	words   string
}{
	"gt":  {func(e, with expr.Expr) expr.Expr { return e.Gt(with) }, "above"},
	"gte": {func(e, with expr.Expr) expr.Expr { return e.Ge(with) }, "at least"},
	"lt":  {func(e, with expr.Expr) expr.Expr { return e.Lt(with) }, "below"},
	"lte": {func(e, with expr.Expr) expr.Expr { return e.Le(with) }, "at most"},
	"eq":  {func(e, with expr.Expr) expr.Expr { return e.Eq(with) }, "exactly"},
	"ne":  {func(e, with expr.Expr) expr.Expr { return e.Ne(with) }, "other than"},
}

// ownAlert is an alert of the rules file.
type ownAlert struct{ settings.Alert }

// compile returns the alerting rule. Everything that the file may leave out has
// its default already.
func (c ownAlert) compile(m Metric) (Alert, error) {
	op, valid := operators[c.Condition.Operator]
	if !valid {
		return Alert{}, fmt.Errorf("unknown operator %q", c.Condition.Operator)
	}
	value, window, err := m.Over(time.Duration(c.Condition.TimeWindow), c.Match)
	if err != nil {
		return Alert{}, err
	}
	a := Alert{
		Name: c.Name, Rule: c.ID, Severity: c.Severity, Team: c.Team,
		When: func(threshold float64) expr.Expr {
			return c.guarded(op.compare(value, expr.Num(threshold)), value, window)
		},
		Value: value, Threshold: c.Condition.Threshold, Unit: m.Unit,
		// The Nth evaluation in a row is N-1 intervals behind the first.
		For: time.Duration(max(c.Condition.ConsecutiveViolations, 1)-1) * custom.every,
		// The alert outlives its condition by the cooldown, so that a fault that
		// comes and goes is one alert.
		KeepFiringFor: c.cooldown(), Cooldown: c.cooldown(), Receivers: c.Channels,
		Summary:     c.summary(value.Labels()),
		Description: c.words(m, op.words, window),
		Dashboard:   SLOs, Panel: panelAlerts,
	}
	a = a.with(a.Threshold)
	return a, a.Expr.Err()
}

func (c ownAlert) cooldown() time.Duration { return time.Duration(c.CooldownPeriod) * time.Minute }

// guarded adds to a condition that the value has changed, and that there were
// enough notifications to say so.
func (c ownAlert) guarded(e, value expr.Expr, window time.Duration) expr.Expr {
	back := expr.Window(c.earlier(window).String())
	if c.Condition.PercentageChange != 0 {
		before := value.Offset(back)
		change := expr.Abs(value.Sub(before)).Gt(expr.Num(0)) // nothing is not half of nothing
		e = e.And(change.Ge(expr.Num(rounded(c.Condition.PercentageChange / 100)).Mul(expr.Abs(before))))
	}
	if c.Condition.MinEvents == 0 {
		return e
	}
	sent, by := sentWithin(window, value.Labels(), c.Match)
	enough := sent.Ge(expr.Num(c.Condition.MinEvents))
	if c.Condition.PercentageChange != 0 {
		// When traffic breaks off, the window that is compared with holds it.
		enough = enough.Or(sent.Offset(back).Ge(expr.Num(c.Condition.MinEvents)))
	}
	return e.And(enough, expr.On(by...))
}

// earlier is how long ago the value is compared with.
func (c ownAlert) earlier(window time.Duration) model.Duration {
	if c.Condition.CompareTo > 0 {
		return c.Condition.CompareTo
	}
	return model.Duration(window)
}

// sentWithin counts the notifications sent in a window, by those of the labels
// that senders know: channel and provider. What is matched of them is matched
// here too.
func sentWithin(window time.Duration, labels []*catalog.Label, match map[string]string) (expr.Expr, []*catalog.Label) {
	var by []*catalog.Label
	var where []expr.Matcher
	for _, l := range perProvider {
		if slices.Contains(labels, l) {
			by = append(by, l)
			if value, ok := match[l.Name]; ok {
				where = append(where, expr.Match(l, value))
			}
		}
	}
	perSecond := expr.Sum(expr.AvgOverTime(Sent.Rate1m, expr.Window(model.Duration(window).String()), where...)).Keeping(by...)
	return perSecond.Mul(expr.Num(window.Seconds())), by
}

// summary is the description, or the name, and what it is about.
func (c ownAlert) summary(labels []*catalog.Label) string {
	text := c.Description
	if text == "" {
		text = c.Name
	}
	text = literal(text)
	var about []string
	for _, l := range labels {
		about = append(about, "{{ $labels."+l.Name+" }}")
	}
	if len(about) > 0 {
		text += ": " + strings.Join(about, ", ")
	}
	return text
}

// literal keeps Prometheus from taking text for a template.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// words says what the value is, and when that is too much.
func (c ownAlert) words(m Metric, operator string, window time.Duration) string {
	text := c.Metric
	for _, name := range slices.Sorted(maps.Keys(c.Match)) {
		text += fmt.Sprintf(", %s %s,", name, c.Match[name])
	}
	text = literal(strings.TrimSuffix(text, ",")) + " is " + valueOf(m.Unit) + " over " + model.Duration(window).String() +
		" (alerts when " + operator + " " + figure(m.Unit, c.Condition.Threshold)
	if n := c.Condition.ConsecutiveViolations; n > 1 {
		text += fmt.Sprintf(" for %d evaluations in a row", n)
	}
	if p := c.Condition.PercentageChange; p != 0 {
		text += fmt.Sprintf(" and changed by %s%% against %s before", plain(p), c.earlier(window))
	}
	if n := c.Condition.MinEvents; n > 0 {
		text += fmt.Sprintf(", of at least %s notifications", plain(n))
	}
	return text + ")."
}

// valueOf is the template of the alert's value for people.
func valueOf(u catalog.Unit) string {
	switch u {
	case catalog.UnitRatio:
		return "{{ $value | humanizePercentage }}"
	case catalog.UnitSeconds:
		return "{{ $value | humanizeDuration }}"
	case catalog.UnitRate:
		return `{{ $value | humanize }} a second`
	case catalog.UnitBytes:
		return "{{ $value | humanize1024 }}B"
	case catalog.UnitBytesPerSecond:
		return "{{ $value | humanize1024 }}B a second"
	case catalog.UnitTimestamp:
		return "{{ $value | humanizeTimestamp }}"
	case catalog.UnitMoney:
		return `{{ printf "%.4g" $value }} {{ $labels.currency }}`
	}
	return "{{ $value | humanize }}"
}

// figure is a threshold in the words of valueOf.
func figure(u catalog.Unit, x float64) string {
	switch u {
	case catalog.UnitRate:
		return plain(x) + " a second"
	case catalog.UnitBytes:
		return plain(x) + " bytes"
	case catalog.UnitBytesPerSecond:
		return plain(x) + " bytes a second"
	case catalog.UnitTimestamp:
		return time.Unix(int64(x), 0).UTC().Format(time.RFC3339)
	}
	return number(u, x)
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
