package rules

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

func TestShortNamesFollowFromTheSeries(t *testing.T) {
	for recorded, want := range map[string]struct {
		over expr.Window
		name string
	}{
		"channel:notification_failed_per_sent:ratio_rate5m":            {"5m", "failed_per_sent"},
		"channel_provider:notification_sent:rate30s":                   {"30s", "sent_rate"},
		"channel:notification_delivery_latency_seconds:p95_rate5m":     {"5m", "delivery_latency_p95"},
		"channel:notification_error_budget_remaining:ratio":            {"", "error_budget_remaining"},
		"queue:notification_queue_messages:max":                        {"", "queue_messages"},
		"queue:notification_queue_messages:predict1h":                  {"", "queue_messages_predict1h"},
		"channel:notification_slo_sent:increase5m":                     {"", "slo_sent_increase5m"},
		"channel:notification_sent:rate5m_expected":                    {"5m", "sent_rate_expected"},
		"channel:notification_opened_per_delivered:ratio_rate1h_lower": {"1h", "opened_per_delivered_lower"},
		"job:belfry_events_rejected_per_event:ratio_rate15m":           {"15m", "belfry_events_rejected_per_event"},
		"channel:notification_sent:rate5m_residual_ratio_median1w":     {"5m", "sent_rate_residual_median1w"},
		"component_node:notification_component_disk_usage_ratio:max":   {"", "component_disk_usage_ratio"},
	} {
		if name := shortName(expr.Recorded{Name: recorded, Over: want.over.Duration()}); name != want.name {
			t.Errorf("%s is %s, want %s", recorded, name, want.name)
		}
	}
}

// Rules files and custom dashboards of installations are written in these names.
// A name that goes, or another unit, window, interval or label, breaks them.
func TestTheVocabularyIsStable(t *testing.T) {
	var got strings.Builder
	w := tabwriter.NewWriter(&got, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\tunit\tover\tevery\tseries")
	all := ShortNames()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, f := range all[name].forms {
			recorded := f.recorded.Name
			if f.gauge.Family != nil {
				recorded = f.gauge.Name
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, cmp.Or(string(all[name].Unit), "-"), f.window, f.every,
				recorded)
		}
	}
	w.Flush()
	golden := filepath.Join("testdata", "shortnames.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(read(t, golden), got.String()); diff != "" {
		t.Errorf("(-%s +got):\n%s", golden, diff)
	}
}

