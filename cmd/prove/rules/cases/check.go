package cases

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// check checks one of the case's tests, by its position among the subjects.
func (w *evaluation) check(ctx context.Context, k int) error {
	if k < len(w.AlertTests) {
		return w.checkAlerts(&w.AlertTests[k], w.subjects[k])
	}
	return w.checkExpr(ctx, &w.ExprTests[k-len(w.AlertTests)])
}

func (w *evaluation) checkAlerts(t *alertTest, rules []int) error {
	var got []string
	for _, i := range rules {
		got = append(got, w.outcome(i).firing[t.step]...)
	}
	slices.Sort(got)
	if slices.Equal(got, t.want) {
		return nil
	}
	return fmt.Errorf("  %s at %s:%s", t.Alertname, t.EvalTime, difference(t.want, got))
}

// outcome returns the outcome of a rule in this evaluation, or that of the run if
// the rule was not evaluated again.
func (w *evaluation) outcome(i int) *outcome {
	if o := w.done[i]; o != nil {
		return o
	}
	return w.outcomes[i]
}

// difference lists the lines that only one of the two has.
func difference(want, got []string) string {
	want, got = lines(want), lines(got)
	var b strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) {
			b.WriteString("\n  - " + line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			b.WriteString("\n  + " + line)
		}
	}
	return b.String()
}

func lines(texts []string) []string {
	if len(texts) == 0 {
		return []string{"nothing"}
	}
	return strings.Split(strings.Join(texts, "\n"), "\n")
}

func (w *evaluation) checkExpr(ctx context.Context, t *exprTest) error {
	got, err := w.query(w.view(len(w.rules.All), 0))(ctx, t.Expr, t.at)
	if err != nil {
		return fmt.Errorf("  %s at %s: %w", t.Expr, t.EvalTime, err)
	}
	byLabels(got)
	if slices.EqualFunc(got, t.want, w.sameSample) {
		return nil
	}
	return fmt.Errorf("  %s at %s:%s", t.Expr, t.EvalTime, difference(formatSamples(t.want), formatSamples(got)))
}

func (w *evaluation) sameSample(a, b promql.Sample) bool {
	same := a.F == b.F
	if w.file.FuzzyCompare {
		same = same || math.Nextafter(a.F, math.Inf(-1)) == b.F || math.Nextafter(a.F, math.Inf(1)) == b.F
	}
	return same && labels.Equal(a.Metric, b.Metric)
}

func formatSamples(all []promql.Sample) []string {
	var texts []string
	for _, s := range all {
		texts = append(texts, fmt.Sprintf("%s %v", s.Metric, s.F))
	}
	return texts
}

// same reports whether two outcomes are equal.
func (o *outcome) same(other *outcome) bool {
	return sameSeries(o.series, other.series) && maps.EqualFunc(o.firing, other.firing, slices.Equal)
}

func sameSeries(some, others []*series) bool {
	return slices.EqualFunc(some, others, func(a, b *series) bool {
		return labels.Equal(a.labels, b.labels) && slices.EqualFunc(a.samples, b.samples, func(x, y sample) bool {
			return x.t == y.t && math.Float64bits(x.v) == math.Float64bits(y.v)
		})
	})
}

// discard removes the outcome of a rule, so that the outcome of the run counts.
func (w *evaluation) discard(i int) {
	for _, s := range w.done[i].series {
		name := s.labels.Get(model.MetricNameLabel)
		w.above[name] = slices.DeleteFunc(w.above[name], func(o *series) bool { return o.owner == i })
	}
	delete(w.done, i)
	delete(w.replaced, i)
}
