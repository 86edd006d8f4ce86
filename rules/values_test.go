package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
)

// withoutValue lists the alerts whose value is a constant, or says no more than that they
// fire.
var withoutValue = []string{
	"Watchdog", "ExporterDown", "ExporterNatsDisconnected", "EventStreamStalled", "FenceBroken", "PartitionHalted",
	"PartitionHidden", "PartitionNotReading", "InsightsDown", "AlertUnacknowledged", "AnomalyDetected",
	"ExperimentDecided", "ExperimentGuardrailBreach",
	"ThroughputLow", // almost nothing, whichever figure that is
}

// recordedValues returns the records of values by the rule and the severity.
func recordedValues(t *testing.T, alerts []Alert) map[string]labelled {
	t.Helper()
	all := map[string]labelled{}
	for _, r := range values(alerts) {
		if err := r.expr.Err(); err != nil {
			t.Error(err)
		}
		all[r.labels["rule"]+" "+r.labels["severity"]] = r
	}
	return all
}

func TestEveryAlertHasItsValueOrNone(t *testing.T) {
	recorded := recordedValues(t, Alerts())
	var none []string
	for _, a := range Alerts() {
		if _, ok := recorded[a.ID()+" "+string(a.Severity)]; !ok {
			none = append(none, strings.TrimPrefix(a.Name, "Notification"))
		}
	}
	slices.Sort(none)
	if diff := cmp.Diff(slices.Sorted(slices.Values(withoutValue)), none); diff != "" {
		t.Errorf("alerts without a value (-want +got):\n%s", diff)
	}
}

// ownOfEachUnit returns alerts of a rules file, on a metric of each unit.
func ownOfEachUnit(t *testing.T) []Alert {
	t.Helper()
	var file strings.Builder
	for i, on := range []string{
		"failed_per_sent, condition: {operator: gt, threshold: 0.1, timeWindow: 5m}",
		"delivered_per_sent, condition: {operator: lte, threshold: 0.1, timeWindow: 5m}",
		"delivery_latency_p95, condition: {operator: gte, threshold: 5, timeWindow: 5m}",
		"sent_rate, condition: {operator: lt, threshold: 5, timeWindow: 5m}",
		"users, condition: {operator: ne, threshold: 5, timeWindow: 5m}",
		"cost_increase1d, condition: {operator: eq, threshold: 5, timeWindow: 1d}",
		"component_memory_usage_bytes, condition: {operator: gt, threshold: 5, timeWindow: 5m}",
		"component_network_bytes_per_second, condition: {operator: gt, threshold: 5, timeWindow: 5m}",
		"experiment_plan_started_timestamp, condition: {operator: lt, threshold: 5, timeWindow: 5m}",
	} {
		fmt.Fprintf(&file, "  - {id: own-%d, name: Own%d, severity: info, metric: %s}\n", i, i, on)
	}
	return compiled(t, file.String())
}

