package simulate

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// What holds for any platform: each notification is sent once, nothing is
// delivered more often than sent but for what orphans lack, and the views of
// the same stages add up to the same.
func TestTruthIsConsistent(t *testing.T) {
	truth := morning()
	orphans := total(truth, catalog.EventsOrphan)
	for i := range channels {
		name := channels[i].name
		sent := total(truth, catalog.Stages, "sent", name)
		if delivered := total(truth, catalog.Stages, "delivered", name); delivered > sent+orphans {
			t.Errorf("%s: %g delivered of %g sent", name, delivered, sent)
		}
		if recovered, failed := total(truth, catalog.Stages, "recovered", name), total(truth, catalog.Stages, "failed", name)+
			total(truth, catalog.Stages, "bounced_soft", name); recovered > failed+orphans {
			t.Errorf("%s: %g recovered of %g", name, recovered, failed)
		}
	}
	for _, stage := range catalog.LabelStage.Values {
		want := total(truth, catalog.Stages, stage)
		for _, m := range []catalog.Counter{catalog.TemplateStages, catalog.AudienceStages} {
			if got := total(truth, m, stage); got != want {
				t.Errorf("%s counts %g notifications %s, the stages %g", m.Name, got, stage, want)
			}
		}
		for _, m := range []catalog.Counter{catalog.CampaignStages, catalog.ExperimentStages} {
			if got := total(truth, m, stage); got > want {
				t.Errorf("%s counts %g notifications %s, the stages %g", m.Name, got, stage, want)
			}
		}
	}
	if got, want := total(truth, catalog.Errors), total(truth, catalog.Events, "failed")+total(truth, catalog.Events, "bounced"); got != want {
		t.Errorf("%g errors, but %g events of failure", got, want)
	}
	if got, want := total(truth, catalog.Events)+total(truth, catalog.EventsDuplicate), float64(truth.Events); got != want {
		t.Errorf("%g events and duplicates of %g messages", got, want)
	}
	if got, want := total(truth, catalog.DeliveryLatency), total(truth, catalog.Stages, "delivered"); got > want {
		t.Errorf("%g latencies of %g deliveries", got, want)
	}
}

