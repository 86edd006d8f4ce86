package recommend_test

import (
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/query/querytest"
	"belfry/insights/recommend"
	"belfry/rules"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// series is what is counted in each tile.
func series(of rules.Volume, stage catalog.Stage, grows float64, more ...string) querytest.Sample {
	labels := append([]string{catalog.LabelStage.Name, stage.String()}, more...)
	return querytest.Sample{Name: of.Increase5m.Name, Value: grows, Labels: labels}
}

// source serves two days of tiles, recorded until noon.
func source(t *testing.T, all []querytest.Sample) *query.Source {
	t.Helper()
	return reading(t, querytest.Serve(t, func(p *querytest.Past) {
		for at := noon.Add(-48*time.Hour + 5*time.Minute); !at.After(noon); at = at.Add(5 * time.Minute) {
			p.Write(at, all...)
		}
	}))
}

func reading(t *testing.T, url string) *query.Source {
	t.Helper()
	return querytest.Source(t, url, noon.Add(time.Minute))
}

// At nine a fifth engages, at other hours a tenth; what has no name is left out.
func TestRead(t *testing.T) {
	all := []querytest.Sample{series(rules.StageVolume, catalog.StageSent, 40, catalog.LabelChannel.Name, "push")}
	for hour, engaged := range map[string]float64{"8": 1, "9": 2, "10": 1} {
		at := []string{catalog.LabelChannel.Name, "push", catalog.LabelHour.Name, hour}
		all = append(all, series(rules.ChannelSendHourVolume, catalog.StageDelivered, 10, at...),
			series(rules.ChannelSendHourVolume, catalog.StageEngaged, engaged, at...))
	}
	for template, engaged := range map[string]float64{"a": 1, "b": 1, catalog.Other: 9} {
		at := []string{catalog.LabelChannel.Name, "push", catalog.LabelTemplate.Name, template}
		all = append(all, series(rules.TemplateVolume, catalog.StageDelivered, 10, at...),
			series(rules.TemplateVolume, catalog.StageEngaged, engaged, at...))
	}
	got, err := recommend.Read(t.Context(), source(t, all), recommend.Options{})
	if err != nil || got.Status.State != query.Partial || got.Days != 2 {
		t.Fatalf("%+v, %v days, %v", got.Status, got.Days, err)
	}
	if len(got.Groups) != 2 || len(got.Recommendations) != 1 {
		t.Fatalf("groups %+v", got.Groups)
	}
	r := got.Recommendations[0]
	if r.Dimension != recommend.SendHour || r.Subject != "9" || r.N != 5760 || len(r.Queries) == 0 {
		t.Errorf("%+v", r)
	}
	// All others would gain a tenth: 11,520 in two days, 172,800 in a month.
	if gain := r.GainPerMonth; gain.Low > 17_280 || gain.High < 17_000 {
		t.Errorf("gain %+v", gain)
	}
	if g := got.Groups[1]; g.Dimension != recommend.Template || len(g.Ways) != 2 || g.Status != recommend.StatusNoDifference {
		t.Errorf("templates: %+v", g)
	}
	for _, q := range got.Queries {
		if strings.Contains(q, "user") {
			t.Errorf("asks for users: %s", q)
		}
	}
}

func TestReadWithoutData(t *testing.T) {
	other := []querytest.Sample{series(rules.CampaignVolume, catalog.StageSent, 1, catalog.LabelChannel.Name, "push")}
	got, err := recommend.Read(t.Context(), source(t, other), recommend.Options{})
	if err != nil || got.Status.State != query.NoData || got.Status.Reason == "" || got.Recommendations == nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = recommend.Read(t.Context(), reading(t, "http://127.0.0.1:1"), recommend.Options{})
	if err == nil || got.Status.State != query.Unreachable || got.Groups == nil {
		t.Errorf("%+v, %v", got, err)
	}
}
