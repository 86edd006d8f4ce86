package render_test

import (
	"math"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

var berlin = time.FixedZone("Europe/Berlin", 3600)

var from = time.Date(2026, 11, 16, 0, 0, 0, 0, berlin)

func share(name string, value, low, high, previous float64, good display.Good) display.Figure {
	return display.Figure{Name: name, Unit: display.Share, Value: &value, Previous: &previous, Good: good,
		Range: &display.Range{Low: low, High: high, Level: "95 % interval"}}
}

func count(name string, value, previous float64) display.Figure {
	return display.Figure{Name: name, Unit: display.Count, Value: &value, Previous: &previous}
}

// daily returns points a day apart. What is not a number is a gap.
func daily(values ...float64) (h display.History) {
	for i, v := range values {
		p := display.Point{At: from.AddDate(0, 0, i)}
		if !math.IsNaN(v) {
			p.Value = new(v)
		}
		h = append(h, p)
	}
	return h
}

// example returns a made-up report with every kind of block, and what is odd about figures.
func example() report.Document {
	return report.Document{
		Name: "weekly", Title: "Weekly engagement", Subject: "winter", From: from, To: from.AddDate(0, 0, 7),
		Period: "16 to 22 November 2026", Before: "9 to 15 November 2026",
		GeneratedAt: time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC),
		Headline:    "5,712,344 sent, 98.1 % delivered, 21.3 % engaged with; email fell by 2.10 points",
		Problems:    []string{"Two hours of 18 November are missing.", "The report was made early."},
		Sections: []report.Section{
			{Key: "summary", Title: "In short", Blocks: []report.Block{report.Prose{
				"5,712,344 notifications were sent, 4.10 % more than in the week before.",
				"Of 24 figures of channels, 2 got better and 1 got worse by more than chance explains."}, findings()}},
			{Key: "totals", Title: "Totals and rates", Blocks: totals()},
			{Key: "channels", Title: "Channels", Blocks: []report.Block{channels(), engagement()}},
			{Key: "experiments", Title: "Experiments", Blocks: experiments()},
			{Key: "templates", Title: "Templates", Reason: "No notification names a template."},
			{Key: "forecasts", Title: "Forecast", Blocks: []report.Block{ahead()}},
		},
		Queries: []string{
			`sum by (channel) (increase(belfry:sent:increase1h[1w]))`,
			`sum by (channel) (increase(belfry:delivered:increase1h[1w]))`,
			`sum(rate(belfry_notifications_total{stage="sent"}[5m])) > 0`,
			`histogram_quantile(0.95, sum by (le) (rate(belfry_latency_seconds[5m])))`,
		},
	}
}

func findings() report.Findings {
	return report.Findings{Title: "What has changed", Queries: []int{0, 1}, Items: []report.Finding{
		{Label: display.Label{Word: "Worse", Sign: "▼", Tone: "bad"},
			Title:   "Engagement rate, email: fell to 18.2 % from 20.3 %",
			Text:    "−2.10 points (interval −2.60 to −1.60). About 42,000 fewer engagements than before.",
			Details: []string{"Fewer people react, or the template has changed."}},
		{Label: display.Label{Word: "Better", Sign: "▲", Tone: "good"},
			Title: "Delivery rate, push: rose to 97.0 % from 95.1 %",
			Text:  "+1.90 points (interval +1.20 to +2.60)."},
		{Label: display.Label{Word: "Ship it", Sign: "✓", Tone: "good"},
			Title: "Experiment welcome_subject", Text: "Variant b wins."},
	}}
}

func totals() []report.Block {
	return []report.Block{
		report.Figures{Queries: []int{0, 1, 2}, Items: []display.Figure{
			count("Notifications sent", 5712344, 5487363),
			share("Delivery rate", .981, .9809, .9812, .979, display.Up),
			share("Failure rate", .0193, .0191, .0195, .0171, display.Down),
			{Name: "Cost", Unit: display.Money("EUR"), Value: new(1234.5), Good: display.Down},
			{Name: "Conversion rate", Unit: display.Share, Reason: "no conversion was reported", Previous: new(.004)},
			{Name: "Mean delivery time", Unit: display.Seconds, Value: new(.000034),
				Previous: new(0.0), Good: display.Down},
		}},
		report.Course{Title: "Notifications", Unit: display.Count, Queries: []int{0}, Series: []report.Line{
			{Name: "Sent", Points: daily(812345, 799000, 830211, 801222, 820000, 790100, 859466)},
			{Name: "Delivered", Points: daily(800123, 780000, math.NaN(), 781222, 801000, 779100, 840466)}}},
		report.Course{Title: "Delivery rate", Unit: display.Share, Series: []report.Line{
			{Name: "Delivered per sent"}}},
	}
}

func channels() report.Table {
	row := func(name string, sent, rate, previous float64, latency display.Figure) []report.Cell {
		sends := count("Sent", sent, sent*.97)
		delivered := share("Delivery rate", rate, rate-.002, rate+.002, previous, display.Up)
		return []report.Cell{{Text: name}, {Figure: &sends}, {Figure: &delivered}, {Figure: &latency}, {Text: "normal"}}
	}
	return report.Table{
		Queries: []int{0, 1, 3}, Note: "2 groups are withheld: fewer than 20 users.",
		Columns: []report.Column{{Name: "Channel"}, {Name: "Sent", Numbers: true},
			{Name: "Delivery rate", Numbers: true},
			{Name: "Mean delivery time", Numbers: true}, {Name: "State"}},
		Rows: [][]report.Cell{
			row("email", 3100234, .985, .983, display.Figure{Name: "Mean delivery time", Unit: display.Seconds,
				Value: new(12.4), Previous: new(11.9), Good: display.Down}),
			row("push", 2500110, .97, .951, display.Figure{Name: "Mean delivery time", Unit: display.Seconds,
				Value: new(.8)}),
			row("sms", 112000, .93, .93, display.Figure{Name: "Mean delivery time", Unit: display.Seconds,
				Reason: "the provider does not confirm", Previous: new(4.0)}),
		},
	}
}