// Series and gauges with the same short name can be told apart, and each can be read.
func TestEveryShortNameIsOneThing(t *testing.T) {
	for name, m := range ShortNames() {
		if !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) || m.Name != name {
			t.Errorf("invalid name %q", name)
		}
		type key struct {
			labels string
			window time.Duration
		}
		forms := map[key]bool{}
		for _, f := range m.forms {
			k := key{window: f.window}
			for _, l := range f.labels {
				k.labels += l.Name + " "
			}
			if forms[k] {
				t.Errorf("%s stands for two series by %sover %s, one of them %s", name, k.labels, f.window,
					f.recorded.Name)
			}
			forms[k] = true
		}
		if e, window, err := m.Over(0, nil); err != nil || e.Err() != nil || window <= 0 {
			t.Errorf("%s cannot be read: %v over %s", name, err, window)
		} else if _, err := pretty(e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatHasAShortName(t *testing.T) {
	all := ShortNames()
	for _, name := range []string{"failed_per_sent", "delivered_per_sent", "sent_rate", "delivery_latency_p95",
		"queue_messages", "error_budget_remaining", "users", "belfry_fence_ok"} {
		if _, ok := all[name]; !ok {
			t.Errorf("%s has no short name", name)
		}
	}
	for _, name := range []string{short(catalog.BuildInfo.Name), short(catalog.AlertCondition.Name),
		"delivery_latency_bucket_increase5m"} {
		if _, ok := all[name]; ok {
			t.Errorf("%s has a short name", name)
		}
	}
	var labels []string
	for _, l := range all["sent_rate"].Labels() {
		labels = append(labels, l.Name)
	}
	slices.Sort(labels)
	if diff := gocmp.Diff([]string{"channel", "provider"}, labels); diff != "" {
		t.Errorf("labels of sent_rate (-want +got):\n%s", diff)
	}
	want := []time.Duration{30 * time.Second, time.Minute, 5 * time.Minute}
	if got := all["sent_rate"].Windows(); !gocmp.Equal(want, got) || all["users"].Windows() != nil {
		t.Errorf("windows of sent_rate are %v, want %v", got, want)
	}
	units := map[string]catalog.Unit{}
	for _, name := range []string{"failed_per_sent", "sent_rate", "delivery_latency_p95", "users", "cost_per_delivered",
		"component_memory_usage_bytes", "component_cpu_usage_ratio"} {
		units[name] = all[name].Unit
	}
	if diff := gocmp.Diff(map[string]catalog.Unit{
		"failed_per_sent": catalog.UnitRatio, "sent_rate": catalog.UnitRate,
		"delivery_latency_p95": catalog.UnitSeconds, "users": catalog.UnitNone,
		"cost_per_delivered":           catalog.UnitMoney,
		"component_memory_usage_bytes": catalog.UnitBytes, "component_cpu_usage_ratio": catalog.UnitRatio,
	}, units); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
}

// The form is by as few labels as carry the match, and over just the window
// where there is one.
func TestOver(t *testing.T) {
	all := ShortNames()
	for _, c := range []struct {
		metric string
		window time.Duration
		match  map[string]string
		want   string
	}{
		{"failed_per_sent", 0, nil, `channel:notification_failed_per_sent:ratio_rate5m`},
		{"failed_per_sent", 15 * time.Minute, map[string]string{"channel": "/sms|push/"},
			`avg_over_time(channel:notification_failed_per_sent:ratio_rate5m{channel=~"sms|push"}[15m])`},
		{"delivered_per_sent", 5 * time.Minute, map[string]string{"provider": "ses"},
			`channel_provider:notification_delivered_per_sent:ratio_rate5m{provider="ses"}`},
		{"delivered_per_sent", time.Hour, map[string]string{"provider": "/.+/"},
			`avg_over_time(channel_provider:notification_delivered_per_sent:ratio_rate5m{provider=~".+"}[1h])`},
		{"delivered_per_sent", time.Hour, nil, `channel:notification_delivered_per_sent:ratio_rate1h`},
		{"clicked_per_opened", 0, nil, `last_over_time(channel:notification_clicked_per_opened:ratio_rate1h[8m])`},
		{"users", time.Hour, map[string]string{"segment": "active"},
			`sum without (instance, partition, pod) (avg_over_time(notification_users{segment="active"}[1h]))`},
		{"component_cpu_usage_ratio", 0, nil,
			`max without (instance, partition, pod) (avg_over_time(notification_component_cpu_usage_ratio[5m]))`},
		{"belfry_fence_ok", time.Minute, map[string]string{"job": "eu"},
			`avg_over_time(belfry_fence_ok{job="eu"}[1m])`},
		{"slo_errors_per_sent", 2 * time.Hour, nil, `channel:notification_slo_errors_per_sent:ratio_rate2h`},
		{"slo_errors_per_sent", 3 * time.Hour, nil,
			`avg_over_time(channel:notification_slo_errors_per_sent:ratio_rate2h[3h])`},
	} {
		e, _, err := all[c.metric].Over(c.window, c.match)
		if err != nil || e.String() != c.want {
			t.Errorf("%s over %s where %v\n is %s %v,\nwant %s", c.metric, c.window, c.match, e, err, c.want)
		}
	}
	for _, c := range []struct {
		metric string
		window time.Duration
		match  map[string]string
		want   string
	}{
		{"failed_per_sent", time.Minute, nil, "failed_per_sent needs a window of at least 5m"},
		{"failed_per_sent", 0, map[string]string{"queue": "a"}, `failed_per_sent has no label "queue"`},
		{"failed_per_sent", 0, map[string]string{"channel": "fax"},
			`label "channel" never has the value "fax": it has email, push, sms, in_app, webhook, chat, unknown, other`},
		{"stage_rate", 0, map[string]string{"channel": "sms", "category": "x"},
			"no series of stage_rate has all of these labels"},
	} {
		if _, _, err := all[c.metric].Over(c.window, c.match); err == nil || err.Error() != c.want {
			t.Errorf("%s over %s where %s: %v, want %s", c.metric, c.window, slices.Collect(maps.Keys(c.match)), err,
				c.want)
		}
	}
}
