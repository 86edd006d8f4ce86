package fold_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
)

// seriesOf names a series by its family and labels. An absent value is unknown.
func seriesOf(f *catalog.Family, values []string) string {
	var labels []string
	for i, l := range f.Labels {
		labels = append(labels, fmt.Sprintf("%s=%q", l.Name, either(values[i], catalog.Unknown)))
	}
	slices.Sort(labels)
	return f.Name + "{" + strings.Join(labels, ",") + "}"
}

func (m *model) add(c catalog.Counter, by float64, values ...string) {
	m.counts[seriesOf(c.Family, values)] += by
}

func (m *model) observe(metric catalog.Metric, seconds float64, values ...string) {
	series := seriesOf(metric.Desc(), values)
	m.observed[series] = append(m.observed[series], seconds)
}

func (m *model) set(g catalog.Gauge, value float64, values ...string) {
	m.gauges[seriesOf(g.Family, values)] = reading{value: value, at: m.now, expires: g.Expires}
}

func (m *model) increase(g catalog.Gauge, values ...string) {
	m.set(g, m.gauges[seriesOf(g.Family, values)].value+1, values...)
}

// foldSystem counts the health that a component reports.
func (m *model) foldSystem(e *told) {
	y := &e.System
	component, node := m.value(catalog.LabelComponent, y.Component), m.value(catalog.LabelNode, y.Node)
	m.gauge(catalog.ComponentCPU, y.CPU, component, node)
	m.gauge(catalog.ComponentMemory, y.Memory, component, node)
	m.gauge(catalog.ComponentMemoryRatio, y.MemoryRatio, component, node)
	m.gauge(catalog.ComponentDisk, y.DiskRatio, component, node)
	m.gauge(catalog.ComponentNetwork, y.Network, component, node)
	for _, q := range y.Queues {
		name := m.value(catalog.LabelQueue, q.Name)
		m.gauge(catalog.QueueMessages, q.Messages, name)
		m.gauge(catalog.QueueOldestAge, event.Value(q.OldestAge), name)
	}
	for _, q := range y.DeadLetters {
		m.gauge(catalog.DeadLetters, q.Messages, m.value(catalog.LabelQueue, q.Name))
	}
	for _, v := range y.Services {
		name := m.value(catalog.LabelService, v.Name)
		m.add(catalog.ServiceRequests, max(0, v.Requests-v.Errors), name, "success")
		m.add(catalog.ServiceRequests, v.Errors, name, "error")
		for _, took := range v.Durations {
			m.observe(catalog.ServiceDuration, took, name)
		}
		m.gauge(catalog.ServiceQuotaUsed, v.QuotaUsed, name)
		m.gauge(catalog.ServiceQuotaLimit, v.QuotaLimit, name)
	}
}

func (m *model) gauge(g catalog.Gauge, v event.Value, values ...string) {
	if v.Known {
		m.set(g, v.Value, values...)
	}
}

// show returns every series that is not a counter at 0. The model is used up.
func (m *model) show() map[string]float64 {
	m.experiments()
	m.population()
	m.add(catalog.UnknownFields, float64(len(m.unknown)))
	for template, name := range m.names {
		m.set(catalog.TemplateInfo, 1, template, name)
	}
	shown := map[string]float64{}
	for series, value := range m.counts {
		if value != 0 {
			shown[series] = value
		}
	}
	for series, g := range m.gauges {
		if !g.expires || m.now-g.at <= int64(metrics.StaleAfter) {
			shown[series] = g.value
		}
	}
	for series, all := range m.observed {
		shown[series+" count"] = float64(len(all))
		sum := 0.0
		for _, v := range all {
			sum += v
		}
		shown[series+" sum"] = sum
		name, _, _ := strings.Cut(series, "{")
		for _, bound := range catalog.ByName(name).Buckets {
			n := 0
			for _, v := range all {
				if v <= bound {
					n++
				}
			}
			shown[fmt.Sprintf("%s le %v", series, bound)] = float64(n)
		}
	}
	return shown
}

// exposed is the fold's exposition, as far as a model can know it: it leaves
// out counters at 0, when series were born, and native buckets.
func exposed(s *fold.State) map[string]float64 {
	shown := map[string]float64{}
	for _, family := range exposition(s) {
		for _, metric := range family.Metric {
			var values []string
			for _, l := range metric.Label {
				if l.GetName() != catalog.LabelPartition.Name {
					values = append(values, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
				}
			}
			series := family.GetName() + "{" + strings.Join(values, ",") + "}"
			switch {
			case metric.Counter != nil && metric.Counter.GetValue() != 0:
				shown[series] = metric.Counter.GetValue()
			case metric.Gauge != nil:
				shown[series] = metric.Gauge.GetValue()
			case metric.Summary != nil:
				shown[series+" count"] = float64(metric.Summary.GetSampleCount())
				shown[series+" sum"] = metric.Summary.GetSampleSum()
			case metric.Histogram != nil:
				shown[series+" count"] = float64(metric.Histogram.GetSampleCount())
				shown[series+" sum"] = metric.Histogram.GetSampleSum()
				for _, b := range metric.Histogram.Bucket {
					shown[fmt.Sprintf("%s le %v", series, b.GetUpperBound())] = float64(b.GetCumulativeCount())
				}
			}
		}
	}
	return shown
}

func exposition(s *fold.State) []*dto.MetricFamily {
	parts := []metrics.Part{{Partition: "0", Snapshot: s.Snapshot(), Now: s.Now()}}
	return new(metrics.Exposition).Families(parts)
}

// difference tells the series in which two expositions differ by more than the
// order of their additions can explain.
func difference(want, got map[string]float64) string {
	var lines []string
	for series, w := range want {
		if g, ok := got[series]; !ok {
			lines = append(lines, fmt.Sprintf("%s is missing, want %v", series, w))
		} else if scale := max(1, w, -w); g-w > 1e-9*scale || w-g > 1e-9*scale {
			lines = append(lines, fmt.Sprintf("%s is %v, want %v", series, g, w))
		}
	}
	for series, g := range got {
		if _, ok := want[series]; !ok {
			lines = append(lines, fmt.Sprintf("%s is %v, want none", series, g))
		}
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return strings.Join(lines, "\n")
}

// sorted are the keys of a map in their order, so that equal seeds make equal choices.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
