package expr

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
)

// Window is how far a range selector looks back, or how far an offset goes, as
// PromQL spells durations: "30s", "5m", "1h".
type Window string

// Interval stands for the time between two points of a panel: sums over it tile the panel's
// range. Grafana fills it in.
const Interval Window = "$__interval"

// Range stands for the length of the time range that the reader of a panel has chosen: an
// instant query over it says what happened in the time range. Grafana fills it in.
const Range Window = "$__range"

// Duration returns the length of the window; 0 for Interval, which has none yet, and
// for text that is not a duration.
func (w Window) Duration() time.Duration {
	d, err := w.duration()
	if err != nil {
		return 0
	}
	return d
}

// duration parses the window.
func (w Window) duration() (time.Duration, error) {
	d, err := model.ParseDuration(string(w))
	if err != nil || d == 0 {
		return 0, fmt.Errorf("invalid window %q: use a duration such as 30s, 5m or 1d", string(w))
	}
	return time.Duration(d), nil
}

func (w Window) check() error {
	if strings.HasPrefix(string(w), "$__") {
		return nil
	}
	_, err := w.duration()
	return err
}

// plus adds two offsets, either of which may be empty. Grafana's windows have no length
// yet, so nothing can be added to them.
func (w Window) plus(more Window) (Window, error) {
	if w == "" {
		return more, more.check()
	}
	a, err := w.duration()
	if err != nil {
		return "", err
	}
	b, err := more.duration()
	return Window(model.Duration(a + b).String()), err
}

// Part is one of the counters that make up a histogram or a summary.
type Part struct {
	family *catalog.Family
	suffix string
	extra  []*catalog.Label
}

// BucketsOf selects the classic buckets of a histogram; they also have the label Le.
func BucketsOf(h catalog.Histogram) Part {
	return Part{h.Family, "_bucket", []*catalog.Label{Le}}
}

// Observed is a family of observations: a histogram or a summary.
type Observed interface {
	catalog.Histogram | catalog.Summary
	catalog.Metric
}

// CountOf selects the number of observations.
func CountOf[O Observed](of O) Part { return Part{of.Desc(), "_count", nil} }

// SumOf selects the sum of observations.
func SumOf[O Observed](of O) Part { return Part{of.Desc(), "_sum", nil} }

// Cumulative constrains Rate and Increase to counters. A gauge or a recorded series
// does not compile.
type Cumulative interface{ catalog.Counter | Part }

// Rate returns the growth per second of each series over the window. It ignores the
// first value of a new series, and bridges counter resets.
func Rate[C Cumulative](of C, over Window, where ...Matcher) Expr {
	return ranged("rate", read(of), over, where, alone)
}

// Increase returns the growth of each series over the window, extrapolated to the
// whole window and therefore seldom a whole number.
func Increase[C Cumulative](of C, over Window, where ...Matcher) Expr {
	return ranged("increase", read(of), over, where, alone)
}

// Instant constrains Select to what can be read as it is.
type Instant interface {
	catalog.Counter | catalog.Gauge | Part
}

// Select reads the newest value of each series.
func Select[I Instant](of I, where ...Matcher) Expr { return read(of).Where(where...) }

// Sampled constrains averages and extremes over time to what goes up and down. For
// a counter they would mean nothing.
type Sampled interface{ catalog.Gauge | Recorded }

// AvgOverTime returns the mean of each series' samples in the window.
func AvgOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("avg_over_time", read(of), over, where, alone)
}

// MinOverTime returns the least sample of each series in the window.
func MinOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("min_over_time", read(of), over, where, alone)
}

// MaxOverTime returns the greatest sample of each series in the window.
func MaxOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("max_over_time", read(of), over, where, alone)
}

// SumOverTime returns the sum of each series' samples in the window: of increases
// that were recorded once per step, the increase over the whole window.
func SumOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("sum_over_time", read(of), over, where, alone)
}

// CountOverTime returns how many samples each series has in the window.
func CountOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("count_over_time", read(of), over, where, alone)
}

// LastOverTime returns the newest sample of each series in the window, for series
// that are written less often than every five minutes.
func LastOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("last_over_time", read(of), over, where, alone)
}

// PresentOverTime returns 1 for each series that has a sample in the window.
func PresentOverTime[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("present_over_time", read(of), over, where, alone)
}

// Delta returns how much each series changed over the window, extrapolated to it.
func Delta(of catalog.Gauge, over Window, where ...Matcher) Expr {
	return ranged("delta", read(of), over, where, alone)
}

// Deriv returns the slope per second of the straight line through each series'
// samples in the window.
func Deriv[S Sampled](of S, over Window, where ...Matcher) Expr {
	return ranged("deriv", read(of), over, where, alone)
}

// QuantileOverTime returns the q-quantile of each series' samples in the window.
func QuantileOverTime[S Sampled](q float64, of S, over Window, where ...Matcher) Expr {
	return ranged("quantile_over_time", read(of), over, where, func(window node) []node {
		return []node{number(q), window}
	})
}

// PredictLinear returns the value that each series will have after the given time,
// on the straight line through its samples in the window.
func PredictLinear[S Sampled](of S, over Window, later time.Duration, where ...Matcher) Expr {
	return ranged("predict_linear", read(of), over, where, func(window node) []node {
		return []node{window, number(later.Seconds())}
	})
}

func alone(window node) []node { return []node{window} }

// ranged applies a function to the window of what was read; arrange places the
// window among the function's arguments.
func ranged(name string, of Expr, over Window, where []Matcher, arrange func(node) []node) Expr {
	if of.err != nil {
		return of
	}
	if err := over.check(); err != nil {
		of.err = fmt.Errorf("%s of %s: %w", name, of, err)
		return of
	}
	s := of.node.(selector)
	s.window = over
	of.node = call{name, arrange(s)}
	return of.Where(where...)
}

// read selects anything that the constraints above allow.
func read(of any) Expr {
	var s selector
	switch of := of.(type) {
	case Recorded:
		return of.operand()
	case Part:
		s = selectFamily(of.family, of.suffix, of.extra...)
	case catalog.Metric:
		s = selectFamily(of.Desc(), "")
	}
	return Expr{node: s, labels: s.labels}
}

func selectFamily(f *catalog.Family, suffix string, extra ...*catalog.Label) selector {
	known := append(append([]*catalog.Label(nil), f.Labels...), extra...)
	if f.Source.PerPartition() {
		known = append(known, catalog.LabelPartition)
	}
	return selector{name: f.Name + suffix, labels: labelSet{known: known, open: true, placed: true}}
}
