package report

import (
	"context"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// pulse is the course of an incident, in steps of minutes.
type pulse struct {
	// errors is the share of attempts that failed or bounced, of each channel that the
	// analytics publish. Steps with fewer attempts than the privacy floor are gaps.
	Errors  []Line
	Status  query.Status
	Queries []string
}

// mostBeats is how many steps the course of an incident has at most.
const mostBeats = 100

// readPulse reads the course of errors in a period.
func readPulse(ctx context.Context, s *query.Source, a *analytics.Analytics, p Period) pulse {
	beat := tile
	for p.To.Sub(p.From) > mostBeats*beat {
		beat *= 2
	}
	edges := p.cut(step{next: func(t time.Time) time.Time { return t.Add(beat) }})
	var u pulse
	read := func(v rules.Volume, where ...expr.Matcher) map[string][]float64 {
		t, err := s.Buckets(ctx, v, utc(edges), []*catalog.Label{catalog.LabelChannel}, where...)
		u.Status = query.Worst(u.Status, query.StatusOf(err))
		u.Queries = append(u.Queries, t.Queries...)
		all := map[string][]float64{}
		for _, row := range t.Rows {
			all[row.Labels.Of(catalog.LabelChannel)] = row.Values
		}
		return all
	}
	delivered := read(rules.StageVolume, expr.Stage(catalog.StageDelivered))
	failed := read(rules.FaultVolume)
	for _, c := range a.ChannelMetrics {
		line := Line{Name: display.ChannelName(c.Channel)}
		for i, at := range edges[:len(edges)-1] {
			point := display.Point{At: at}
			good, bad := valueAt(delivered[c.Channel], i), valueAt(failed[c.Channel], i)
			if all := good + bad; all >= float64(a.PrivacyFloor) {
				point.Value = new(bad / all)
			}
			line.Points = append(line.Points, point)
		}
		u.Errors = append(u.Errors, line)
	}
	return u
}

func valueAt(all []float64, i int) float64 {
	if i < len(all) {
		return all[i]
	}
	return 0
}
