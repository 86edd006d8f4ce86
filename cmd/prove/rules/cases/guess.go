package cases

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// guesses is how often an alert that reads itself is evaluated over all times
// before it is evaluated one time after another.
const guesses = 3

// readsOnlyItself says whether a component is an alert that reads no rule after
// it but itself, and of itself only the state of the evaluation before.
func (w *world) readsOnlyItself(r *Rule, part component) bool {
	if len(part.rules) > 1 || !r.Alert || w.outcomes == nil || w.step >= lookback {
		return false
	}
	simple := true
	parser.Inspect(r.Expr, func(n parser.Node, around []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok || !r.writes(s.LabelMatchers) {
			return nil
		}
		shifted := s.OriginalOffset != 0 || s.Timestamp != nil || s.StartOrEnd != 0
		simple = simple && !shifted && !slices.ContainsFunc(around, spansTime)
		return nil
	})
	return simple && slices.Max(w.rules.readBy(r.Expr)) == r.index
}

func spansTime(n parser.Node) bool {
	switch n.(type) {
	case *parser.MatrixSelector, *parser.SubqueryExpr:
		return true
	}
	return false
}

// evaluateByGuess evaluates an alert that reads itself as if it had already
// written what it wrote in the run. Where it then writes just that, the guess
// was right: at each time it has read what it wrote before. Where it does not,
// what it wrote is the next guess.
func (w *world) evaluateByGuess(ctx context.Context, r *Rule) (found bool, err error) {
	guess := w.outcomes[r.index]
	for range guesses {
		v := w.view(len(w.rules.All), 0)
		v.above, v.replaced = maps.Clone(w.above), maps.Clone(w.replaced)
		v.above.add(delayed(guess.series)...)
		v.replaced[r.index] = true
		o, err := w.outcomeOf(ctx, r, v)
		if err != nil {
			return false, err
		}
		if sameSeries(o.series, guess.series) {
			w.finish(r.index, o)
			return true, nil
		}
		guess = o
	}
	return false, nil
}

// delayed are series as an evaluation reads them that is about to write them:
// what belongs to a time is there only after it.
func delayed(all []*series) []*series {
	var later []*series
	for _, s := range all {
		moved := &series{labels: s.labels, owner: s.owner, samples: slices.Clone(s.samples)}
		for i := range moved.samples {
			moved.samples[i].t += time.Millisecond.Milliseconds()
		}
		later = append(later, moved)
	}
	return later
}
