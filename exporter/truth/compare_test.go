package truth

import (
	"regexp"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
)

func TestCompareAgrees(t *testing.T) {
	want := busy()
	all := exposition(want)
	// Zeros, and families outside the truth, make no difference.
	find(t, all, catalog.Retries).Metric = append(find(t, all, catalog.Retries).Metric,
		series(catalog.Retries.Family, labelSet{"chat", "new"}, "0", figure{}))
	goroutines := []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(7)}}}
	all = append(all, &dto.MetricFamily{Name: proto.String("go_goroutines"), Metric: goroutines})
	if differences := want.Compare(all); differences != nil {
		t.Errorf("%d differences, the first: %s", len(differences), differences[0])
	}
}

func TestCompareFindsEachDifference(t *testing.T) {
	want := busy()
	for name, test := range map[string]struct {
		change func(all []*dto.MetricFamily)
		want   string
	}{
		"count off by one": {func(all []*dto.MetricFamily) {
			c := find(t, all, catalog.Stages).Metric[0].Counter
			c.Value = proto.Float64(c.GetValue() + 1)
		}, `^notification_stage_total\{stage="bounced_hard".*: want \d+, got \d+$`},
		"series missing": {func(all []*dto.MetricFamily) {
			f := find(t, all, catalog.EventsDuplicate)
			f.Metric = nil
		}, `^belfry_events_duplicate_total\{\}: want \d+, got nothing$`},
		"series too many": {func(all []*dto.MetricFamily) {
			f := find(t, all, catalog.Retries)
			f.Metric = append(f.Metric, series(catalog.Retries.Family, labelSet{"fax", "x"}, "0", figure{value: 2}))
		}, `^notification_retries_total\{channel="fax",provider="x"\}: want nothing, got 2$`},
		"family that must be zero": {func(all []*dto.MetricFamily) {
			one := series(catalog.EventsRejected.Family, labelSet{"bad_id"}, "1", figure{value: 1})
			family(all, catalog.EventsRejected).Metric = []*dto.Metric{one}
		}, `^belfry_events_rejected_total\{reason="bad_id"\}: want nothing, got 1$`},
		"observation lost": {func(all []*dto.MetricFamily) {
			h := find(t, all, catalog.DeliveryLatency).Metric[1].Histogram
			h.SampleCount = proto.Uint64(h.GetSampleCount() - 1)
		}, `^notification_delivery_latency_seconds_count\{.*: want \d+, got \d+$`},
		"observation in another bucket": {func(all []*dto.MetricFamily) {
			b := find(t, all, catalog.DeliveryLatency).Metric[1].Histogram.Bucket[8]
			b.CumulativeCount = proto.Uint64(b.GetCumulativeCount() + 1)
		}, `^notification_delivery_latency_seconds_bucket\{.*,le="60"\}: want \d+, got \d+$`},
		"stale gauge at zero": {func(all []*dto.MetricFamily) {
			f := find(t, all, catalog.ComponentCPU)
			f.Metric = append(f.Metric, series(catalog.ComponentCPU.Family, labelSet{"gone", "n1"}, "0", figure{}))
		}, `^notification_component_cpu_usage_ratio\{component="gone",node="n1"\}: want nothing, got 0$`},
		"sum beyond rounding": {func(all []*dto.MetricFamily) {
			h := find(t, all, catalog.TemplateRender).Metric[0].Summary
			h.SampleSum = proto.Float64(h.GetSampleSum() * (1 + 1e-8))
		}, `^notification_template_render_seconds_sum\{.*: want [0-9.]+, got [0-9.]+$`},
		"money": {func(all []*dto.MetricFamily) {
			c := find(t, all, catalog.ConversionValue).Metric[0].Counter
			c.Value = proto.Float64(c.GetValue() + 0.01)
		}, `^notification_conversion_value_total\{.*: want [-0-9.]+, got [-0-9.]+$`},
		"money in a moment": {func(all []*dto.MetricFamily) {
			c := findMoment(t, all, "value", "y").Counter
			c.Value = proto.Float64(c.GetValue() + 0.01)
		}, `^notification_experiment_moment_total\{.*outcome="value",moment="y"\}: want [0-9.]+, got [0-9.]+$`},
		"count in a moment": {func(all []*dto.MetricFamily) {
			c := findMoment(t, all, "value", "xx").Counter
			c.Value = proto.Float64(c.GetValue() + 1e-6)
		}, `^notification_experiment_moment_total\{.*outcome="value",moment="xx"\}: want \d+, got [0-9.]+$`},
		"users of one partition": {func(all []*dto.MetricFamily) {
			f := find(t, all, catalog.Users)
			f.Metric = f.Metric[1:]
		}, `^notification_users\{segment="new"\}: want \d+, got 1$`},
		"gauge": {func(all []*dto.MetricFamily) {
			for _, m := range find(t, all, catalog.ComponentCPU).Metric[:2] {
				m.Gauge.Value = proto.Float64(0.9)
			}
		}, `^notification_component_cpu_usage_ratio\{.*: want 0\.\d+, got 0\.9$`},
		"gauge of one partition": {func(all []*dto.MetricFamily) {
			find(t, all, catalog.ComponentCPU).Metric[1].Gauge.Value = proto.Float64(0.9)
		}, `^notification_component_cpu_usage_ratio\{.*: want 0\.\d+ in all partitions, got 0\.9$`},
		"gauge gone": {func(all []*dto.MetricFamily) {
			f := find(t, all, catalog.QueueMessages)
			f.Metric = slices.DeleteFunc(f.Metric, func(m *dto.Metric) bool { return m.Label[1].GetValue() == "sms" })
		}, `^notification_queue_messages\{queue="sms"\}: want \d+, got nothing$`},
		"label that is not of the family": {func(all []*dto.MetricFamily) {
			m := find(t, all, catalog.Retries).Metric[0]
			m.Label = append(m.Label, &dto.LabelPair{Name: proto.String("instance"), Value: proto.String("a")})
		}, `^notification_retries_total\{instance="a"\}: want no such label, got a series with it$`},
	} {
		t.Run(name, func(t *testing.T) {
			all := exposition(want)
			test.change(all)
			differences := want.Compare(all)
			if len(differences) == 0 {
				t.Fatal("not found")
			}
			if !matches(test.want, differences) {
				t.Errorf("got %v, want one that matches %s", differences, test.want)
			}
		})
	}
}

func matches(pattern string, differences []Difference) bool {
	wanted := regexp.MustCompile(pattern)
	return slices.ContainsFunc(differences, func(d Difference) bool { return wanted.MatchString(d.String()) })
}
