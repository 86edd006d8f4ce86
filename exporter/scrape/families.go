package scrape

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// Families collects series of families of the catalogue. The zero value is ready to
// use.
type Families struct {
	all []*dto.MetricFamily
	of  map[*catalog.Family]*dto.MetricFamily
}

// List returns the families, in the order in which they came.
func (s *Families) List() []*dto.MetricFamily { return s.all }

// Add adds a series of a counter or gauge. Its label values are in the order of the
// family's labels, after the partition if the family has one.
func (s *Families) Add(m catalog.Metric, value float64, labels ...string) {
	series := s.series(m.Desc(), labels)
	if m.Desc().Kind == catalog.KindCounter {
		series.Counter = &dto.Counter{Value: &value}
	} else {
		series.Gauge = &dto.Gauge{Value: &value}
	}
}

// AddHistogram adds a series of a histogram. Counts holds how many observations are in
// each of its buckets, the last of which is +Inf.
func (s *Families) AddHistogram(m catalog.Histogram, counts []uint64, sum float64, labels ...string) {
	h := &dto.Histogram{SampleSum: &sum}
	total := uint64(0)
	for i, n := range counts {
		total += n
		if i < len(m.Buckets) {
			h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: &m.Buckets[i], CumulativeCount: proto.Uint64(total)})
		}
	}
	h.SampleCount = &total
	s.series(m.Family, labels).Histogram = h
}

func (s *Families) series(f *catalog.Family, labels []string) *dto.Metric {
	mf := s.of[f]
	if mf == nil {
		if s.of == nil {
			s.of = map[*catalog.Family]*dto.MetricFamily{}
		}
		mf = metrics.NewFamily(f)
		s.of[f], s.all = mf, append(s.all, mf)
	}
	series := &dto.Metric{}
	for i, name := range LabelNames(f) {
		series.Label = append(series.Label, &dto.LabelPair{Name: &name, Value: &labels[i]})
	}
	slices.SortFunc(series.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	mf.Metric = append(mf.Metric, series)
	return series
}

// LabelNames returns the names of a family's labels, the partition first if it has one.
func LabelNames(f *catalog.Family) []string {
	var names []string
	if f.Source.PerPartition() {
		names = append(names, catalog.LabelPartition.Name)
	}
	for _, l := range f.Labels {
		names = append(names, l.Name)
	}
	return names
}
