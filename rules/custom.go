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

// operators maps the operators of conditions to comparisons and to the words for
// them.
var operators = map[string]struct {
	compare func(e, with expr.Expr) expr.Expr
	words   string
	below   bool
}{
	"gt":  {func(e, with expr.Expr) expr.Expr { return e.Gt(with) }, "above", false},
	"gte": {func(e, with expr.Expr) expr.Expr { return e.Ge(with) }, "at least", false},
	"lt":  {func(e, with expr.Expr) expr.Expr { return e.Lt(with) }, "below", true},
	"lte": {func(e, with expr.Expr) expr.Expr { return e.Le(with) }, "at most", true},
	"eq":  {func(e, with expr.Expr) expr.Expr { return e.Eq(with) }, "exactly", false},
	"ne":  {func(e, with expr.Expr) expr.Expr { return e.Ne(with) }, "other than", false},
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
		When: func(limit float64) expr.Expr {
			return c.guarded(op.compare(value, expr.Num(limit)), value, window)
		},
		Value: value, Threshold: c.Condition.Threshold, Unit: m.Unit, Below: op.below,
		// The Nth evaluation in a row is N-1 intervals behind the first.
		For: time.Duration(max(c.Condition.ConsecutiveViolations, 1)-1) * custom.every,
		// The alert outlives its condition by the cooldown, so that a fault that
		// comes and goes is one alert.
		KeepFiringFor: c.cooldown(), Cooldown: c.cooldown(), Receivers: c.Channels,
		Summary:     c.summary(value.Labels()),
		Description: c.words(m, op.words, window), First: literal(c.FirstStep),
		Dashboard: SLOs, Panel: panelAlerts,
	}
	a = a.with(a.Threshold)
	return a, a.Expr.Err()
}

func (c ownAlert) cooldown() time.Duration { return time.Duration(c.CooldownPeriod) * time.Minute }

// guarded requires in addition to a condition that the value has changed, and that
// there were enough notifications.
func (c ownAlert) guarded(e, value expr.Expr, window time.Duration) expr.Expr {
	back := expr.Window(c.earlier(window).String())
	if c.Condition.PercentageChange != 0 {
		before := value.Offset(back)
		change := expr.Abs(value.Sub(before)).Gt(expr.Num(0)) // 0 is not half of 0
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

// earlier returns how far back the value is compared.
func (c ownAlert) earlier(window time.Duration) model.Duration {
	if c.Condition.CompareTo > 0 {
		return c.Condition.CompareTo
	}
	return model.Duration(window)
}

// sentWithin counts the notifications sent in a window, by channel and provider if
// these are among the labels, and narrowed to the same channels and providers.
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
	perSecond := expr.AvgOverTime(Sent.Rate1m, expr.Window(model.Duration(window).String()), where...)
	return expr.Sum(perSecond).Keeping(by...).Mul(expr.Num(window.Seconds())), by
}

// summary returns the description, or the name, and the labels that it is about.
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

// literal escapes text, so that neither Prometheus expands it as a template nor
// [Alert.text] fills anything in.
func literal(text string) string { return literally.Replace(text) }

var literally = strings.NewReplacer(
	"{{", `{{ "{{" }}`, "<threshold>", `{{ "<" }}threshold>`, "<servers>", `{{ "<" }}servers>`)

// words returns the description: what the value is, and when the alert fires.
func (c ownAlert) words(m Metric, operator string, window time.Duration) string {
	text := c.Metric
	for _, name := range slices.Sorted(maps.Keys(c.Match)) {
		text += fmt.Sprintf(", %s %s,", name, c.Match[name])
	}
	text = fmt.Sprintf("%s is %s over %s (alerts when %s %s", literal(strings.TrimSuffix(text, ",")),
		valueOf(m.Unit), model.Duration(window), operator, limitOf(m.Unit, c.Condition.Threshold))
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

// valueOf returns the template of the alert's value for people.
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

// limitOf formats a threshold as valueOf does a value.
func limitOf(u catalog.Unit, x float64) string {
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
