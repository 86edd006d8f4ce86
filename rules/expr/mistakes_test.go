package expr_test

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

var mistakes = []struct {
	name string
	expr expr.Expr
	want string
}{
	{"zero value", expr.Expr{}, "empty expression"},
	{"matching a label that the family lacks", expr.Select(catalog.QueueMessages, expr.Eq(catalog.LabelChannel, "sms")),
		`notification_queue_messages: no selector has the label "channel"`},
	{"matching a label of the same name but another meaning",
		expr.Rate(catalog.SLOStages, "5m", expr.Stage(catalog.StageSent)),
		`rate(notification_slo_stage_total[5m]): no selector has the label "stage"`},
	{"a value that a closed label never has", expr.Select(catalog.Events, expr.Eq(catalog.LabelChannel, "fax")),
		`label "channel" never has the value "fax"`},
	{"excluding a value that never occurs", expr.Select(catalog.Events, expr.Ne(catalog.LabelEvent, "read")),
		`label "event" never has the value "read"`},
	{"a pattern that matches no known value", expr.Select(catalog.Events, expr.Re(catalog.LabelEvent, "deliv")),
		`label "event" never matches "deliv"`},
	{"a pattern that does not compile", expr.Select(catalog.Events, expr.Re(catalog.LabelProvider, "(")),
		`label "provider": error parsing regexp`},
	{"a window without a unit", expr.Rate(catalog.Events, "5"),
		`rate of notification_events_total: invalid window "5"`},
	{"an empty window", expr.Increase(catalog.Events, "0s"), `invalid window "0s"`},
	{"an offset that is not a duration", sent.Offset("soon"), `invalid window "soon"`},
	{
		"an offset before a dashboard's interval", sent.Offset(expr.Interval).Offset("1h"),
		`invalid window "$__interval"`,
	},

	{"grouping by a label that the operand lacks", expr.Sum(sent).By(catalog.LabelTemplate),
		`sum by (template) of rate(notification_stage_total{stage="sent"}[5m]): no label "template" in {stage, ` +
			`channel, category, priority, provider, partition, …}`},
	{"grouping by a label that was summed away", expr.Sum(perSender).By(catalog.LabelCategory),
		`no label "category" in {channel, provider, …}`},
	{"dropping a label that is not there", expr.Sum(sent).Without(catalog.LabelQueue), `no label "queue"`},
	{"keeping a label that is not there", expr.Max(exposed).Keeping(catalog.LabelPartition),
		`no label "partition" in {}`},
	{"grouping by a target label after by", expr.Sum(expr.Sum(sent).By(catalog.LabelChannel)).By(expr.Job),
		`no label "job" in {channel}`},
	{"aggregating a scalar", expr.Sum(expr.Num(1)).By(), "sum of the scalar 1"},
	{"the greatest of a scalar", expr.TopK(3, expr.Num(1)), "the 3 greatest of the scalar 1"},
	{"the greatest of groups that there are not", expr.TopKBy(1, recorded, catalog.LabelQueue), `no label "queue"`},
	{"joining a label that the operand lacks", expr.Joined(recorded, catalog.LabelUnit, catalog.LabelChannel),
		`no label "unit"`},
	{"quantile without buckets", expr.Quantile(0.5,
		expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).Keeping(catalog.LabelChannel)),
		`no label "le"`},

	{"operands whose labels differ", expr.Ratio(recorded, expr.Sum(recorded).Keeping(catalog.LabelChannel)),
		"labels differ, so nothing would match: {channel, provider, …} on the left, {channel, …} on the right"},
	{"operands of which one lost the user's labels",
		recorded.Gt(expr.Sum(recorded).By(catalog.LabelChannel, catalog.LabelProvider)), "labels differ"},
	{"operands of which one may have an instance",
		recorded.Gt(expr.Sum(sent).Without(catalog.LabelCategory, catalog.LabelPriority, catalog.LabelStage,
			catalog.LabelPartition)), "labels differ"},
	{"grouping by a place after it was summed away", expr.Sum(recorded).By(expr.Instance),
		`no label "instance" in {channel, provider, …}`},
	{"matching on a label of one side only", recorded.And(exposed, expr.On(catalog.LabelChannel)),
		`right side: no label "channel" in {}`},
	{"matching on a label of the other side only", exposed.Unless(recorded, expr.On(catalog.LabelChannel)),
		`left side: no label "channel" in {}`},
	{"ignoring too little", recorded.And(expr.Sum(recorded).By(catalog.LabelChannel),
		expr.Ignoring(catalog.LabelProvider)),
		"labels that are not ignored differ, so nothing would match: {channel, …} on the left, {channel} on the right"},
	{"matching in two ways", recorded.And(recorded, expr.On(), expr.On()), "two ways of matching"},
	{"many to one in a set operation", recorded.And(recorded, expr.On(catalog.LabelChannel).GroupLeft()),
		"already takes many"},
	{"set operation on a scalar", recorded.And(expr.Num(1)), "a scalar has no labels"},
	{"filling with other labels", expr.ZeroFill(recorded, expr.Sum(recorded).Keeping(catalog.LabelChannel)),
		"labels differ"},
	{"absence of an expression", expr.Absent(sent), "use a selector"},
	{"filtering what has no selector", expr.Vector(1).Where(expr.Var(catalog.LabelChannel)),
		`vector(1): no selector has the label "channel"`},

	{"recording a scalar", expr.Record("one:ratio", expr.Num(1)).Expr, "record one:ratio: 1 is a scalar"},
	{"recording under half a name", expr.Record("sent", perSender).Expr, "record sent: use metric:operations"},
	{"using a record whose definition is wrong",
		expr.MaxOverTime(expr.Record("x:rate5m", expr.Sum(sent).By(catalog.LabelQueue)), "1h"),
		`record x:rate5m: sum by (queue)`},
	{"a mistake far inside", expr.Ratio(expr.Sum(expr.Rate(catalog.Events, "soon")).By(), exposed).Gt(expr.Num(1)),
		`window "soon"`},
}

