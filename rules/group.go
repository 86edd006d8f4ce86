package rules

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// The groups, in the order of the rule files. Every series and every alert is
// declared through its group, which puts it into the group's file:
//
//	var EventRate = pipelineNow.rate("notification_events", now, …)
//	var ExporterDown = pipelineNow.alert(Alert{…})
var (
	pipelineNow = newGroup("notification_pipeline", "pipeline", 10*time.Second,
		"Whether events arrive and are counted at all.")
	pipelineSlow = newGroup("notification_pipeline_slow", "pipeline", 30*time.Second,
		"How well they are counted.")
	deliveryNow = newGroup("notification_delivery_now", "delivery", 10*time.Second,
		"Last 30 seconds and last minute, for the alerts that page within a minute.")
	delivery = newGroup("notification_delivery", "delivery", 30*time.Second,
		"Last 5 and 15 minutes, for dashboards.")
	objectives = newGroup("notification_slo", "slo", time.Minute,
		"Objectives. Increases over exactly one interval tile the time, so that longer windows are their sums.")
	objectiveTiles = newGroup("notification_slo_tiles", "slo", 5*time.Minute,
		"The same increases, coarse enough to be summed over days.")
	platform = newGroup("notification_platform", "platform", 30*time.Second,
		"Queues, providers, components and quotas.")
	volumes = newGroup("notification_volumes", "volumes", 5*time.Minute,
		"Increases over 5 minutes that tile the time.")
	// Prometheus looks back five minutes for a sample: a series that alerts read as
	// it is must be written more often than that, or their For starts over.
	days = newGroup(DaysGroup, "volumes", 4*time.Minute,
		"Hours and days as sums of the tiles, ratios over them, and their alerts.")
	// What is recorded in every evaluation has no sample that marks it as stale, as series
	// have that a rule yields now and then.
	hours = newGroup(HoursGroup, "volumes", time.Hour,
		"How much the volumes grew in each hour of the clock and each day of UTC.")
	seasons = newGroup(SeasonalGroup, "seasons", time.Minute,
		"What is usual at this time of the day and week.")
	// A page is found as soon as it fires.
	promises = newGroup("notification_promises_now", "promises", 10*time.Second,
		"How quickly faults page.")
	promisesSlow = newGroup("notification_promises", "promises", time.Minute,
		"Whether Belfry itself keeps what it promises.")
	insights = newGroup("notification_insights", "insights", time.Minute,
		"Insights service and reports.")
	custom = newGroup("notification_custom", "custom", 30*time.Second,
		"The installation's own alerts, from the rules file.")
	escalation = newGroup("notification_escalation", "escalation", 30*time.Second,
		"Pages that nobody has acknowledged.")
)

// SeasonalGroup names the group that records what is usual, DaysGroup the one that records
// sums over hours and days, HoursGroup the one that records hours of the clock and days of UTC.
const SeasonalGroup, DaysGroup, HoursGroup = "notification_seasons", "notification_days", "notification_hours"

// groups holds all of the above.
var groups []group

// group is a list of rules that Prometheus evaluates one after another, so
// that a rule sees what those above it have just recorded.
type group struct {
	*list
	// vocabulary says why the next series are declared, see offers.
	vocabulary string
}

// list holds what is declared in a group.
type list struct {
	name    string
	file    string // below rules/, without .yaml
	every   time.Duration
	about   string // what the rules have in common, for the generated file
	records declared[expr.Recorded]
	alerts  declared[Alert]
}

func newGroup(name, file string, every time.Duration, about string) group {
	g := group{list: &list{name: name, file: file, every: every, about: about}}
	groups = append(groups, g)
	return g
}

// offers returns the group for declaring series that nothing shipped reads; why
// says whom they serve.
func (g group) offers(why string) group {
	g.vocabulary = why
	return g
}

// rate declares a rate per second over a window, what:rate5m.
func (g group) rate(what string, over expr.Window, of expr.Operand) expr.Recorded {
	return g.add(g.rateOf(catalog.UnitRate, what+":rate", over, of))
}

// ratio declares a ratio of rates or increases over a window, what:ratio_rate5m.
func (g group) ratio(what string, over expr.Window, of expr.Operand) expr.Recorded {
	return g.add(g.rateOf(catalog.UnitRatio, what+":ratio_rate", over, of))
}

// quantile declares the q-quantile of the times observed in a window,
// what:p95_rate5m.
func (g group) quantile(q float64, what string, over expr.Window, observed expr.Operand) expr.Recorded {
	name := fmt.Sprintf("%s:p%.0f_rate", what, 100*q)
	return g.add(g.rateOf(catalog.UnitSeconds, name, over, expr.Quantile(q, observed)))
}

// money declares a ratio of increases over a day, in the currency of the label.
func (g group) money(what string, of expr.Expr) expr.Recorded {
	return g.add(g.rateOf(catalog.UnitMoney, what+":ratio_rate", "1d", of))
}

// record declares any other series.
func (g group) record(unit catalog.Unit, name string, of expr.Operand) expr.Recorded {
	return g.add(g.series(unit, name, of))
}

// tally declares the series of a tally.
func (g group) tally(t expr.Tally) expr.Tally {
	for _, r := range g.of(t) {
		g.add(r)
	}
	return t
}

// of returns the series of a tally without declaring them.
func (g group) of(t expr.Tally) []expr.Recorded {
	all := []expr.Recorded{t.Last, t.Start}
	for i := range all {
		all[i].Every, all[i].Internal = g.every, true
	}
	return all
}

func (g group) add(r expr.Recorded) expr.Recorded {
	g.records.add(r)
	return r
}

// rateOf returns a series computed from rates over a window, whose name ends in
// the window.
func (g group) rateOf(unit catalog.Unit, name string, over expr.Window, of expr.Operand) expr.Recorded {
	r := g.series(unit, name+string(over), of)
	r.Over = over.Duration()
	return r
}

// series returns a series with the interval of the group, without declaring it.
func (g group) series(unit catalog.Unit, name string, of expr.Operand) expr.Recorded {
	r := expr.Record(name, of)
	r.Unit, r.Every, r.Vocabulary = unit, g.every, g.vocabulary
	return r
}

// alert declares an alert.
func (g group) alert(a Alert) Alert {
	a = a.complete()
	g.alerts.add(a)
	return a
}

// declared collects what package variables declare, in the order of the source
// file. The order in which Go initializes them depends on the variables that they
// read and, across files, on the names of the files.
type declared[T any] struct {
	file  string
	lines []int
	all   []T
}

// add inserts x behind what is declared above it in the file, and behind what the
// same declaration added before.
func (d *declared[T]) add(x T) {
	file, line := declaration()
	if d.file != "" && d.file != file {
		panic(fmt.Sprintf("rules: a group is declared in %s and in %s: declare it in one file", d.file, file))
	}
	i := sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > line })
	d.file, d.lines, d.all = file, slices.Insert(d.lines, i, line), slices.Insert(d.all, i, x)
}

// declaration returns the position of the package variable that is being
// initialized.
func declaration() (file string, line int) {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "rules.init") {
			return path.Base(frame.File), frame.Line
		}
		if !more {
			panic("rules: declare series and alerts as package variables")
		}
	}
}
