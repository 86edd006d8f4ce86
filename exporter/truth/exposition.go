package truth

import (
	"fmt"
	"io"
	"maps"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
)

// ReadExposition reads metrics in the text format, as /metrics and belfry
// replay print them, sorted by name. It reads to the end before it returns.
func ReadExposition(r io.Reader) ([]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return nil, fmt.Errorf("read exposition: %w", err)
	}
	var sorted []*dto.MetricFamily
	for _, name := range slices.Sorted(maps.Keys(families)) {
		sorted = append(sorted, families[name])
	}
	return sorted, nil
}

// read sums the family over its partitions.
func (c *comparison) read(shown *dto.MetricFamily) {
	for _, m := range shown.GetMetric() {
		set, ok := c.set(m)
		if !ok {
			continue
		}
		v := c.figure(m)
		if known := c.got[set]; known == nil {
			c.got[set] = &v
		} else if c.family.Kind == catalog.KindGauge && !countsUsers(c.family) {
			c.agree(set, known, v)
		} else {
			known.sumUp(v)
		}
	}
}

// sumUp adds what another partition shows.
func (f *figure) sumUp(v figure) {
	f.value, f.count, f.sum = f.value+v.value, f.count+v.count, f.sum+v.sum
	for i := range f.buckets {
		f.buckets[i] += v.buckets[i]
	}
}

// agree compares a gauge of one more partition with that of the first one. The
// first is compared with the truth later; a disagreement between the two is a
// difference of its own.
func (c *comparison) agree(set labelSet, first *figure, v figure) {
	if !near(first.value, v.value) {
		c.note("", set, number(first.value)+" in all partitions", number(v.value))
	}
}

// set returns the label values of a series in the order of the catalogue, without
// partition. A label that the family does not have is a difference.
func (c *comparison) set(m *dto.Metric) (set labelSet, ok bool) {
	for _, pair := range m.GetLabel() {
		i := slices.IndexFunc(c.family.Labels, func(l *catalog.Label) bool { return l.Name == pair.GetName() })
		switch {
		case i >= 0:
			set[i] = pair.GetValue()
		case pair.GetName() != catalog.LabelPartition.Name:
			c.differences = append(c.differences, Difference{
				Family: c.family.Name, Labels: fmt.Sprintf("{%s=%q}", pair.GetName(), pair.GetValue()),
				Want: "no such label", Got: "a series with it",
			})
			return set, false
		}
	}
	return set, true
}

// figure reads one series. Of a histogram it takes the buckets in the catalogue.
func (c *comparison) figure(m *dto.Metric) figure {
	switch {
	case m.Histogram != nil:
		h := m.GetHistogram()
		f := figure{count: h.GetSampleCount(), sum: h.GetSampleSum(), buckets: make([]uint64, len(c.family.Buckets))}
		for _, b := range h.GetBucket() {
			if i := slices.Index(c.family.Buckets, b.GetUpperBound()); i >= 0 {
				f.buckets[i] = b.GetCumulativeCount()
			}
		}
		return f
	case m.Summary != nil:
		return figure{count: m.GetSummary().GetSampleCount(), sum: m.GetSummary().GetSampleSum()}
	case m.Gauge != nil:
		return figure{value: m.GetGauge().GetValue()}
	case m.Counter != nil:
		return figure{value: m.GetCounter().GetValue()}
	default:
		return figure{value: m.GetUntyped().GetValue()}
	}
}
