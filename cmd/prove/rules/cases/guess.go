package cases

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// guesses limits how often an alert that reads itself is evaluated for all times
// at once before it is evaluated step by step.
const guesses = 3

// readsOnlyItself reports whether a component is one alert that reads no later
// rule, and of itself only the result of the evaluation before.
func (w *evaluation) readsOnlyItself(r *Rule, part component) bool {
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

// evaluateByGuess evaluates an alert that reads itself as if it had written the
// same as in the run. If the result is the same, the guess was right: at each time
// the alert has read what it wrote before. Otherwise the result is the next guess.
func (w *evaluation) evaluateByGuess(ctx context.Context, r *Rule) (found bool, err error) {
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

// delayed returns series as an evaluation reads them that will itself write them:
// the sample of a time appears only after that time.
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
