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

// Metric is what an installation's own alerts and dashboards call by a short
// name. Behind one name stand the forms in which it is recorded: over several
// windows, and by more or fewer labels.
type Metric struct {
	// Name is unique. It is derived from the series, see [ShortNames].
	Name string
	Unit catalog.Unit

	forms []form
}

// form is one series, or a gauge of the catalogue.
type form struct {
	recorded expr.Recorded
	gauge    catalog.Gauge // where its Family is set
	labels   []*catalog.Label
	window   time.Duration // that its rate is taken over; 0 for none
	every    time.Duration // between two samples
}

// Labels are those by which the metric can be picked, in the order in which
// texts name them.
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

// Windows are those over which its rate is recorded, shortest first; none for
// what is no rate.
func (m Metric) Windows() []time.Duration {
	windows := map[time.Duration]bool{}
	for _, f := range m.forms {
		windows[f.window] = true
	}
	delete(windows, 0)
	return slices.Sorted(maps.Keys(windows))
}

// Over is the metric averaged over a window and narrowed to the labels, whose
// values are given as in a rules file: the value itself, or a regular
// expression between slashes. It is by as few labels as carry the match
// and those of by.
//
// A rate that is recorded over just this window is taken as it is; else the
// form with the longest window that fits is averaged. A window of 0 is the
// shortest at which the metric means something, at least defaultWindow. The
// window that was used is returned too.
func (m Metric) Over(window time.Duration, match map[string]string, by ...*catalog.Label) (expr.Expr, time.Duration, error) {
	where, err := m.matchers(match)
	if err != nil {
		return expr.Expr{}, 0, err
	}
	forms := m.carrying(match, by)
	if len(forms) == 0 {
		return expr.Expr{}, 0, fmt.Errorf("%s is not recorded by all of these labels at once", m.Name)
	}
	least := forms[0].shortest()
	for _, f := range forms {
		least = min(least, f.shortest())
	}
	if window == 0 {
		window = max(least, defaultWindow)
	}
	if window < least {
		return expr.Expr{}, 0, fmt.Errorf("%s says nothing about less than %s", m.Name, model.Duration(least))
	}
	best := slices.MaxFunc(forms, func(a, b form) int { return cmp.Compare(a.fit(window), b.fit(window)) })
	if best.fit(window) < 0 {
		return expr.Expr{}, 0, fmt.Errorf("%s is recorded every %s: average it over %s or more",
			m.Name, model.Duration(best.every), model.Duration(2*best.every))
	}
	e := best.over(window).Where(where...)
	return e, window, e.Err()
}

// defaultWindow is what a metric is averaged over where nothing else is said.
const defaultWindow = 5 * time.Minute

// carrying are the forms with the fewest labels among those that have all that
// are matched and those of by.
func (m Metric) carrying(match map[string]string, by []*catalog.Label) []form {
	var forms []form
	for _, f := range m.forms {
		has := 0
		for _, l := range f.labels {
			if _, matched := match[l.Name]; matched {
				has++
			}
		}
		if _, byJob := match[expr.Job.Name]; byJob {
			has++
		}
		lacks := func(l *catalog.Label) bool { return !slices.Contains(f.labels, l) }
		if has == len(match) && !slices.ContainsFunc(by, lacks) {
			forms = append(forms, f)
		}
	}
	if len(forms) == 0 {
		return nil
	}
	fewest := slices.MinFunc(forms, func(a, b form) int { return len(a.labels) - len(b.labels) }).labels
	return slices.DeleteFunc(forms, func(f form) bool { return !slices.Equal(f.labels, fewest) })
}

// shortest is the shortest window that the form says something about: its own,
// or two samples.
func (f form) shortest() time.Duration {
	if f.window > 0 {
		return f.window
	}
	return 2 * f.every
}

// fit orders forms by how well they serve a window: negative where they cannot.
func (f form) fit(window time.Duration) time.Duration {
	if f.shortest() > window || f.window != window && 2*f.every > window {
		return -1
	}
	return f.window
}

// over reads the form, averaged unless it was recorded over just this window.
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

// lookback is how far an instant selector sees.
const lookback = 5 * time.Minute

// together joins what the partitions or instances say of one thing. Only
// gauges of users are parts of a whole; those about the exporter itself stay
// apart, since which one it is matters.
func together(g catalog.Gauge, e expr.Expr) expr.Expr {
	switch {
	case g.Source == catalog.Partition || g.Source == catalog.Process:
		return e
	case g.Source == catalog.Fold && !g.Expires:
		return expr.Sum(e).Keeping(g.Labels...)
	}
	return expr.Max(e).Keeping(g.Labels...)
}

// matchers turns a match into matchers. Labels are those of [Metric.Labels] and
// job; together they must be on one form.
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
	for _, f := range m.forms {
		carries := func(name string) bool {
			return name == expr.Job.Name || slices.ContainsFunc(f.labels, func(l *catalog.Label) bool { return l.Name == name })
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(match)), func(name string) bool { return !carries(name) }) {
			return where, nil
		}
	}
	return nil, fmt.Errorf("%s is not recorded by all of these labels at once", m.Name)
}
