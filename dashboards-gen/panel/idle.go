package panel

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// withoutIdle returns the query without what nobody sends: the value unknown of a closed
// label, which always has a series, is shown only where it is not 0, unless that is bad.
// A row of a table is left out if its first figure is 0, whatever the others are.
func (p Panel) withoutIdle(q Query) expr.Expr {
	shown, decides := q.Of.Where(), q.Of.Where()
	if q.Objective || p.Limit != nil && p.Limit.bad == Below {
		return shown
	}
	if _, table := p.Draw.(rows); table {
		decides = p.Queries[0].Of.Where()
	}
	for _, l := range q.labels() {
		if !slices.Contains(l.Values, catalog.Unknown) {
			continue
		}
		idle := decides.Where(expr.Eq(l, catalog.Unknown)).Eq(expr.Num(0))
		if less := shown.Unless(idle); less.Err() == nil {
			shown = less
		}
	}
	return shown
}

// rows is a visual with a row for each combination of labels.
type rows interface {
	labels() ([]*catalog.Label, error)
}
