package backfill

import (
	"context"
	"errors"
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// sampleWriter appends scrapes to a database. It remembers the series of each
// row of the exposition, since making labels is most of the work.
type sampleWriter struct {
	db   *tsdb.DB
	rows map[rowKey][]known
	own  []known // of the made-up series
}

// rowKey tells a row by the address of its first label pair, which the
// exposition keeps from scrape to scrape, or by its family where it has none.
type rowKey struct {
	family string
	first  *dto.LabelPair
}

// known is a series that has been appended to.
type known struct {
	ref    storage.SeriesRef
	labels labels.Labels
}

func newSampleWriter(db *tsdb.DB) *sampleWriter {
	return &sampleWriter{db: db, rows: map[rowKey][]known{}}
}

func (w *sampleWriter) write(ctx context.Context, at int64, families []*dto.MetricFamily, beside []Series) (err error) {
	appender := w.db.Appender(ctx)
	defer func() {
		if err != nil {
			err = errors.Join(err, appender.Rollback())
		}
	}()
	for _, family := range families {
		for _, m := range family.Metric {
			if err := w.row(appender, at, family, m); err != nil {
				return err
			}
		}
	}
	if w.own == nil {
		w.own = make([]known, len(beside))
		for i, s := range beside {
			w.own[i].labels = s.Labels
		}
	}
	for i, s := range beside {
		if err := w.own[i].append(appender, at, s.value(at)); err != nil {
			return err
		}
	}
	return appender.Commit()
}

func (k *known) append(appender storage.Appender, at int64, value float64) (err error) {
	k.ref, err = appender.Append(k.ref, k.labels, at, value)
	return err
}

// row appends the values of one row: one for a counter or a gauge, more for a
// summary or a histogram, of which the classic buckets are taken.
func (w *sampleWriter) row(appender storage.Appender, at int64, family *dto.MetricFamily, m *dto.Metric) error {
	key := rowKey{family: family.GetName()}
	if len(m.Label) > 0 {
		key.first = m.Label[0]
	}
	list := w.rows[key]
	values := valuesOf(m)
	if list == nil {
		for i := range values {
			list = append(list, known{labels: seriesLabels(family.GetName(), m, i)})
		}
		w.rows[key] = list
	}
	for i, value := range values {
		if err := list[i].append(appender, at, value); err != nil {
			return err
		}
	}
	return nil
}

// valuesOf are the samples of a row: sum and count first, then the buckets.
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

// seriesLabels are the labels of the row's i-th sample, as Prometheus stores
// them after the shipped relabelling.
func seriesLabels(name string, m *dto.Metric, i int) labels.Labels {
	b := labels.NewScratchBuilder(len(m.Label) + 3)
	for _, pair := range m.Label {
		b.Add(pair.GetName(), pair.GetValue())
	}
	b.Add("job", rules.Job)
	single := m.Counter != nil || m.Gauge != nil
	switch {
	case single:
	case i < 2:
		name += [...]string{"_sum", "_count"}[i]
	default:
		name += "_bucket"
		le := "+Inf"
		if i-2 < len(m.Histogram.Bucket) {
			le = bound(m.Histogram.Bucket[i-2].GetUpperBound())
		}
		b.Add(expr.Le.Name, le)
	}
	b.Add(model.MetricNameLabel, name)
	b.Sort()
	return b.Labels()
}

// beside are the series that no fold shows: of the exporter's process and its
// configuration, of the programs that serve alerts and insights, and what
// Prometheus writes when it scrapes. What the rules record is left to them.
func beside() ([]Series, error) {
	kinds, err := Kinds()
	if err != nil {
		return nil, err
	}
	recorded, err := intervals()
	if err != nil {
		return nil, err
	}
	names := []string{expr.Up.Name, expr.RuleEvaluationFailures.Name, expr.RuleIterationsMissed.Name}
	for _, f := range catalog.All {
		if recorded[f.Name] > 0 || f.Source == catalog.Fold || f.Source == catalog.Quality {
			continue
		}
		for name := range kinds {
			if f.Kind == catalog.KindHistogram || f.Kind == catalog.KindSummary {
				if name == f.Name+"_bucket" || name == f.Name+"_sum" || name == f.Name+"_count" {
					names = append(names, name)
				}
			} else if name == f.Name {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var all []Series
	for _, name := range names {
		all = append(all, Make(kinds[name])...)
	}
	return all, nil
}
