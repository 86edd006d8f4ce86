package rules

import (
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// PageWait is how long Alertmanager waits for more alerts of a fault before it sends a page.
const PageWait = 5 * time.Second

// Alert is one alerting rule.
type Alert struct {
	// Name holds the label alertname and the name of the runbook. Alerts about one
	// thing at several severities share a name.
	Name     string
	Severity settings.Severity
	// Team says who is responsible for the fault, in one word.
	Team string
	// Expr holds the condition: it has one element for each thing at fault. If the
	// rules file may replace the threshold, When returns the condition for it.
	Expr expr.Expr
	When func(limit float64) expr.Expr
	// Value says what a panel draws next to Threshold, in the unit; all are zero for
	// an alert that has none.
	Value     expr.Expr
	Threshold float64
	Unit      catalog.Unit
	// Below says that the condition holds below the threshold: the least value is the worst.
	Below bool
	// For says how long the condition must hold.
	For time.Duration
	// KeepFiringFor says how long the alert outlives its condition, so that a fault
	// that comes and goes is one page.
	KeepFiringFor time.Duration
	// Summary holds a headline and Description a paragraph, both Prometheus
	// templates. In both, <threshold> stands for the threshold in words, and <servers> for
	// the flags of a command.
	Summary, Description string
	// First says in one line what to do first, for alerts that page.
	First string
	// Follows lists alerts about faults that also cause this one. While one of them
	// fires, and for Echo afterwards, this alert does not begin to fire, so that one
	// fault is one page. An alert that fires already goes on. Echo is as long as the
	// windows of the condition that still show a fault that is over.
	Follows []Alert
	Echo    expr.Window
	// Rule holds the id of an alert of the installation's own; empty for a shipped
	// alert, whose label rule is its name. Cooldown belongs to such an alert, and
	// Receivers lists whom to notify instead of the team.
	Rule      string
	Cooldown  time.Duration
	Receivers []string
	// Dashboard and Panel name the uid and panel key of where to look first.
	Dashboard, Panel string
	// DetectsWithin bounds the time from a total fault to the page at the shipped
	// intervals. Zero for the alert that always fires.
	DetectsWithin time.Duration
}

// complete returns the alert as shipped: with the prefix in its name, the
// threshold in its condition, and a link to the dashboard of operations unless it
// has another one.
func (a Alert) complete() Alert {
	a.Name = settings.Prefix + a.Name
	if a.Dashboard == "" {
		a.Dashboard = Operations
	}
	if a.When != nil {
		return a.with(a.Threshold)
	}
	a.Expr = a.unexplained(a.Expr)
	return a
}

// with returns the alert at another threshold.
func (a Alert) with(limit float64) Alert {
	if a.When != nil {
		a.Threshold, a.Expr = limit, a.unexplained(a.When(limit))
	}
	return a
}

// ID returns the label rule: the id of an alert of the installation's own, or the
// name of a shipped one.
func (a Alert) ID() string {
	if a.Rule != "" {
		return a.Rule
	}
	return a.Name
}

// text fills the threshold and the servers into a summary or description.
func (a Alert) text(template string, site settings.Site) string {
	return strings.NewReplacer("<threshold>", number(a.Unit, a.Threshold), "<servers>", site.Flags()).Replace(template)
}

// Labels that alerts have in addition to those of their expressions.
var (
	LabelTeam = &catalog.Label{Name: "team", Limit: 100, Doc: "who is responsible"}
	// LabelCooldown appears only on alerts of an installation's own.
	LabelCooldown = &catalog.Label{Name: "cooldown", Limit: 100, Doc: "how long the alert outlives its condition"}
)

// number formats a value for people.
func number(u catalog.Unit, x float64) string {
	switch u {
	case catalog.UnitRatio:
		return plain(rounded(x*100)) + "%"
	case catalog.UnitSeconds:
		d := time.Duration(x * float64(time.Second))
		if d%time.Second == 0 {
			return model.Duration(d).String() // 5m, not 5m0s
		}
		return d.String()
	case catalog.UnitRate:
		return plain(rounded(x*60)) + " a minute"
	default:
		return plain(rounded(x))
	}
}
