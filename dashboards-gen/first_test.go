package dashboards_test

import (
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
)

// A dashboard opens with few panels, the first of which stand on one screen.
func TestFewPanelsAreOpen(t *testing.T) {
	const most = 20
	load(t, func(t *testing.T, d loaded) {
		open := len(d.panels)
		for _, r := range d.rows {
			open -= len(r.Panels)
		}
		if open == 0 || open > most {
			t.Errorf("%d panels are open at first, want 1 to %d: close rows", open, most)
		}
	})
}

// No dashboard shows one figure twice, such as a share as a number and as a dial.
func TestFiguresStandOnce(t *testing.T) {
	load(t, func(t *testing.T, d loaded) {
		first := map[string]string{}
		for _, p := range d.panels {
			switch p.Options.(type) {
			case *bargauge.Options, *piechart.Options:
				continue // of parts of a whole, which have a context of their own
			}
			for _, q := range queries(t, p) {
				if *q.Instant && p.Type != "table" {
					if other := first[q.Expr]; other != "" {
						t.Errorf("%q and %q show the same figure: %s", other, *p.Title, q.Expr)
					}
					first[q.Expr] = *p.Title
				}
			}
		}
	})
}
