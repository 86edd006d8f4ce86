package dashboards

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"belfry/dashboards-gen/view"
)

// points is the number of points in a graph as wide as a screen.
const points = 1000

// scrapes is the scrape interval in the shipped data source.
const scrapes = 10 * time.Second

// measure opens every dashboard at every range and prints a line for each.
func (b bench) measure(ctx context.Context, out io.Writer, all []view.Dashboard, api v1.API, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "dashboard\trange\tqueries\tp50 ms\tp95 ms\tmax ms\twhole ms\tall rows ms\t")
	var missed []string
	longest := map[time.Duration][]time.Duration{} // how long each dashboard took, by range
	for _, d := range all {
		for _, r := range b.ranges {
			m, err := b.open(ctx, d, r, api, now)
			if err != nil {
				return fmt.Errorf("open %s over %s days: %w", d.UID, days(r), err)
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", d.Title, length(r), m.queries,
				ms(m.quantile(0.5)), ms(m.quantile(0.95)), ms(m.quantile(1)), ms(m.whole), ms(m.rows))
			longest[r] = append(longest[r], m.whole)
			if m.whole > b.limit {
				missed = append(missed, fmt.Sprintf("%s over %s: %s ms; the slowest panels:\n%s",
					d.Title, length(r), ms(m.whole), m.slowest(5)))
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\np50, p95 and max are of single queries with %d at a time. "+
		"whole is the slowest of %d openings, variables included; all rows is once with every row open.\n",
		view.Together, b.opens)
	for _, r := range b.ranges {
		slices.Sort(longest[r])
		p95 := longest[r][min(int(0.95*float64(len(longest[r]))), len(longest[r])-1)]
		fmt.Fprintf(out, "Over %s: a dashboard opens in %s ms (median), %s ms (p95).\n",
			length(r), ms(longest[r][len(longest[r])/2]), ms(p95))
	}
	for _, miss := range missed {
		fmt.Fprintf(out, "\nMissed: %s", miss)
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d openings took longer than %s", len(missed), b.limit)
	}
	fmt.Fprintf(out, "Every dashboard opens within %s at every range.\n", b.limit)
	return nil
}

// measured holds how long a dashboard took to open.
type measured struct {
	queries int
	took    []time.Duration // of all queries of all openings
	whole   time.Duration   // the slowest opening
	rows    time.Duration   // one opening with all rows open
	panels  map[string]time.Duration
}

// open opens a dashboard over a range, as often as the flags say.
func (b bench) open(
	ctx context.Context, d view.Dashboard, r time.Duration, api v1.API, now time.Time,
) (measured, error) {
	m := measured{panels: map[string]time.Duration{}}
	screen := view.Screen{From: now.Add(-r), To: now, Points: points, Scrape: scrapes}
	all, err := d.Open(ctx, view.Prometheus(api), screen)
	if err != nil {
		return m, err
	}
	m.rows, screen.First = all.Took, true
	for range b.opens {
		o, err := d.Open(ctx, view.Prometheus(api), screen)
		if err != nil {
			return m, err
		}
		m.queries, m.whole = len(o.Answers), max(m.whole, o.Took)
		for _, a := range o.Answers {
			m.took = append(m.took, a.Took)
			name := fmt.Sprintf("%s, query %s", a.Panel.Title, a.Query.RefID)
			m.panels[name] = max(m.panels[name], a.Took)
		}
	}
	slices.Sort(m.took)
	return m, nil
}

// quantile returns a quantile of the durations of the queries.
func (m measured) quantile(q float64) time.Duration {
	if len(m.took) == 0 {
		return 0
	}
	return m.took[min(int(q*float64(len(m.took))), len(m.took)-1)]
}

// slowest lists the n slowest queries, one per line.
func (m measured) slowest(n int) string {
	names := slices.SortedFunc(maps.Keys(m.panels), func(a, b string) int { return int(m.panels[b] - m.panels[a]) })
	text := ""
	for _, name := range names[:min(n, len(names))] {
		text += fmt.Sprintf("  %6s ms  %s\n", ms(m.panels[name]), name)
	}
	return text
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func days(d time.Duration) string { return strconv.FormatFloat(d.Hours()/24, 'f', -1, 64) }

// length formats a range for people.
func length(d time.Duration) string {
	switch {
	case d < day:
		return strconv.FormatFloat(d.Hours(), 'f', -1, 64) + " h"
	case d == 365*day:
		return "12 months"
	}
	return days(d) + " d"
}
