package backtest

import "github.com/prometheus/prometheus/promql/parser"

// Limit is what a rule compares its value with.
type Limit struct {
	Threshold float64
	// Below says that the rule fires below the threshold rather than above it.
	Below bool
}

// Limit returns the number that the expression of the rule compares its value with, or
// false if it compares it with something else. The value of an expression with or may come
// from either side: it has the limit of the left one, unless the right one has another.
func (rule Rule) Limit() (Limit, bool) {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err != nil {
		return Limit{}, false
	}
	return limitOf(e)
}

func limitOf(e parser.Expr) (Limit, bool) {
	switch is := e.(type) {
	case *parser.ParenExpr:
		return limitOf(is.Expr)
	case *parser.BinaryExpr:
		switch is.Op {
		case parser.LAND, parser.LUNLESS:
			return limitOf(is.LHS) // whose values the result has
		case parser.LOR:
			left, known := limitOf(is.LHS)
			if right, also := limitOf(is.RHS); also && right != left {
				return Limit{}, false
			}
			return left, known
		}
		return comparison(is)
	}
	return Limit{}, false
}

func comparison(e *parser.BinaryExpr) (Limit, bool) {
	threshold, fits := e.RHS.(*parser.NumberLiteral)
	if !fits || e.ReturnBool {
		return Limit{}, false
	}
	switch e.Op {
	case parser.GTR, parser.GTE:
		return Limit{threshold.Val, false}, true
	case parser.LSS, parser.LTE:
		return Limit{threshold.Val, true}, true
	}
	return Limit{}, false
}
