package backfill

import (
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// rows caches the series of each row of the exposition, since making labels is
// most of the work of a scrape.
type rows map[rowKey][]simtime.Series

// rowKey identifies a row by the address of its first label pair, which the
// exposition reuses for every scrape, or by its family if it has no labels.
type rowKey struct {
	family string
	first  *dto.LabelPair
}

// add adds the samples of one row to a scrape: one for a counter or a gauge, and
// several for a summary or the classic buckets of a histogram.
func (r rows) add(add simtime.Append, family *dto.MetricFamily, m *dto.Metric) error {
	key := rowKey{family: family.GetName()}
	if len(m.Label) > 0 {
		key.first = m.Label[0]
	}
	list := r[key]
	values := valuesOf(m)
	if list == nil {
		for i := range values {
			list = append(list, simtime.Series{Labels: seriesLabels(family.GetName(), m, i)})
		}
		r[key] = list
	}
	for i, value := range values {
		if err := add(&list[i], value); err != nil {
			return err
		}
	}
	return nil
}

// valuesOf returns the samples of a row: sum and count first, then the buckets.
func valuesOf(m *dto.Metric) []float64 {
	switch {
	case m.Counter != nil:
		return []float64{m.Counter.GetValue()}
	case m.Gauge != nil:
		return []float64{m.Gauge.GetValue()}
	case m.Summary != nil:
		return []float64{m.Summary.GetSampleSum(), float64(m.Summary.GetSampleCount())}
	}
	values := []float64{m.Histogram.GetSampleSum(), float64(m.Histogram.GetSampleCount())}
	for _, b := range m.Histogram.Bucket {
		values = append(values, float64(b.GetCumulativeCount()))
	}
	if n := len(m.Histogram.Bucket); n == 0 || !math.IsInf(m.Histogram.Bucket[n-1].GetUpperBound(), 1) {
		values = append(values, float64(m.Histogram.GetSampleCount()))
	}
	return values
}

// seriesLabels returns the labels of the row's i-th sample, as Prometheus stores
// them with the shipped relabeling.
func seriesLabels(name string, m *dto.Metric, i int) labels.Labels {
	b := labels.NewScratchBuilder(len(m.Label) + 3)
	for _, pair := range m.Label {
		b.Add(pair.GetName(), pair.GetValue())
	}
	b.Add(expr.Job.Name, rules.Job)
	single := m.Counter != nil || m.Gauge != nil
	switch {
	case single:
	case i < 2:
		name += [...]string{"_sum", "_count"}[i]
	default:
		name += "_bucket"
		le := "+Inf"
		if i-2 < len(m.Histogram.Bucket) {
			le = labels.FormatOpenMetricsFloat(m.Histogram.Bucket[i-2].GetUpperBound())
		}
		b.Add(expr.Le.Name, le)
	}
	b.Add(model.MetricNameLabel, name)
	b.Sort()
	return b.Labels()
}

// others makes up the series that the fold does not show: those of the exporter's
// process and configuration, of `belfry alerts serve` and `belfry insights serve`,
// and of Prometheus itself. What rules record is left to them.
func others() []Series {
	kinds := Kinds()
	names := []string{expr.Up.Name, expr.RuleEvaluationFailures.Name, expr.RuleIterationsMissed.Name}
	for _, f := range catalog.All {
		if f.Source == catalog.Fold || f.Source == catalog.Quality {
			continue
		}
		for _, part := range []string{"", "_bucket", "_sum", "_count"} {
			if k, shown := kinds[f.Name+part]; shown && !k.Recorded {
				names = append(names, f.Name+part)
			}
		}
	}
	slices.Sort(names)
	var all []Series
	for _, name := range names {
		all = append(all, Make(kinds[name])...)
	}
	return all
}
