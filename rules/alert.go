package rules

import (
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Alert is one alerting rule.
type Alert struct {
	// Name is the label alertname, and the runbook's file name. Several alerts
	// share a name when they tell of one thing at several severities.
	Name     string
	Severity settings.Severity
	// Team is who is responsible for the fault, in one word.
	Team string
	// Expr is the condition: it has one element for each thing at fault. Where
	// the rules file may replace the threshold it is what When returns for it.
	Expr expr.Expr
	When func(threshold float64) expr.Expr
	// Value is what a panel draws beside Threshold, in the unit; all are zero for
	// an alert that has no such figure.
	Value     expr.Expr
	Threshold float64
	Unit      catalog.Unit
	// For is how long the condition must hold.
	For time.Duration
	// KeepFiringFor is how long the alert outlives its condition, so that a
	// fault that comes and goes is one page.
	KeepFiringFor time.Duration
	// Summary and Description are templates of Prometheus, the first a headline.
	// In both <threshold> stands for the threshold in words.
	Summary, Description string
	// Window tells alerts of one name and severity apart: the label window.
	Window expr.Window
	// Rule is the id of an installation's own rule; empty for a shipped alert,
	// whose label rule is its name. Cooldown is that rule's, and Receivers whom
	// it tells instead of its team.
	Rule      string
	Cooldown  time.Duration
	Receivers []string
	// Dashboard and Panel are the uid and panel key of where to look first.
	Dashboard, Panel string
	// DetectsWithin bounds the time from a total fault to the page at the
	// shipped intervals. Zero for the alert that always fires.
	DetectsWithin time.Duration
}

// complete is the alert as shipped: its name gets the prefix, its condition the
// threshold, and it links to the dashboard of operations unless it says
// otherwise.
func (a Alert) complete() Alert {
	a.Name = settings.Prefix + a.Name
	if a.Dashboard == "" {
		a.Dashboard = Operations
	}
	return a.with(a.Threshold)
}

// with is the alert at another threshold.
func (a Alert) with(threshold float64) Alert {
	if a.When != nil {
		a.Threshold, a.Expr = threshold, a.When(threshold)
	}
	return a
}

// ID is what the label rule says: the id of the installation's own rule, or the
// name of a shipped alert.
func (a Alert) ID() string {
	if a.Rule != "" {
		return a.Rule
	}
	return a.Name
}

// text fills the threshold into a summary or description.
func (a Alert) text(template string) string {
	return strings.ReplaceAll(template, "<threshold>", number(a.Unit, a.Threshold))
}

// Labels that alerts have beside those of their expressions.
var (
	LabelTeam = &catalog.Label{Name: "team", Limit: 100, Doc: "who is responsible"}
	// LabelCooldown is how long an alert of an installation's own outlives its
	// condition.
	LabelCooldown = &catalog.Label{Name: "cooldown", Limit: 100, Doc: "how long the alert outlives its condition"}
	labelWindow   = &catalog.Label{Name: "window", Limit: 10, Doc: "long window of a burn of an error budget"}
)

// number writes a figure for people.
func number(u catalog.Unit, x float64) string {
	switch u {
	case catalog.UnitRatio:
		return plain(rounded(x*100)) + "%"
	case catalog.UnitSeconds:
		return time.Duration(x * float64(time.Second)).String()
	case catalog.UnitRate:
		return plain(rounded(x*60)) + " a minute"
	default:
		return plain(rounded(x))
	}
}
