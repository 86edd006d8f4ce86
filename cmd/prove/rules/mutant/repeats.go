package mutant

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/cmd/prove/rules/cases"
)

// Repeats maps alerts to the recorded series that repeat their whole expression,
// as those of their conditions do. Both come from one expression in Go.
type Repeats struct {
	alerts    map[string]*cases.Rule        // by expression; the first that has it
	repeating map[*cases.Rule][]*cases.Rule // by alert
}

// FindRepeats finds the repeated expressions of all rules.
func FindRepeats(rules []*cases.Rule) Repeats {
	found := Repeats{map[string]*cases.Rule{}, map[*cases.Rule][]*cases.Rule{}}
	for _, r := range rules {
		constant := len(parser.ExtractSelectors(r.Expr)) == 0
		if text := r.Expr.String(); r.Alert && !constant && found.alerts[text] == nil {
			found.alerts[text] = r
		}
	}
	for _, r := range rules {
		parser.Inspect(r.Expr, func(n parser.Node, _ []parser.Node) error {
			if e, ok := n.(parser.Expr); ok && !r.Alert {
				if alert := found.alerts[bare(e).String()]; alert != nil &&
					!slices.Contains(found.repeating[alert], r) {
					found.repeating[alert] = append(found.repeating[alert], r)
				}
			}
			return nil
		})
	}
	return found
}

// bare returns an expression without the parentheses around it.
func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// elsewhere reports whether an expression within a rule is that of an alert.
func (r Repeats) elsewhere(rule *cases.Rule, e parser.Expr) bool {
	return !rule.Alert && r.alerts[bare(e).String()] != nil
}

// edited returns the rules that repeat an alert's expression, with the expression
// replaced.
func (r Repeats) edited(alert *cases.Rule, expr parser.Expr) []*cases.Rule {
	var all []*cases.Rule
	original := alert.Expr.String()
	for _, rule := range r.repeating[alert] {
		all = append(all, rule.Edited(replaced(rule.Expr.String(), original, expr)))
	}
	return all
}

// replaced parses an expression and replaces a part of it.
func replaced(text, part string, by parser.Expr) parser.Expr {
	root, err := cases.Parser.ParseExpr(text)
	if err != nil {
		panic(err) // the text is that of an expression
	}
	put(&root, part, &parser.ParenExpr{Expr: by})
	return root
}

func put(place *parser.Expr, part string, by parser.Expr) {
	if bare(*place).String() == part {
		*place = by
		return
	}
	for _, child := range children(*place) {
		put(child, part, by)
	}
}

// children returns pointers to an expression's operands and arguments.
func children(e parser.Expr) []*parser.Expr {
	switch e := e.(type) {
	case *parser.AggregateExpr:
		if e.Param != nil {
			return []*parser.Expr{&e.Expr, &e.Param}
		}
		return []*parser.Expr{&e.Expr}
	case *parser.BinaryExpr:
		return []*parser.Expr{&e.LHS, &e.RHS}
	case *parser.Call:
		var args []*parser.Expr
		for i := range e.Args {
			args = append(args, &e.Args[i])
		}
		return args
	case *parser.MatrixSelector:
		return []*parser.Expr{&e.VectorSelector}
	case *parser.ParenExpr:
		return []*parser.Expr{&e.Expr}
	case *parser.SubqueryExpr:
		return []*parser.Expr{&e.Expr}
	case *parser.UnaryExpr:
		return []*parser.Expr{&e.Expr}
	}
	return nil
}
