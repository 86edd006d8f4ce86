package page_test

import (
	"math"
	"strings"

	"belfry/insights/display"
	"belfry/insights/page"
)

// hostileNames lists names that are taken for markup, or that break a layout.
var hostileNames = []string{
	`<script>window.hit = 1</script>`,
	`"><img src=x onerror="window.hit = 1">`,
	`'-alert(1)-'{{.}}</style><style>*{display:none}</style>`,
	`javascript:window.hit=1`,
	`</svg><iframe srcdoc="<script>parent.hit = 1</script>"></iframe>`,
	strings.Repeat("ExperimentWithAVeryLongNameThatNeverBreaks", 6),
	"تجربة الإشعارات المسائية \u202etxet",
	"🔔🎉👩‍👩‍👧‍👦 emoji",
	"  spaces\tand\nlines  ",
}

// hostile returns data in which every text is a hostile name.
func hostile() page.Data {
	d := page.Data{Now: now, Newest: now, Server: hostileNames[1], Problems: hostileNames}
	for i, name := range hostileNames {
		next := hostileNames[(i+1)%len(hostileNames)]
		figure := display.Figure{Name: name, Unit: display.Money(next), Value: new(-1234567.891), Previous: new(0.0),
			Range: &display.Range{Low: -1e9, High: 1e12, Level: name}, History: wave(30, 5, 1)}
		d.Overview.Items = append(d.Overview.Items, figure,
			display.Figure{Name: name, Unit: display.Share, Reason: next, History: broken()})
		d.Overview.Channels = append(d.Overview.Channels,
			display.Channel{Name: name, Figures: []display.Figure{figure, {Name: name, Reason: next}}})
		d.Experiments.Items = append(d.Experiments.Items, display.Experiment{Name: name, Verdict: next, Reason: name,
			Comparisons: []display.Comparison{{Arm: name, Metric: next, Unit: display.Money(name), Effect: new(0.0),
				Range: &display.Range{Level: name}, PValue: new(0.0), Chance: new(1.0), History: broken()}}})
		d.Anomalies.Items = append(d.Anomalies.Items, display.Watch{Series: name, Channel: next, State: name,
			Reason:    next,
			Anomalous: i%2 == 0, Value: new(1.0), History: broken()})
		d.Forecasts.Items = append(d.Forecasts.Items, display.Forecast{Series: name, Channel: next, Model: name,
			Error: next, Steps: []display.Step{{Horizon: name, At: now}}, Ahead: wave(3, 1, 0)})
		d.Recommendations.Items = append(d.Recommendations.Items, display.Recommendation{Kind: name, Subject: next,
			Text: name, Evidence: next, Basis: hostileNames, Effect: figure, Test: name, Queries: hostileNames})
	}
	d.Overview.Queries, d.Experiments.Note, d.Anomalies.Note = hostileNames, hostileNames[0], hostileNames[5]
	d.Links = []page.Link{{Path: "docs", Name: hostileNames[0]}}
	return d
}

// broken returns a history with all that can be wrong with one.
func broken() display.History {
	return display.History{{}, {Value: new(math.NaN())},
		{Value: new(math.Inf(1)), High: new(2.0)}, {Value: new(1.0)}, {},
		{Value: new(2.0), Low: new(1.0), High: new(math.NaN()), Odd: true}, {Odd: true}}
}

// down returns what is left when Prometheus does not answer.
func down() page.Data {
	const reason = "Prometheus cannot be reached: dial tcp 10.0.0.7:9090: connect: connection refused. " +
		"Check --prometheus.url and that the server runs."
	d := page.Data{Now: now, Server: "http://10.0.0.7:9090", Problems: []string{reason}, Stale: true}
	d.Overview.Note, d.Overview.Failed = reason, true
	d.Experiments.Note, d.Experiments.Failed = reason, true
	d.Anomalies.Note = "There is no history yet."
	d.Recommendations.Note = "No way of sending is clearly better than the others."
	return d
}

// contains reports whether a text holds a name, however its spaces are shown.
func contains(text, name string) bool {
	fields := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return strings.Contains(fields(text), fields(name))
}