// An installation's own alerts have values too, but for points in time.
func TestValuesOfOwnAlerts(t *testing.T) {
	var got []string
	for _, r := range values(ownOfEachUnit(t)) {
		l := r.labels
		got = append(got, fmt.Sprintf("%s %s %q: %s", l["rule"], l["alertname"], l["unit"], r.expr))
	}
	want := []string{
		`own-0 Own0 "%": max by (channel) (channel:notification_failed_per_sent:ratio_rate5m > 0.1) * 100`,
		`own-1 Own1 "%": min by (channel) (channel:notification_delivered_per_sent:ratio_rate5m <= 0.1) * 100`,
		`own-2 Own2 "s": max by (channel) (channel:notification_delivery_latency_seconds:p95_rate5m >= 5)`,
		`own-3 Own3 "/s": min by (channel) (channel:notification_sent:rate5m < 5)`,
		`own-4 Own4 "": max(sum without (instance, partition, pod) (avg_over_time(notification_users[5m])) != 5)`,
		`own-5 Own5 "": max by (channel, provider, currency) ` +
			`(avg_over_time(channel_provider_currency:notification_cost:increase1d[1d]) == 5)`,
		`own-6 Own6 "MiB": max(max without (instance, partition, pod) ` +
			`(avg_over_time(notification_component_memory_usage_bytes[5m])) > 5) / 1048576`,
		`own-7 Own7 "MiB/s": max(max without (instance, partition, pod) ` +
			`(avg_over_time(notification_component_network_bytes_per_second[5m])) > 5) / 1048576`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// mention finds a value in a text, with what people read beside it.
var mention = regexp.MustCompile(
	`{{ [^}]*\$value[^}]*}}(?: notifications)?(?:B? a second|B| {{ \$labels.currency }})?`)

// readAs says by the text beside a value in which unit people read it.
var readAs = map[string]string{
	"{{ $value | humanize }}":                           "",
	"{{ $value | humanizePercentage }}":                 "%",
	"{{ $value | humanizeDuration }}":                   "s",
	"{{ $value | humanize }} a second":                  "/s",
	"{{ $value | humanize }} notifications a second":    "/s",
	"{{ $value | humanize1024 }}B":                      "MiB",
	"{{ $value | humanize1024 }}B a second":             "MiB/s",
	"{{ $value | humanize }} {{ $labels.currency }}":    "by currency",
	`{{ printf "%.3g" $value }} {{ $labels.currency }}`: "by currency",
	`{{ printf "%.4g" $value }} {{ $labels.currency }}`: "by currency",
	"{{ if eq $value 0.0 }}":                            "not of 0",
	"{{ $value | humanizeTimestamp }}":                  "none",
}

// A message and a table say the same figure: whatever a text prints is recorded, in the
// unit in which people read it there.
func TestValuesAreThoseOfTheTexts(t *testing.T) {
	alerts := append(Alerts(), ownOfEachUnit(t)...)
	recorded := recordedValues(t, alerts)
	for _, a := range alerts {
		r, ok := recorded[a.ID()+" "+string(a.Severity)]
		said := map[string]bool{}
		for _, m := range mention.FindAllString(a.Summary+" "+a.Description, -1) {
			unit, known := readAs[m]
			if !known {
				t.Errorf("%s: %q says the value in no known way", a.Name, m)
			}
			said[unit] = true
		}
		is := map[string]bool{}
		switch unit := r.labels["unit"]; {
		case !ok && said["none"]:
			is["none"] = true
		case !ok:
		case slices.Contains(r.expr.Labels(), catalog.LabelCurrency):
			is["by currency"] = unit == ""
		default:
			is[unit] = unit == "" || catalog.LabelUnit.Known(unit)
		}
		if strings.Contains(r.expr.String(), " != 0)") {
			is["not of 0"] = true
		}
		if !maps.Equal(said, is) {
			t.Errorf("%s: the texts say %v, and the recorded value %v", a.Name, said, is)
		}
	}
}

// An alert that fires below its threshold has its least value as the worst.
func TestBelowIsTheSideOfTheCondition(t *testing.T) {
	alerts := append(Alerts(), ownOfEachUnit(t)...)
	recorded := recordedValues(t, alerts)
	for _, a := range alerts {
		if _, ok := recorded[a.ID()+" "+string(a.Severity)]; !ok {
			continue
		}
		compared, err := parser.NewParser(parser.Options{}).ParseExpr(a.Expr.String())
		if err != nil {
			t.Fatal(err)
		}
		op := first(compared)
		if below := op == parser.LSS || op == parser.LTE; below != a.Below {
			t.Errorf("%s compares by %s, and Below is %v", a.Name, op, a.Below)
		}
	}
}

// first returns the comparison that the values of an expression come from.
func first(e parser.Expr) parser.ItemType {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return first(e.Expr)
	case *parser.BinaryExpr:
		if e.Op.IsComparisonOperator() {
			return e.Op
		}
		return first(e.LHS)
	}
	return 0
}
