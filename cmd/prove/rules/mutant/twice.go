package mutant

import "github.com/prometheus/prometheus/promql/parser"

// share makes one of the two copies of a condition in `C unless X or C and Y`, as alerts
// that follow from others have it: C begins where nothing explains it, or goes on. Both
// come from one expression in Go, so an edit changes both. It returns what they share.
func share(root parser.Expr) *parser.ParenExpr {
	or, ok := root.(*parser.BinaryExpr)
	if !ok || or.Op != parser.LOR {
		return nil
	}
	goesOn, ok := bare(or.RHS).(*parser.BinaryExpr)
	if !ok || goesOn.Op != parser.LAND {
		return nil
	}
	condition := bare(goesOn.LHS).String()
	for place := &or.LHS; ; {
		if bare(*place).String() == condition {
			shared := &parser.ParenExpr{Expr: bare(*place)}
			*place, goesOn.LHS = shared, shared
			return shared
		}
		begins, ok := bare(*place).(*parser.BinaryExpr)
		if !ok || begins.Op != parser.LUNLESS {
			return nil
		}
		place = &begins.LHS
	}
}
