package rules

import (
	"regexp"
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// printed finds how a text prints the value of its alert.
var printed = regexp.MustCompile(`{{ (?:\$value \| (humanize\w*)|(printf) "[^"]+" \$value) }}`)

// figure says how people read the value of an alert: in which unit of
// [catalog.LabelUnit], empty for a count, and which operation turns the value into it.
type figure struct {
	unit string
	of   func(value expr.Expr) expr.Expr
}

func multiplied(factor float64) func(expr.Expr) expr.Expr {
	return func(value expr.Expr) expr.Expr { return value.Mul(expr.Num(factor)) }
}

func mebi(value expr.Expr) expr.Expr { return value.Div(expr.Num(1 << 20)) }

func asIs(value expr.Expr) expr.Expr { return value }

// figure reads the unit off the texts of the alert, so that a table shows the figure that
// the message has. There is none if the texts print no value: it is a constant then, such
// as the 0 of what is down. Nor is there one of a point in time.
func (a Alert) figure() (f figure, ok bool) {
	how := printed.FindStringSubmatch(a.Summary + " " + a.Description)
	if how == nil {
		return figure{}, false
	}
	switch how[1] + how[2] {
	case "humanizePercentage":
		return figure{"%", multiplied(100)}, true
	case "humanizeDuration":
		return figure{"s", asIs}, true
	case "humanize1024":
		if a.Unit == catalog.UnitBytesPerSecond {
			return figure{"MiB/s", mebi}, true
		}
		return figure{"MiB", mebi}, true
	case "humanizeTimestamp":
		return figure{}, false
	}
	if a.Unit == catalog.UnitRate {
		return figure{"/s", asIs}, true
	}
	return figure{"", asIs}, true
}

// saysNothing reports whether the texts have other words in place of a value of 0.
func (a Alert) saysNothing() bool { return strings.Contains(a.Description, "{{ if eq $value 0.0 }}") }

// values records the values of the conditions that hold, in the units that people read. Of
// what an alert says about a channel, and a provider where it names one, that is the value
// furthest beyond the threshold. Amounts in different currencies stay apart.
func values(alerts []Alert) []labelled {
	var records []labelled
	for _, a := range alerts {
		f, ok := a.figure()
		if !ok {
			continue
		}
		var by []*catalog.Label
		for _, l := range catalog.AlertValue.Labels {
			if slices.Contains(a.Expr.Labels(), l) {
				by = append(by, l)
			}
		}
		of, worst := a.Expr, expr.Max
		if a.saysNothing() {
			of = of.Ne(expr.Num(0))
		}
		if a.Below {
			worst = expr.Min
		}
		r := labelledFor(catalog.AlertValue, f.of(worst(of).By(by...)), a.ID(), a.Severity)
		r.labels[catalog.LabelAlertName.Name] = a.Name
		if f.unit != "" {
			r.labels[catalog.LabelUnit.Name] = f.unit
		}
		records = append(records, r)
	}
	return records
}
