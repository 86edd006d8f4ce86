package page_test

import (
	"math"
	"time"

	"belfry/insights/display"
	"belfry/insights/page"
)

var now = time.Date(2026, 11, 30, 9, 41, 0, 0, time.UTC)

// wave returns a made-up history of hours around a level, with its band.
func wave(hours int, level, swing float64) display.History {
	h := make(display.History, hours)
	for i := range h {
		at := now.Add(time.Duration(i-hours) * time.Hour)
		daily := math.Sin(float64(i%24) / 24 * 2 * math.Pi)
		value := level + swing*daily + swing/5*math.Sin(float64(i*i))
		h[i] = display.Point{At: at, Value: new(value),
			Low: new(level + swing*daily - swing/2), High: new(level + swing*daily + swing/2)}
	}
	return h
}

func plain(h display.History) display.History {
	for i := range h {
		h[i].Low, h[i].High = nil, nil
	}
	return h
}

func rate(name string, value, previous, half float64) display.Figure {
	return display.Figure{Name: name, Unit: display.Share, Value: &value, Previous: &previous, Good: display.Up,
		Range:   &display.Range{Low: value - half, High: value + half, Level: "95 % interval"},
		History: plain(wave(168, value, value/20))}
}

func total(name string, value, previous float64) display.Figure {
	return display.Figure{Name: name, Unit: display.Count, Value: &value, Previous: &previous,
		History: plain(wave(168, value/168, value/400))}
}

// example returns data as on a busy day.
func example() page.Data {
	return page.Data{
		Now: now, Newest: now.Add(-4 * time.Minute), Server: "http://prometheus:9090",
		Overview:        overview(),
		Experiments:     display.Section[display.Experiment]{Items: experiments(), Queries: []string{"sum(a)"}},
		Anomalies:       display.Section[display.Watch]{Items: watches(), Queries: []string{"sum(b)"}},
		Forecasts:       display.Section[display.Forecast]{Items: forecasts(), Queries: []string{"sum(c)"}},
		Recommendations: display.Section[display.Recommendation]{Items: recommendations()},
		Links: []page.Link{{Path: "api/v1/analytics", Name: "Analytics as JSON"}, {Path: "docs", Name: "API"},
			{Path: "metrics", Name: "Metrics"}},
	}
}

func overview() display.Overview {
	o := display.Overview{From: now.AddDate(0, 0, -7), To: now}
	o.Items = []display.Figure{
		total("Notifications sent", 1_482_391, 1_437_002),
		rate("Delivery rate", 0.98713, 0.98911, 0.0002),
		rate("Open rate", 0.23417, 0.22851, 0.0008),
		rate("Click rate", 0.0481, 0.0467, 0.0004),
		rate("Click-to-open rate", 0.2054, 0.2044, 0.0014),
		rate("Conversion rate", 0.00913, 0.00913, 0.0002),
		{Name: "Cost", Unit: display.Money("USD"), Value: new(412.5), Previous: new(0.0), Good: display.Down},
		{Name: "Return on cost", Unit: display.Number, Reason: "no event carried a conversion value"},
	}
	o.Queries = []string{`sum by (stage, channel) (sum_over_time(stage_channel:notification_stage:increase5m[7d]))`}
	for _, name := range []string{"email", "push", "sms", "in_app"} {
		o.Channels = append(o.Channels, display.Channel{Name: name, Figures: []display.Figure{
			{Name: "Delivered", Unit: display.Count, Value: new(402_113.0), Previous: new(391_000.0)},
			rate("Delivery rate", 0.9812, 0.9844, 0.0004), rate("Engagement rate", 0.2211, 0.2109, 0.0013),
			{Name: "Mean delivery time", Unit: display.Seconds, Value: new(1.834), Previous: new(1.901),
				Good: display.Down},
			rate("Error rate", 0.0188, 0.0156, 0.0004),
			{Name: "Cost", Unit: display.Money("USD"), Reason: "no event carried a cost"},
		}})
	}
	return o
}