func engagement() report.Bars {
	return report.Bars{Title: "Engagement rate by channel", Unit: display.Share, Queries: []int{1},
		Items: []display.Figure{share("email", .182, .18, .184, .203, display.Up),
			share("push", .112, .111, .113, .11, display.Up),
			{Name: "sms", Unit: display.Share, Reason: "withheld"}}}
}

func experiments() []report.Block {
	effect := func(name string, value, low, high float64) display.Figure {
		return display.Figure{Name: name, Unit: display.Points, Value: &value,
			Range: &display.Range{Low: low, High: high, Level: "at every look"}}
	}
	p := display.Figure{Name: "p", Unit: display.Probability, Value: new(.00001)}
	none := display.Figure{Name: "p", Unit: display.Probability, Reason: "not known"}
	b, c := effect("b: opened", .012, .002, .022), effect("c: opened", -.004, -.014, .006)
	return []report.Block{
		report.Table{Title: "Effects in welcome_subject, against control", Queries: []int{2},
			Columns: []report.Column{{Name: "Arm"}, {Name: "Effect", Numbers: true}, {Name: "p", Numbers: true}},
			Rows: [][]report.Cell{
				{{Text: "b"}, {Figure: &b}, {Figure: &p}},
				{{Text: "c"}, {Figure: &c}, {Figure: &none}},
			}},
		report.Bars{Title: "Effects in welcome_subject", Unit: display.Points, Effects: true,
			Items: []display.Figure{b, c}},
	}
}

func ahead() report.Course {
	band := daily(0, 0, 0, 0, 0, 0, 0, 810000, 805000, 830000)[7:]
	for i := range band {
		band[i].Low, band[i].High = new(*band[i].Value*.9), new(*band[i].Value*1.1)
	}
	return report.Course{Title: "Sent per day, email", Unit: display.Count, Series: []report.Line{
		{Name: "Measured", Points: daily(812345, 799000, 830211, 801222, 820000, 790100, 859466)},
		{Name: "Forecast", Points: band, Ahead: true}}}
}

// hostileNames lists names that are taken for markup or formulas, or that break a layout.
var hostileNames = []string{
	`<script>window.hit = 1</script>`,
	`"><img src=x onerror="window.hit = 1">`,
	`=HYPERLINK("http://x","a")`,
	"</style><style>*{display:none}</style>{{.}}",
	"| a | `b` | [c](javascript:x) **d** ![e](http://x/e.png) <!-- f",
	strings.Repeat("ExperimentWithAVeryLongNameThatNeverBreaks", 6),
	"تجربة الإشعارات المسائية \u202etxet",
	"🔔👩‍👩‍👧 emoji \x1b[2J \x00 \xff 日本語",
	"  spaces\tand\r\n\r\n# lines\n.\n",
}

// hostile returns a report in which every text is a hostile name and every number odd.
func hostile() report.Document {
	d := report.Document{Name: "../" + hostileNames[1], Title: hostileNames[0], Subject: hostileNames[8], From: from,
		To: from.AddDate(0, 0, 1), Period: hostileNames[4], Before: hostileNames[6], GeneratedAt: from,
		Headline: strings.Join(hostileNames, ", "), Problems: hostileNames, Queries: hostileNames}
	odd := []float64{math.NaN(), math.Inf(1), -1e300, 1e300, 5e-324, 0, -0.5, 1, 123456789.123}
	for i, name := range hostileNames {
		next := hostileNames[(i+1)%len(hostileNames)]
		f := display.Figure{Name: name, Unit: display.Money(next), Value: &odd[i], Previous: &odd[(i+4)%len(odd)],
			Good: display.Up, Range: &display.Range{Low: odd[(i+1)%len(odd)], High: odd[(i+2)%len(odd)], Level: next}}
		line := report.Line{Name: name, Points: daily(odd...), Ahead: i%2 == 1}
		line.Points[i].Low, line.Points[i].High, line.Points[i].Odd = &odd[i], &odd[(i+1)%len(odd)], true
		table := report.Table{Title: name, Note: next, Queries: []int{i, 99, -1}, Columns: []report.Column{{Name: name},
			{Name: next, Numbers: true}, {Name: name}}, Rows: [][]report.Cell{
			{{Text: name}, {Figure: &f}, {Text: next}}, {{Text: next}}}}
		d.Sections = append(d.Sections, report.Section{Key: name, Title: next, Blocks: []report.Block{
			report.Prose(hostileNames), report.Figures{Items: []display.Figure{f}, Queries: []int{i}}, table,
			report.Findings{Title: name, Items: []report.Finding{{
				Label: display.Label{Word: name, Sign: next, Tone: name},
				Title: next, Text: name, Details: hostileNames}}},
			report.Course{Title: name, Unit: f.Unit, Series: []report.Line{line, line}},
			report.Bars{Title: name, Unit: f.Unit, Items: []display.Figure{f, f}, Effects: i%2 == 0}}},
			report.Section{Key: next, Title: name, Reason: next})
	}
	return d
}
