package truth

import (
	"fmt"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// busy counts some hundred events of every kind in two partitions.
func busy() *Truth {
	t := New(Options{Partitions: 2})
	for i := range 60 {
		e := event.Event{NotificationID: fmt.Sprint("n", i), UserID: fmt.Sprint("u", i%20), Provider: "ses"}
		add := func(kind catalog.EventType, after time.Duration) {
			e.ID, e.Type, e.Time = fmt.Sprint(kind, i), kind, at(time.Duration(i)*time.Minute+after)
			t.Add(&e, e.Time)
		}
		e.Channel, e.Template, e.TemplateName = catalog.Channels[i%2], fmt.Sprint("t", i%3), fmt.Sprint("name ", i%3)
		e.Experiment, e.Variant = "x", string(rune('a'+i%2))
		e.Steps[catalog.StepRender] = event.Seconds{Value: float64(i) / 1000, Known: true}
		add(catalog.EventSent, 0)
		e.RetryCount = event.Count{Value: uint32(i % 3), Known: true}
		e.BounceType = catalog.BounceTypes[i%2]
		add(catalog.EventBounced, time.Second)
		add(catalog.EventDelivered, time.Duration(i)*time.Second)
		add(catalog.EventOpened, time.Hour)
		add(catalog.EventOpened, time.Hour) // comes twice
		e.Value = event.Money{Amount: float64(i) + 0.3, Currency: "EUR"}
		add(catalog.EventConverted, time.Hour)
		report(t, e.Time, i)
	}
	return t
}

// report adds the report of a component.
func report(t *Truth, now int64, i int) {
	e := event.Event{ID: fmt.Sprint("report", i), Type: catalog.EventPerformance, Time: now}
	cpu, messages := event.Value{Value: float64(i) / 100, Known: true}, event.Value{Value: float64(i), Known: true}
	e.System = event.System{Component: fmt.Sprint("worker", i%4), CPU: cpu}
	e.System.Queues = []event.Queue{{Name: catalog.Channels[i%4], Messages: messages}}
	t.Add(&e, now)
}

// exposition shows a truth as an exporter with two partitions would: counts,
// users among them, and sums spread over both, other gauges in one or in both.
func exposition(t *Truth) []*dto.MetricFamily {
	var all []*dto.MetricFamily
	books := t.books()
	for _, f := range books.families() {
		mf := &dto.MetricFamily{Name: proto.String(f.Name)}
		for i, set := range books.sets(f) {
			v := books[f.Index()][set]
			alike := f.Kind == catalog.KindGauge && !countsUsers(f)
			first := figure{value: v.value - 1, count: v.count / 2, sum: v.sum / 3}
			second := figure{value: 1, count: v.count - v.count/2, sum: v.sum - v.sum/3}
			for _, n := range v.buckets {
				first.buckets, second.buckets = append(first.buckets, n/2), append(second.buckets, n-n/2)
			}
			switch {
			case alike && i%2 == 0:
				first, second = *v, *v
			case alike || v.value != 0 && v.value < 1:
				mf.Metric = append(mf.Metric, series(f, set, "0", *v))
				continue
			}
			mf.Metric = append(mf.Metric, series(f, set, "0", first), series(f, set, "1", second))
		}
		all = append(all, mf)
	}
	return all
}

func series(f *catalog.Family, set labelSet, partition string, v figure) *dto.Metric {
	m := &dto.Metric{Label: []*dto.LabelPair{{Name: proto.String("partition"), Value: proto.String(partition)}}}
	for i, l := range f.Labels {
		m.Label = append(m.Label, &dto.LabelPair{Name: proto.String(l.Name), Value: proto.String(set[i])})
	}
	switch f.Kind {
	case catalog.KindCounter:
		m.Counter = &dto.Counter{Value: proto.Float64(v.value)}
	case catalog.KindGauge:
		m.Gauge = &dto.Gauge{Value: proto.Float64(v.value)}
	case catalog.KindHistogram:
		m.Histogram = &dto.Histogram{SampleCount: proto.Uint64(v.count), SampleSum: proto.Float64(v.sum)}
		for i, n := range v.buckets {
			b := &dto.Bucket{UpperBound: proto.Float64(f.Buckets[i]), CumulativeCount: proto.Uint64(n)}
			m.Histogram.Bucket = append(m.Histogram.Bucket, b)
		}
	case catalog.KindSummary:
		m.Summary = &dto.Summary{SampleCount: proto.Uint64(v.count), SampleSum: proto.Float64(v.sum)}
	}
	return m
}

func find(t *testing.T, all []*dto.MetricFamily, m catalog.Metric) *dto.MetricFamily {
	t.Helper()
	f := family(all, m)
	if len(f.GetMetric()) == 0 {
		t.Fatalf("no %s", m.Desc().Name)
	}
	return f
}

// family returns nil if the family is not shown.
func family(all []*dto.MetricFamily, m catalog.Metric) *dto.MetricFamily {
	for _, f := range all {
		if f.GetName() == m.Desc().Name {
			return f
		}
	}
	return nil
}

// findMoment finds a moment of any arm.
func findMoment(t *testing.T, all []*dto.MetricFamily, outcome, name string) *dto.Metric {
	t.Helper()
	for _, m := range find(t, all, catalog.ExperimentMoments).Metric {
		if m.Label[3].GetValue() == outcome && m.Label[4].GetValue() == name {
			return m
		}
	}
	t.Fatalf("no moment %s of %s", name, outcome)
	return nil
}