func experiments() []display.Experiment {
	level := "95 % at every look"
	arm := func(arm, metric string, primary bool, effect, half, chance, p float64) display.Comparison {
		return display.Comparison{Arm: arm, Metric: metric, Primary: primary, Unit: display.Points, Effect: &effect,
			Range:    &display.Range{Low: effect - half, High: effect + half, Level: level},
			Relative: new(effect / 0.2), Chance: &chance, PValue: &p}
	}
	return []display.Experiment{
		{Name: "subject-line", Verdict: "ship", Started: now.AddDate(0, 0, -9),
			Users: new(8_412.0), Planned: new(5_000.0),
			Reason: "Arm short is better than control on open, and all guardrails are within their margins.",
			Comparisons: []display.Comparison{
				arm("short", "open", true, 0.031, 0.012, 0.99998, 0.00000004),
				arm("short", "click", false, 0.008, 0.009, 0.971, 0.0431),
				arm("short", "opt-out", false, -0.0004, 0.0021, 0.61, 0.81)}},
		{Name: "evening-push", Verdict: "stop_harm", Started: now.AddDate(0, 0, -4), Users: new(5_120.0),
			Planned: new(10_000.0), Reason: "Arm evening makes more users opt out than control, beyond doubt.",
			Comparisons: []display.Comparison{
				arm("evening", "click", true, 0.002, 0.011, 0.66, 0.72),
				arm("evening", "opt-out", false, 0.019, 0.008, 0.0001, 0.00002)}},
		{Name: "emoji", Verdict: "invalid", Started: now.AddDate(0, 0, -4), Users: new(5_120.0),
			Reason: "The arms have 3,012 and 2,108 users where 1:1 was planned (p < 0.0001): assignment is broken."},
		{Name: "digest", Verdict: "collecting", Started: now.AddDate(0, 0, -1),
			Users: new(210.0), Planned: new(5_000.0),
			Reason: "106 users in the smaller arm; a verdict takes 150.",
			Comparisons: []display.Comparison{
				{Arm: "weekly", Metric: "click", Primary: true, Reason: "fewer than 10 outcomes"}}},
	}
}

func watches() []display.Watch {
	drop := wave(72, 0.23, 0.02)
	for i := len(drop) - 3; i < len(drop); i++ {
		drop[i].Value, drop[i].Odd = new(0.12), true
	}
	hole := wave(72, 1200, 400)
	for i := 30; i < 37; i++ {
		hole[i].Value = nil
	}
	band := func(low, high float64) *display.Range {
		return &display.Range{Low: low, High: high, Level: "usual at this time"}
	}
	return []display.Watch{
		{Series: "open ratio", Channel: "email", Unit: display.Share, State: "anomaly", Anomalous: true, Known: true,
			Reason: "Below the band for 3 hours.", Since: now.Add(-3 * time.Hour), Value: new(0.12),
			Range: band(0.214, 0.251), History: drop},
		{Series: "volume", Channel: "push", Unit: display.Count, State: "normal", Known: true, Value: new(1_312.0),
			Range: band(1_050, 1_490), History: hole},
		{Series: "latency p95", Channel: "sms", Unit: display.Seconds, State: "warm-up", Value: new(4.2),
			Reason: "Needs 34 hours of history, has 12.", History: plain(wave(12, 4, 0.5))},
	}
}

func forecasts() []display.Forecast {
	ahead := wave(24, 1200, 400)
	for i := range ahead {
		ahead[i].At = now.Add(time.Duration(i+1) * time.Hour)
	}
	history := plain(wave(72, 1200, 400))
	step := func(horizon string, d time.Duration, mean float64) display.Step {
		return display.Step{Horizon: horizon, At: now.Add(d), Mean: mean,
			Inner: display.Range{Low: mean * 0.9, High: mean * 1.1}, Outer: display.Range{Low: mean * 0.8,
				High: mean * 1.2}}
	}
	return []display.Forecast{
		{Series: "volume", Channel: "push", Unit: display.Count, Model: "seasonal median with level",
			Error: "MASE 0.71 against seasonal naive", History: history, Ahead: ahead,
			Steps: []display.Step{step("1 hour", time.Hour, 1_290), step("1 day", 24*time.Hour, 1_214)}},
		{Series: "volume", Channel: "sms", Unit: display.Count,
			Reason: "there are 12 hours of history, and it takes 34"},
	}
}

func recommendations() []display.Recommendation {
	engaged := rate("Engaged in this hour", 0.1231, 0.1, 0.002)
	rest := rate("Engaged in other hours", 0.0984, 0.1, 0.0007)
	engaged.Previous, rest.Previous = nil, nil
	return []display.Recommendation{
		{Kind: "test", Subject: "push, the hour from 9:00", Evidence: "observational", Rate: &engaged, Rest: &rest,
			Text: "Test sending by push between 9:00 and 9:59 of the user's own time. This was observed and not " +
				"assigned by chance, so it is a reason to test, not to ship.",
			Basis: []string{"the best with a probability of 99.2 %", "p = 0.00012 against the others on the same days"},
			Effect: display.Figure{Name: "Difference", Unit: display.Points, Value: new(0.0247),
				Range: &display.Range{Low: 0.021, High: 0.028, Level: "90 % interval"}},
			Gain: &display.Figure{Name: "Gain a month", Unit: display.Count, Value: new(7_750.0),
				Range: &display.Range{Low: 6_300, High: 9_200, Level: "90 % interval"}},
			Test: "2,610 users in each of two arms", Queries: []string{"sum(d)"}},
		{Kind: "ship", Subject: "experiment subject-line, arm short", Evidence: "randomised",
			Text: "Ship arm short of experiment subject-line.",
			Effect: display.Figure{Name: "Effect on open", Unit: display.Points, Value: new(0.031),
				Range: &display.Range{Low: 0.019, High: 0.043, Level: "95 % at every look"}}},
	}
}
