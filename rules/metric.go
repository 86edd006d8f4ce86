package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Metric is a value that an installation's own alerts and dashboards read by a
// short name. It has one or more forms: series over several windows, and by more
// or fewer labels.
type Metric struct {
	// Name identifies the metric, derived from the series, see [ShortNames].
	Name string
	Unit catalog.Unit

	forms []form
}

// form is one series, or a gauge of the catalogue.
type form struct {
	recorded expr.Recorded
	gauge    catalog.Gauge // if its Family is set
	labels   []*catalog.Label
	window   time.Duration // of its rates; 0 if it has none
	every    time.Duration // the time between two samples
}

// Labels returns the labels that the metric can be narrowed and grouped by, in
// the order in which texts name them.
func (m Metric) Labels() []*catalog.Label {
	var all []*catalog.Label
	for _, f := range m.forms {
		for _, l := range f.labels {
			if !slices.Contains(all, l) {
				all = append(all, l)
			}
		}
	}
	return all
}

// Windows returns the windows over which its rate is recorded, shortest first;
// none if it is not a rate.
func (m Metric) Windows() []time.Duration {
	windows := map[time.Duration]bool{}
	for _, f := range m.forms {
		windows[f.window] = true
	}
	delete(windows, 0)
	return slices.Sorted(maps.Keys(windows))
}

// Over returns the metric averaged over a window and narrowed to the labels, with
// the window that was used. The values of match are as in a rules file, see
// [expr.Match]. The result has as few labels as carry the match and by.
//
// A rate that is recorded over exactly this window is taken as it is; otherwise
// Over averages the form with the longest window that fits. A window of 0 stands
// for the shortest that the metric supports, but at least defaultWindow.
func (m Metric) Over(
	window time.Duration, match map[string]string, by ...*catalog.Label,
) (expr.Expr, time.Duration, error) {
	where, err := m.matchers(match)
	if err != nil {
		return expr.Expr{}, 0, err
	}
	forms := m.carrying(match, by)
	if len(forms) == 0 {
		return expr.Expr{}, 0, m.neverTogether()
	}
	least := forms[0].shortest()
	for _, f := range forms {
		least = min(least, f.shortest())
	}
	if window == 0 {
		window = max(least, defaultWindow)
	}
	if window < least {
		return expr.Expr{}, 0, fmt.Errorf("%s needs a window of at least %s", m.Name, model.Duration(least))
	}
	best := slices.MaxFunc(forms, func(a, b form) int { return cmp.Compare(a.fit(window), b.fit(window)) })
	if best.fit(window) < 0 {
		return expr.Expr{}, 0, fmt.Errorf("%s is recorded every %s: use a window of at least %s",
			m.Name, model.Duration(best.every), model.Duration(2*best.every))
	}
	e := best.over(window).Where(where...)
	return e, window, e.Err()
}

// neverTogether returns the error about labels of which each exists, but not all on
// one series.
func (m Metric) neverTogether() error {
	return fmt.Errorf("no series of %s has all of these labels", m.Name)
}

// defaultWindow sets what a metric is averaged over if nothing else is set.
const defaultWindow = 5 * time.Minute

// carrying returns the forms with the fewest labels of those that have all labels
// of match and by.
func (m Metric) carrying(match map[string]string, by []*catalog.Label) []form {
	var forms []form
	for _, f := range m.forms {
		lacks := func(l *catalog.Label) bool { return !slices.Contains(f.labels, l) }
		if f.carries(match) && !slices.ContainsFunc(by, lacks) {
			forms = append(forms, f)
		}
	}
	if len(forms) == 0 {
		return nil
	}
	fewest := slices.MinFunc(forms, func(a, b form) int { return len(a.labels) - len(b.labels) }).labels
	return slices.DeleteFunc(forms, func(f form) bool { return !slices.Equal(f.labels, fewest) })
}

// carries reports whether the form has all labels of a match. All series have
// the label job.
func (f form) carries(match map[string]string) bool {
	for name := range match {
		named := func(l *catalog.Label) bool { return l.Name == name }
		if name != expr.Job.Name && !slices.ContainsFunc(f.labels, named) {
			return false
		}
	}
	return true
}

// shortest returns the shortest window that the form supports: its own, or two
// samples.
func (f form) shortest() time.Duration {
	if f.window > 0 {
		return f.window
	}
	return 2 * f.every
}

// fit orders forms by how well they serve a window; it is negative if they cannot.
func (f form) fit(window time.Duration) time.Duration {
	if f.shortest() > window || f.window != window && 2*f.every > window {
		return -1
	}
	return f.window
}

// over returns the form, averaged unless it was recorded over exactly this window.
func (f form) over(window time.Duration) expr.Expr {
	w := expr.Window(model.Duration(window).String())
	switch {
	case f.gauge.Family != nil:
		return together(f.gauge, expr.AvgOverTime(f.gauge, w))
	case f.window != window:
		return expr.AvgOverTime(f.recorded, w)
	case 2*f.every > lookback:
		return expr.LastOverTime(f.recorded, expr.Window(model.Duration(2*f.every).String()))
	}
	return f.recorded.Expr
}

// lookback says how far an instant selector sees.
const lookback = 5 * time.Minute

// together joins the partitions or instances that expose a gauge. Only gauges
// about users are parts of a whole; those about the exporter itself stay apart,
// since it matters which one it is.
func together(g catalog.Gauge, e expr.Expr) expr.Expr {
	switch {
	case g.Source == catalog.Partition || g.Source == catalog.Process:
		return e
	case g.Source == catalog.Fold && !g.Expires:
		return expr.Sum(e).Keeping(g.Labels...)
	}
	return expr.Max(e).Keeping(g.Labels...)
}

// matchers returns the matchers of a match, whose labels must be together on one
// form.
func (m Metric) matchers(match map[string]string) ([]expr.Matcher, error) {
	known := map[string]*catalog.Label{expr.Job.Name: expr.Job}
	for _, l := range m.Labels() {
		known[l.Name] = l
	}
	var where []expr.Matcher
	for _, name := range slices.Sorted(maps.Keys(match)) {
		l := known[name]
		if l == nil {
			return nil, fmt.Errorf("%s has no label %q", m.Name, name)
		}
		where = append(where, expr.Match(l, match[name]))
	}
	if !slices.ContainsFunc(m.forms, func(f form) bool { return f.carries(match) }) {
		return nil, m.neverTogether()
	}
	return where, nil
}
