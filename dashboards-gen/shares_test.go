package dashboards

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"belfry/dashboards-gen/panel"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// After a campaign more people act than are sent something. No panel shows that as a share
// above 100 %: graphs end there, and a class that is too small to judge has no bar.
func TestSharesAreAtMostAll(t *testing.T) {
	server, err := simtime.Open(t.Context(), t.TempDir(), nil, simtime.OneBlock())
	if err != nil {
		t.Fatal(err)
	}
	defer server.DB.Close()
	at := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	err = server.Scrape(t.Context(), at, func(add simtime.Append) error {
		for _, of := range []struct {
			rules.Volume
			label *catalog.Label
			value string
		}{
			{rules.CategoryVolume, catalog.LabelCategory, "marketing"},
			{rules.AudienceVolume, catalog.LabelDeviceType, "mobile"},
			{rules.FrequencyVolume, catalog.LabelRecent, catalog.RecentSends[0]},
		} {
			for stage, n := range map[catalog.Stage]float64{
				catalog.StageDelivered: 10, catalog.StageEngaged: 12, catalog.StageOpened: 12, catalog.StageOptedOut: 1,
			} {
				series := labels.FromStrings(model.MetricNameLabel, of.Increase5m.Name,
					catalog.LabelStage.Name, stage.String(), of.label.Name, of.value)
				if err := add(&simtime.Series{Labels: series}, n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []struct {
		panel.Panel
		want []float64
	}{
		{categoryEngagement(), []float64{1}}, {deviceClicks(), []float64{1}},
		{fatigueOpens(), nil}, {fatigueOptOuts(), []float64{0.1}},
	} {
		var got []float64
		for _, q := range shown.Queries {
			promQL := strings.NewReplacer(string(expr.Interval), "5m", string(expr.Range), "5m", "$tile", "5m").
				Replace(q.Of.Where().String())
			found, _, _, err := server.API().Query(t.Context(), promQL, at)
			if err != nil {
				t.Fatal(err)
			}
			for _, sample := range found.(model.Vector) {
				got = append(got, float64(sample.Value))
			}
		}
		if diff := cmp.Diff(shown.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", shown.Title, diff)
		}
	}
}