func TestFailoverIsBookedOnEachProvider(t *testing.T) {
	got := story([]event.Event{
		{Type: catalog.EventSent, Time: at(0), Channel: "email", Category: billing, Priority: high, Template: "t", Provider: "ses"},
		{Type: catalog.EventFailed, Time: at(time.Second), Provider: "ses", ErrorCode: "throttled"},
		{Type: catalog.EventFailed, Time: at(2 * time.Second), Provider: "ses", ErrorCode: "new", RetryCount: event.Count{Value: 1, Known: true}},
		{Type: catalog.EventDelivered, Time: at(9 * time.Second), Provider: "mailgun", RetryCount: event.Count{Value: 2, Known: true}},
		{Type: catalog.EventOpened, Time: at(time.Hour)},
	}, catalog.SLOStages, catalog.Errors, catalog.Retries, catalog.DeliveryLatency, catalog.TimeToOpen)
	want := []string{
		`slo_stage_total{stage="failed",fault="provider",channel="email",provider="ses"} 1`,
		`slo_stage_total{stage="recovered",fault="provider",channel="email",provider="ses"} 1`,
		`slo_stage_total{stage="sent",fault="none",channel="email",provider="ses"} 1`,
		`errors_total{channel="email",provider="ses",error_code="new",fault="unknown"} 1`,
		`errors_total{channel="email",provider="ses",error_code="throttled",fault="provider"} 1`,
		`retries_total{channel="email",provider="mailgun"} 1`,
		`retries_total{channel="email",provider="ses"} 1`,
		`delivery_latency_seconds{channel="email",provider="mailgun",priority="high"} 9`,
		`time_to_open_seconds{channel="email",category="billing"} 3600`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOrphanJoinsItsSent(t *testing.T) {
	got := story([]event.Event{
		{Type: catalog.EventDelivered, Time: at(time.Second), Channel: "push", Provider: "fcm"},
		{Type: catalog.EventOpened, Time: at(time.Minute)},
		{Type: catalog.EventSent, Time: at(0), Channel: "sms", Category: social, Priority: low, Template: "t"},
		{Type: catalog.EventOpened, Time: at(2 * time.Minute), Channel: "push"},
	}, catalog.Stages, catalog.DeliveryLatency, catalog.TimeToOpen, catalog.EventsOrphan, catalog.EventsOutOfOrder, catalog.ContextConflicts)
	want := []string{
		`stage_total{stage="delivered",channel="push",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="engaged",channel="unknown",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="opened",channel="unknown",category="unknown",priority="unknown",provider="fcm"} 1`,
		`stage_total{stage="sent",channel="sms",category="social",priority="low",provider="fcm"} 1`,
		`delivery_latency_seconds{channel="sms",provider="fcm",priority="low"} 1`,
		`time_to_open_seconds{channel="sms",category="social"} 60`,
		`belfry_events_orphan_total{} 2`,
		`belfry_events_out_of_order_total{} 1`,
		`belfry_context_conflicts_total{field="channel"} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLateAndSkewedEvents(t *testing.T) {
	got := story([]event.Event{
		{Type: catalog.EventSent, Time: at(time.Second), Channel: "chat", Category: social, Priority: low, Template: "t"},
		{Type: catalog.EventDelivered, Time: at(0)},
		{Type: catalog.EventOpened, Time: at(time.Minute), Machine: true, Actions: []string{"prefetch"}},
		{Type: catalog.EventClicked, Time: at(8 * 24 * time.Hour), Actions: []string{"click"}},
		{Type: catalog.EventDismissed, Time: at(time.Hour), Actions: []string{"snooze"}},
	}, catalog.Stages, catalog.Actions, catalog.EventsLate, catalog.EventsClockSkew, catalog.DeliveryLatency, catalog.TimeToClick)
	want := []string{
		`stage_total{stage="delivered",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="dismissed",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="engaged",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="machine_opened",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`stage_total{stage="sent",channel="chat",category="social",priority="low",provider="unknown"} 1`,
		`actions_total{channel="chat",action="click"} 1`,
		`actions_total{channel="chat",action="prefetch"} 1`,
		`actions_total{channel="chat",action="snooze"} 1`,
		`belfry_events_late_total{} 1`,
		`belfry_events_clock_skew_total{} 1`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTruthComesBackFromItsFile(t *testing.T) {
	s := play(t, Config{Seed: 7, Events: 5000}, nil)
	written := truthOf(t, s)
	read, err := ReadTruth(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := read.Write(&again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), again.String()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestReadTruthRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                   "unexpected EOF",
		`{"sead": 7}`:                         `unknown field "sead"`,
		`{"families": {"no_such_total": []}}`: `"no_such_total" is not in the catalogue`,
		`{"families": {"notification_retries_total": [{"labels": {"channel": "sms"}, "value": 1}]}}`:                    "expected channel, provider",
		`{"families": {"notification_retries_total": [{"labels": {"channel": "sms", "queue": "x"}, "value": 1}]}}`:      "label provider is missing",
		`{"families": {"notification_retries_total": [{"labels": {"channel": "sms", "provider": "x"}, "count": 1}]}}`:   "has neither value",
		`{"families": {"notification_retries_total": [{"labels": {"channel": "sms", "provider": "x"}, "value": "1"}]}}`: "cannot unmarshal",
	} {
		_, err := ReadTruth(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
}

// exposition shows a truth as an exporter with two partitions would: counts,
// users among them, and sums spread over both, other gauges in one or in both.
func exposition(truth *Truth) []*dto.MetricFamily {
	var all []*dto.MetricFamily
	books := truth.books()
	for _, f := range books.families() {
		mf := &dto.MetricFamily{Name: proto.String(f.Name)}
		for i, set := range books.sets(f) {
			v := books[f.Index()][set]
			alike := f.Kind == catalog.KindGauge && !countsUsers(f)
			first := figure{value: v.value - 1, count: v.count / 2, sum: v.sum / 3}
			second := figure{value: 1, count: v.count - v.count/2, sum: v.sum - v.sum/3}
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
	case catalog.KindSummary:
		m.Summary = &dto.Summary{SampleCount: proto.Uint64(v.count), SampleSum: proto.Float64(v.sum)}
	}
	return m
}

func find(t *testing.T, all []*dto.MetricFamily, m catalog.Metric) *dto.MetricFamily {
	t.Helper()
	i := slices.IndexFunc(all, func(f *dto.MetricFamily) bool { return f.GetName() == m.Desc().Name })
	if i < 0 || len(all[i].Metric) == 0 {
		t.Fatalf("no %s", m.Desc().Name)
	}
	return all[i]
}

// moment finds a moment of any arm.
func moment(t *testing.T, all []*dto.MetricFamily, outcome, moment string) *dto.Metric {
	t.Helper()
	for _, m := range find(t, all, catalog.ExperimentMoments).Metric {
		if m.Label[3].GetValue() == outcome && m.Label[4].GetValue() == moment {
			return m
		}
	}
	t.Fatalf("no moment %s of %s", moment, outcome)
	return nil
}

func TestCompareAgrees(t *testing.T) {
	truth := play(t, Config{Seed: 7, Events: 12_000}, nil).Truth()
	all := exposition(truth)
	// What is zero, or outside the truth, is no difference.
	find(t, all, catalog.Retries).Metric = append(find(t, all, catalog.Retries).Metric,
		series(catalog.Retries.Family, labelSet{"chat", "new"}, "0", figure{}))
	all = append(all, &dto.MetricFamily{Name: proto.String("go_goroutines"), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(7)}}}})
	if differences := truth.Compare(all); differences != nil {
		t.Errorf("%d differences, the first: %s", len(differences), differences[0])
	}
}

func TestCompareFindsEachDifference(t *testing.T) {
	truth := play(t, Config{Seed: 7, Events: 12_000}, nil).Truth()
	bought := event.Event{ // inside an experiment, which is rare
		Type: catalog.EventConverted, NotificationID: "n1", UserID: "u1", Time: truth.To.UnixNano(),
		Experiment: "exp_cta", Variant: "green", Value: event.Money{Amount: 19.9, Currency: "EUR"},
	}
	truth.enter(&bought, &record{}, false, bought.Time)
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
			i := slices.IndexFunc(all, func(f *dto.MetricFamily) bool { return f.GetName() == catalog.EventsRejected.Name })
			all[i].Metric = []*dto.Metric{series(catalog.EventsRejected.Family, labelSet{"bad_id"}, "1", figure{value: 1})}
		}, `^belfry_events_rejected_total\{reason="bad_id"\}: want nothing, got 1$`},
		"observation lost": {func(all []*dto.MetricFamily) {
			h := find(t, all, catalog.DeliveryLatency).Metric[1].Histogram
			h.SampleCount = proto.Uint64(h.GetSampleCount() - 1)
		}, `^notification_delivery_latency_seconds_count\{.*: want \d+, got \d+$`},
		"sum beyond rounding": {func(all []*dto.MetricFamily) {
			h := find(t, all, catalog.TemplateRender).Metric[0].Summary
			h.SampleSum = proto.Float64(h.GetSampleSum() * (1 + 1e-8))
		}, `^notification_template_render_seconds_sum\{.*: want [0-9.]+, got [0-9.]+$`},
		"money": {func(all []*dto.MetricFamily) {
			c := find(t, all, catalog.ConversionValue).Metric[0].Counter
			c.Value = proto.Float64(c.GetValue() + 0.01)
		}, `^notification_conversion_value_total\{.*: want [-0-9.]+, got [-0-9.]+$`},
		"money in a moment": {func(all []*dto.MetricFamily) {
			c := moment(t, all, "value", "y").Counter
			c.Value = proto.Float64(c.GetValue() + 0.01)
		}, `^notification_experiment_moment_total\{.*outcome="value",moment="y"\}: want [0-9.]+, got [0-9.]+$`},
		"count in a moment": {func(all []*dto.MetricFamily) {
			c := moment(t, all, "value", "xx").Counter
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
			f.Metric = slices.DeleteFunc(f.Metric, func(m *dto.Metric) bool { return m.Label[1].GetValue() == "chat" })
		}, `^notification_queue_messages\{queue="chat"\}: want \d+, got nothing$`},
		"label that is not of the family": {func(all []*dto.MetricFamily) {
			m := find(t, all, catalog.Retries).Metric[0]
			m.Label = append(m.Label, &dto.LabelPair{Name: proto.String("instance"), Value: proto.String("a")})
		}, `^notification_retries_total\{instance="a"\}: want no such label, got a series with it$`},
	} {
		t.Run(name, func(t *testing.T) {
			all := exposition(truth)
			test.change(all)
			differences := truth.Compare(all)
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
	return slices.ContainsFunc(differences, func(d Difference) bool { return regexp.MustCompile(pattern).MatchString(d.String()) })
}
