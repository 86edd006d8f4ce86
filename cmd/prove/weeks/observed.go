package weeks

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"belfry/exporter/catalog"
	belfryrules "belfry/rules"
	"belfry/rules/backtest"
	"belfry/rules/settings"
)

// observed holds the pages about a fault and about the one that came second.
type observed struct {
	urgent
	begins, ends, second time.Time
	pages                []backtest.Message
}

// urgentReport holds what each fault paged with.
type urgentReport struct{ all []*observed }

// page is a page that must come.
type page struct {
	alert  string
	from   time.Time
	within time.Duration
}

// expected returns the pages that must come, and no others.
func (o *observed) expected() []page {
	all := []page{{settings.Prefix + o.urgent.pages, o.begins, o.within}}
	if o.alone {
		all = append(all, page{belfryrules.AlertUnacknowledged.Name, o.begins, 0})
	}
	all = append(all, page{settings.Prefix + o.then.pages, o.second, o.then.within})
	for i := range all {
		if all[i].within == 0 {
			all[i].within = promised(all[i].alert)
		}
	}
	return all
}

// promised returns within which time an alert says that it fires.
func promised(name string) time.Duration {
	for _, a := range belfryrules.Alerts() {
		if a.Name == name && (a.Severity == settings.Critical || a.Severity == settings.Emergency) {
			return a.DetectsWithin
		}
	}
	return 0
}

// wrong lists what is wrong with the pages.
func (o *observed) wrong() []string {
	var all []string
	expected := o.expected()
	for i, want := range expected {
		if i >= len(o.pages) {
			all = append(all, fmt.Sprintf("%s: no page with %s", o.what, want.alert))
			continue
		}
		name, took := o.pages[i].Group[catalog.LabelAlertName.Name], o.pages[i].At.Sub(want.from)
		if name != want.alert || took <= 0 || took > want.within {
			all = append(all, fmt.Sprintf("%s: page %d is %s after %s, and not %s within %s",
				o.what, i+1, name, took, want.alert, want.within))
		}
	}
	if more := len(o.pages) - len(expected); more > 0 {
		all = append(all, fmt.Sprintf("%s: %d pages too many", o.what, more))
	}
	return all
}

// Err says which faults did not page once.
func (r *urgentReport) Err() error {
	var wrong []string
	for _, o := range r.all {
		wrong = append(wrong, o.wrong()...)
	}
	return join(wrong)
}

func (r *urgentReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tlasts\tpages, and how long after its begin, its end, or the begin of the second fault")
	for _, o := range r.all {
		var pages []string
		for _, m := range o.pages {
			pages = append(pages, o.told(m))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", o.what, o.lasts, strings.Join(pages, ", "))
	}
	w.Flush()
	fmt.Fprintf(&b, "%d faults, ", len(r.all))
	return b.String()
}

// told describes a page.
func (o *observed) told(m backtest.Message) string {
	text := strings.TrimPrefix(m.Group[catalog.LabelAlertName.Name], settings.Prefix)
	for _, l := range []*catalog.Label{catalog.LabelProvider, catalog.LabelChannel} {
		if value := m.Group[l.Name]; value != "" {
			text += " " + value
		}
	}
	switch {
	case m.At.After(o.second):
		return fmt.Sprintf("%s second %s", text, m.At.Sub(o.second))
	case m.At.After(o.ends):
		return fmt.Sprintf("%s end %s", text, m.At.Sub(o.ends))
	}
	return fmt.Sprintf("%s %s", text, m.At.Sub(o.begins))
}