func TestMistakes(t *testing.T) {
	promQL := parser.NewParser(parser.Options{})
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			err := c.expr.Err()
			if err == nil {
				t.Fatalf("%s was taken", c.expr)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q\nlacks %q", err, c.want)
			}
			if _, err := promQL.ParseExpr(c.expr.String()); err == nil {
				t.Errorf("the text of a mistake is valid PromQL: %s", c.expr)
			}
		})
	}
}

// A dashboard narrows the expression that an alert uses: every selector that
// has the label, and no other.
func TestWhereReachesEverySelector(t *testing.T) {
	alert := expr.Ratio(expr.Sum(failed).Keeping(catalog.LabelChannel), expr.Sum(sent).Keeping(catalog.LabelChannel)).
		Unless(exposed.Eq(expr.Num(0)), expr.On())
	got := alert.Where(expr.Var(catalog.LabelChannel)).String()
	if n := strings.Count(got, `channel=~"$channel"`); n != 2 {
		t.Errorf("%d selectors are narrowed, want 2: %s", n, got)
	}
	if !strings.HasSuffix(got, "unless on () min(belfry_partition_exposed) == 0") {
		t.Errorf("a selector without the label was touched: %s", got)
	}
	if strings.Contains(alert.String(), "$channel") {
		t.Errorf("the original changed: %s", alert)
	}
}

func TestLabelsOfTheResult(t *testing.T) {
	quantile := expr.Quantile(0.5, expr.Sum(expr.Rate(expr.BucketsOf(catalog.DeliveryLatency), "5m")).
		Keeping(expr.Le, catalog.LabelProvider))
	for _, c := range []struct {
		name string
		expr expr.Expr
		want string
	}{
		{"keeping", perSender, "channel provider"},
		{"without", expr.Sum(perSender).Without(catalog.LabelChannel), "provider"},
		{"by", expr.Sum(perSender).By(catalog.LabelProvider), "provider"},
		{"quantile", quantile, "provider"},
		{"one to one on some labels", perSender.Div(perSender, expr.On(catalog.LabelChannel)), "channel"},
		{"many to one", perSender.Div(perSender, expr.On(catalog.LabelChannel).GroupLeft()), "channel provider"},
		{"one to one on all labels but some", perSender.Div(perSender, expr.Ignoring(catalog.LabelChannel)),
			"provider"},
		{"many to one on all labels but some",
			perSender.Div(expr.Sum(perSender).Without(catalog.LabelProvider),
				expr.Ignoring(catalog.LabelProvider).GroupLeft()), "channel provider"},
		{"set operation", perSender.And(exposed, expr.On()), "channel provider"},
		{"union", perSender.Or(expr.Sum(perSender).By(catalog.LabelProvider)), "provider"},
		{"scalar on the left", expr.Num(1).Sub(perSender), "channel provider"},
		{"recorded", recorded.Expr, "channel provider"},
	} {
		var got []string
		for _, l := range c.expr.Labels() {
			got = append(got, l.Name)
		}
		if c.expr.Err() != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: labels %v, want %s (%v)", c.name, got, c.want, c.expr.Err())
		}
	}
}
