package panel

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/promql/promqltest"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// The channel unknown is shown once something is sent on it, and other channels always.
func TestUnknownIsShownOnlyWhereItIsNotIdle(t *testing.T) {
	storage := promqltest.LoadedStorage(t, `load 1m
		channel_provider:notification_sent:rate5m{channel="email",provider="ses"} 0 0
		channel_provider:notification_sent:rate5m{channel="unknown",provider="unknown"} 0 1
		channel_provider:notification_failed:rate5m{channel="email",provider="ses"} 0 0
		channel_provider:notification_failed:rate5m{channel="unknown",provider="unknown"} 2 2`)
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 5*time.Minute, 1000)
	shown := func(p Panel, query int, at time.Duration) []string {
		targets, err := p.targets(Filters{})
		if err != nil {
			t.Fatal(err)
		}
		promQL := targets[query].(prometheus.Dataquery).Expr
		asked, err := engine.NewInstantQuery(t.Context(), storage, nil, promQL, time.UnixMilli(at.Milliseconds()))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := asked.Exec(t.Context()).Vector()
		if err != nil {
			t.Fatal(err)
		}
		var channels []string
		for _, sample := range answer {
			channels = append(channels, sample.Metric.Get(catalog.LabelChannel.Name))
		}
		slices.Sort(channels)
		return channels
	}
	sent := expr.Sum(rules.Sent.Rate5m).By(perChannel...)
	graph := Panel{Draw: Lines, Queries: Of(sent)}
	table := Panel{}.Table(Column{Title: "Sent", Of: sent},
		Column{Title: "Failed", Of: expr.Sum(rules.Failed.Rate5m).By(perChannel...)})
	low := graph
	low.Limit = BadBelow(1)
	both, email := []string{"email", "unknown"}, []string{"email"}
	for _, test := range []struct {
		name  string
		p     Panel
		query int
		at    time.Duration
		want  []string
	}{
		{"idle", graph, 0, 0, email},
		{"active", graph, 0, time.Minute, both},
		{"idle, which is bad", low, 0, 0, both},
		{"a row by its first column", table, 1, 0, email},
		{"an active row", table, 1, time.Minute, both},
	} {
		if diff := cmp.Diff(test.want, shown(test.p, test.query, test.at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
