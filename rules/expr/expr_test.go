package expr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

var (
	sent      = expr.Rate(catalog.Stages, "5m", expr.Stage(catalog.StageSent))
	failed    = expr.Rate(catalog.Stages, "5m", expr.Stage(catalog.StageFailed))
	perSender = expr.Sum(sent).Keeping(catalog.LabelChannel, catalog.LabelProvider)
	recorded  = expr.Record("notification_sent:rate5m", perSender)
	tally     = expr.NewTally("notification_retries", catalog.Retries, "5m")
	exposed   = expr.Min(expr.Select(catalog.PartitionExposed)).By()
)

const (
	retries = "series:notification_retries:"
	before  = "last_over_time(" + retries + "last5m[1h] offset 1s)"
)

func anywhere(of string) string { return "max without (container, instance, node, pod) (" + of + ")" }

const summedAway = "sum without (category, instance, partition, pod, priority, stage)"

var texts = []struct {
	name string
	expr expr.Expr
	want string
}{
	{"counter", expr.Select(catalog.Events), `notification_events_total`},
	{"gauge with matchers", expr.Select(catalog.Objective, expr.Eq(catalog.LabelObjective, "freshness"),
		expr.Ne(catalog.LabelChannel, "sms")),
		`notification_objective{name="freshness",channel!="sms"}`},
	{"the same matcher twice", expr.Select(expr.Up, expr.Eq(expr.Job, "j"), expr.Eq(expr.Job, "j")), `up{job="j"}`},
	{"escaped value", expr.Select(catalog.Cost, expr.Re(catalog.LabelProvider, `a\.b|"`)),
		`notification_cost_total{provider=~"a\\.b|\""}`},
	{"pattern without operators", expr.Select(catalog.Cost, expr.Re(catalog.LabelProvider, "ses-eu")),
		`notification_cost_total{provider="ses-eu"}`},
	{"rate of one stage", sent, `rate(notification_stage_total{stage="sent"}[5m])`},
	{"increase of several stages", expr.Increase(catalog.Stages, "1h",
		expr.Stage(catalog.StageBouncedHard, catalog.StageBouncedSoft)),
		`increase(notification_stage_total{stage=~"bounced_hard|bounced_soft"}[1h])`},
	{"rate of a histogram's count", expr.Rate(expr.CountOf(catalog.DeliveryLatency), "1m"),
		`rate(notification_delivery_latency_seconds_count[1m])`},
	{"rate of a summary's sum", expr.Rate(expr.SumOf(catalog.TemplateRender), "1m"),
		`rate(notification_template_render_seconds_sum[1m])`},
	{"dashboard's window and variable", expr.Rate(catalog.Events, expr.Interval, expr.Var(catalog.LabelChannel)),
		`rate(notification_events_total{channel=~"$channel"}[$__interval])`},
	{"offset", expr.Select(catalog.QueueMessages).Offset("1h").Offset("30m"),
		`notification_queue_messages offset 1h30m`},
	{"dashboard's interval before", expr.Select(catalog.QueueMessages).Offset(expr.Interval),
		`notification_queue_messages offset $__interval`},
	{"dashboard's variable, or no label", expr.Select(expr.Alerts, expr.VarOrNone(catalog.LabelChannel)),
		`ALERTS{channel=~"$channel|"}`},

	{"sum by", expr.Sum(sent).By(catalog.LabelChannel),
		`sum by (channel) (rate(notification_stage_total{stage="sent"}[5m]))`},
	{"the greatest", expr.TopK(3, expr.Sum(sent).By(catalog.LabelChannel)),
		`topk(3, sum by (channel) (rate(notification_stage_total{stage="sent"}[5m])))`},
	{"the greatest of each group, whose labels stay", expr.Sum(expr.TopKBy(1, recorded, catalog.LabelChannel)).
		By(catalog.LabelProvider),
		`sum by (provider) (topk by (channel) (1, channel_provider:notification_sent:rate5m))`},
	{"the value of a label behind that of another",
		expr.Joined(expr.Select(catalog.AlertValue), catalog.LabelUnit, catalog.LabelCurrency),
		`label_join(notification_alert_value, "unit", "", "unit", "currency")`},
	{"dashboard's interval", expr.SumOverTime(recorded, expr.Interval),
		`sum_over_time(channel_provider:notification_sent:rate5m[$__interval])`},
	{"sum by a target label", expr.Max(expr.Select(expr.Up)).By(expr.Job, expr.Instance),
		`max by (job, instance) (up)`},
	{"one group", exposed, `min(belfry_partition_exposed)`},
	{"sum without", expr.Sum(sent).Without(catalog.LabelPartition),
		`sum without (partition) (rate(notification_stage_total{stage="sent"}[5m]))`},
	{"sum keeping", perSender, summedAway + ` (rate(notification_stage_total{stage="sent"}[5m]))`},
	{"sum of what was summed already", expr.Sum(recorded).Keeping(catalog.LabelProvider),
		`sum without (channel) (channel_provider:notification_sent:rate5m)`},
	{"sum that drops nothing", expr.Sum(recorded).Keeping(catalog.LabelProvider, catalog.LabelChannel),
		`channel_provider:notification_sent:rate5m`},
	{"quantile", expr.Quantile(0.95, expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).
		Keeping(catalog.LabelChannel, expr.Le)),
		`histogram_quantile(0.95, sum without (instance, partition, pod, priority, provider) ` +
			`(rate(notification_delivery_latency_seconds_bucket[5m]))) >= 0`},

	{"ratio", expr.Ratio(failed, sent),
		`rate(notification_stage_total{stage="failed"}[5m]) / (rate(notification_stage_total{stage="sent"}[5m]) > 0)`},
	{"recorded series", recorded.Expr, `channel_provider:notification_sent:rate5m`},
	{"recorded series, narrowed", recorded.Where(expr.Eq(catalog.LabelChannel, "sms")).Offset("1w"),
		`channel_provider:notification_sent:rate5m{channel="sms"} offset 1w`},
	{"zero-filled", expr.ZeroFill(recorded.Offset("1d"), recorded),
		`channel_provider:notification_sent:rate5m offset 1d or channel_provider:notification_sent:rate5m * 0`},
	{"nested arithmetic", expr.Num(1).Sub(recorded.Div(expr.Num(3)).Sub(expr.Num(0.005))),
		`1 - (channel_provider:notification_sent:rate5m / 3 - 0.005)`},
	{"a chain needs no parentheses", recorded.Add(recorded).Add(recorded).Mul(expr.Num(1e6)),
		`(channel_provider:notification_sent:rate5m + channel_provider:notification_sent:rate5m + ` +
			`channel_provider:notification_sent:rate5m) * 1000000`},
	{"comparison and set operators", recorded.Ge(expr.Num(1)).And(recorded.Lt(expr.Num(9))).
		Unless(exposed.Eq(expr.Num(0)), expr.On()),
		`channel_provider:notification_sent:rate5m >= 1 and channel_provider:notification_sent:rate5m < 9 unless on ` +
			`() min(belfry_partition_exposed) == 0`},
	{"alternatives on the right", recorded.And(recorded.Gt(expr.Num(9)).Or(recorded.Lt(expr.Num(1)))),
		`channel_provider:notification_sent:rate5m and (channel_provider:notification_sent:rate5m > 9 or ` +
			`channel_provider:notification_sent:rate5m < 1)`},
	{"a comparison of comparisons", recorded.Gt(expr.Num(9)).Gt(recorded.Gt(expr.Num(1))),
		`(channel_provider:notification_sent:rate5m > 9) > (channel_provider:notification_sent:rate5m > 1)`},
	{"many to one", recorded.Gt(expr.Max(recorded).Keeping(catalog.LabelChannel),
		expr.On(catalog.LabelChannel).GroupLeft()),
		`channel_provider:notification_sent:rate5m > on (channel) group_left () max without (provider) ` +
			`(channel_provider:notification_sent:rate5m)`},
	{"many to one of all labels but some",
		recorded.Gt(expr.Max(recorded).Keeping(catalog.LabelChannel), expr.Ignoring(catalog.LabelProvider).GroupLeft()),
		`channel_provider:notification_sent:rate5m > ignoring (provider) group_left () max without (provider) ` +
			`(channel_provider:notification_sent:rate5m)`},
	{"union of different labels", expr.Select(expr.Up).Or(expr.Absent(expr.Select(expr.Up, expr.Eq(expr.Job, "j")))),
		`up or absent(up{job="j"})`},

	{"range functions", expr.MinOverTime(recorded, "30m", expr.Eq(catalog.LabelChannel, "sms")).
		Le(expr.MaxOverTime(recorded, "1h").Offset("30m")),
		`min_over_time(channel_provider:notification_sent:rate5m{channel="sms"}[30m]) <= ` +
			`max_over_time(channel_provider:notification_sent:rate5m[1h] offset 30m)`},
	{"when a sample was written", expr.Max(expr.Timestamp(recorded)).By(),
		`max(timestamp(channel_provider:notification_sent:rate5m))`},
	{"sum and mean over time", expr.SumOverTime(recorded, "1h").Div(expr.AvgOverTime(recorded, "1d")),
		`sum_over_time(channel_provider:notification_sent:rate5m[1h]) / ` +
			`avg_over_time(channel_provider:notification_sent:rate5m[1d])`},
	{"quantile over time", expr.QuantileOverTime(0.5, catalog.QueueOldestAge, "1w"),
		`quantile_over_time(0.5, notification_queue_oldest_message_age_seconds[1w])`},
	{"prediction", expr.PredictLinear(catalog.ComponentDisk, "6h", 4*time.Hour).Gt(expr.Num(1)),
		`predict_linear(notification_component_disk_usage_ratio[6h], 14400) > 1`},
	{"tally: last value", tally.Last.Definition, anywhere("notification_retries_total") +
		" or " + anywhere("last_over_time(notification_retries_total[5m])")},
	{"tally: start", tally.Start.Definition,
		`clamp_max(` + before + ` - (` + anywhere("max_over_time(notification_retries_total[5m])") +
			` > ` + retries + `last5m), 0)` +
			` or (` + before + ` > ` + retries + `last5m) * 0` +
			` or (last_over_time(` + retries + `last5m[1d] offset 1h) <= ` + retries + `last5m` +
			` or min without (container, instance, node, pod) (min_over_time(notification_retries_total[5m])))` +
			` unless ` + before},
	{"tally: increase", tally.Increase(expr.Eq(catalog.LabelChannel, "sms")),
		retries + `last5m{channel="sms"} - (last_over_time(` + retries + `start5m[1s]) or ` + before + `)`},
	{"constant", expr.Vector(1), `vector(1)`},
}

func TestText(t *testing.T) {
	promQL := parser.NewParser(parser.Options{})
	for _, c := range texts {
		t.Run(c.name, func(t *testing.T) {
			if err := c.expr.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, c.expr.String()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if _, err := promQL.ParseExpr(asDrawn.Replace(c.expr.String())); err != nil {
				t.Errorf("Prometheus cannot parse it: %v", err)
			}
		})
	}
}

// asDrawn fills in what Grafana fills in.
var asDrawn = strings.NewReplacer("$__interval", "5m", "$channel", "email|sms")
