package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"belfry/insights/display"
	"belfry/insights/experiment"
	"belfry/insights/forecast"
	"belfry/insights/watched"
)

// trials shows what experiments have come to.
func (c *composer) trials() ([]Block, string) {
	if reason := reasonOf(c.Judged); reason != "" {
		return nil, reason
	}
	if len(c.Experiments) == 0 {
		if name := c.Definition.Experiment; name != "" {
			return nil, fmt.Sprintf("There is no experiment %s: it is neither declared to the exporter nor planned.",
				name)
		}
		return nil, "No experiment is declared to the exporter, and none is planned."
	}
	var blocks []Block
	for _, j := range c.Experiments {
		blocks = append(blocks, c.trial(j)...)
	}
	return blocks, ""
}

// trial shows one experiment: its verdict, its arms and its effects.
func (c *composer) trial(j experiment.Judged) []Block {
	shown := display.OfExperiment(j)
	queries := c.refer(j.Queries)
	finding := Finding{Label: display.VerdictOf(shown.Verdict), Title: shown.Name, Text: plainly(shown.Reason)}
	if j.Started != nil {
		finding.Details = append(finding.Details, fmt.Sprintf("Started %s.", c.at(*j.Started)))
	}
	if shown.Users != nil {
		of := ""
		if shown.Planned != nil {
			of = " of " + display.Write(*shown.Planned, display.Count) + " planned"
		}
		finding.Details = append(finding.Details, fmt.Sprintf("%s users%s.", display.Write(*shown.Users, display.Count),
			of))
	}
	if j.SRM.PValue != nil {
		finding.Details = append(finding.Details, fmt.Sprintf("Sizes of the arms: p %s against the planned split.",
			display.PValue(*j.SRM.PValue)))
	}
	blocks := []Block{Findings{Items: []Finding{finding}, Queries: queries}}
	if len(shown.Comparisons) == 0 {
		return blocks
	}
	t := Table{Title: "Effects in " + shown.Name + ", against control", Queries: queries, Columns: []Column{
		words("Arm"), words("Metric"), figures("Effect"), figures("Relative"), figures("Chance to beat control"),
		figures("p"),
	}, Note: "Intervals and p-values hold at every look, however often you look. The primary metric decides."}
	effects := map[display.Unit]*Bars{}
	for _, x := range shown.Comparisons {
		metric := strings.ReplaceAll(x.Metric, "_", " ")
		if x.Primary {
			metric += " (primary)"
		}
		effect := display.Figure{Name: x.Arm + ": " + metric, Unit: x.Unit, Value: x.Effect, Range: x.Range,
			Reason: x.Reason}
		t.Rows = append(t.Rows, []Cell{
			text(x.Arm), text(metric), number(effect),
			number(optional("Relative", display.Share, x.Relative, "not known")),
			number(optional("Chance to beat control", display.Share, x.Chance, "not known")),
			number(optional("p", display.Probability, x.PValue, "not known")),
		})
		if effects[x.Unit] == nil {
			effects[x.Unit] = &Bars{Title: "Effects in " + shown.Name, Unit: x.Unit, Effects: true, Queries: queries}
		}
		if effect.Value != nil && effect.Range != nil {
			effects[x.Unit].Items = append(effects[x.Unit].Items, effect)
		}
	}
	blocks = append(blocks, t)
	for _, unit := range []display.Unit{display.Points, display.Number} {
		if b := effects[unit]; b != nil && len(b.Items) > 0 {
			blocks = append(blocks, *b)
		}
	}
	return blocks
}

// plainly writes the names of outcomes and verdicts as words.
func plainly(reason string) string { return outcomes.Replace(reason) }

var outcomes = func() *strings.Replacer {
	var pairs []string
	for _, name := range []string{
		"opt_out", string(experiment.StopHarm), string(experiment.StopLoser), string(experiment.NoMeaningfulDifference),
	} {
		pairs = append(pairs, name, strings.ReplaceAll(name, "_", " "))
	}
	return strings.NewReplacer(pairs...)
}()

// mostCourses is how many forecasts are drawn.
const mostCourses = 3

// ahead shows the forecast of the week that follows the period.
func (c *composer) ahead() ([]Block, string) {
	if reason := reasonOf(c.Forecasts.Status); reason != "" {
		return nil, reason
	}
	t := Table{Columns: []Column{
		words("Series"), words("Channel"), figures("In an hour"), figures("In a day"), figures("In a week"),
		words("Model"),
	}, Note: "Intervals hold 95 % of what is to come, by the error of the model in a backtest.",
		Queries: c.refer(c.Forecasts.Queries)}
	var courses []Block
	for _, w := range c.byVolume(c.Forecasts.Series) {
		f := perHour(display.OfForecast(w), w.Series)
		row := []Cell{text(f.Series), text(display.ChannelName(f.Channel))}
		for i := range 3 {
			step := display.Figure{Unit: f.Unit, Reason: display.Sentence(f.Reason)}
			if i < len(f.Steps) {
				s := f.Steps[i]
				step = display.Figure{Unit: f.Unit, Value: &s.Mean,
					Range: &display.Range{Low: s.Outer.Low, High: s.Outer.High, Level: "95 % interval"}}
			}
			step.Name = t.Columns[2+i].Name
			row = append(row, number(step))
		}
		t.Rows = append(t.Rows, append(row, text(modelWords(f))))
		if w.Series == watched.Volume && len(f.Ahead) > 0 && len(courses) < mostCourses {
			courses = append(courses, Course{
				Title: f.Series + ", " + display.ChannelName(f.Channel), Unit: f.Unit, Queries: t.Queries,
				Series: []Line{{Name: "Measured", Points: f.History}, {Name: "Forecast", Points: f.Ahead, Ahead: true}},
			})
		}
	}
	if len(t.Rows) == 0 {
		return nil, "There is no series to forecast."
	}
	return append([]Block{t}, courses...), ""
}

// modelWords names the model of a forecast with its error.
func modelWords(f display.Forecast) string {
	if f.Error == "" {
		return strings.ReplaceAll(f.Model, "_", " ")
	}
	return fmt.Sprintf("%s (%s)", strings.ReplaceAll(f.Model, "_", " "), f.Error)
}

// byVolume orders forecasts as the channels are ordered, which is by what they send.
func (c *composer) byVolume(all []forecast.Watched) []forecast.Watched {
	place := map[string]int{}
	for i, ch := range c.Analytics.ChannelMetrics {
		place[ch.Channel] = i + 1
	}
	rank := func(w forecast.Watched) int { return cmp.Or(place[w.Channel], len(place)+1) }
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b forecast.Watched) int {
		return cmp.Or(rank(a)-rank(b), -strings.Compare(a.Series, b.Series))
	})
	return all
}

// perHour shows volumes, which are watched by the second, by the hour: numbers that people
// can imagine.
func perHour(f display.Forecast, series string) display.Forecast {
	if series != watched.Volume {
		return f
	}
	f.Series, f.Unit = sentPerHour, display.Count
	for i, s := range f.Steps {
		for _, x := range []*float64{&s.Mean, &s.Inner.Low, &s.Inner.High, &s.Outer.Low, &s.Outer.High} {
			*x = hourOf(*x)
		}
		f.Steps[i] = s
	}
	f.History, f.Ahead = hours(f.History), hours(f.Ahead)
	return f
}

const sentPerHour = "Sent per hour"

// hourOf returns how many a rate per second is per hour.
func hourOf(perSecond float64) float64 { return math.Round(perSecond * 3600) }

// hours returns points of rates per hour.
func hours(points display.History) display.History {
	all := slices.Clone(points)
	for i, p := range all {
		p.Value, p.Low, p.High = hoursOf(p.Value), hoursOf(p.Low), hoursOf(p.High)
		all[i] = p
	}
	return all
}

// hoursOf does what hourOf does with a number that may not be known.
func hoursOf(perSecond *float64) *float64 {
	if perSecond == nil {
		return nil
	}
	return new(hourOf(*perSecond))
}

// advice shows what to test and what to ship.
func (c *composer) advice() ([]Block, string) {
	if reason := reasonOf(c.Recommended.Status); reason != "" {
		return nil, reason
	}
	if len(c.Recommended.Recommendations) == 0 {
		return nil, "There is nothing to recommend: no way of sending is certainly better than the others."
	}
	shown, note := shorten(c.Recommended.Recommendations, c.Definition.top(), "recommendations")
	list := Findings{}
	var queries []string
	for _, r := range shown {
		f := display.OfRecommendation(r)
		item := Finding{Label: display.AdviceOf(f.Kind), Title: f.Subject, Text: display.Sentence(f.Text)}
		if v := f.Effect.Value; v != nil && f.Effect.Range != nil {
			item.Details = append(item.Details, fmt.Sprintf("%s: %s.", f.Effect.Name,
				display.Difference(*v, f.Effect.Range.Low, f.Effect.Range.High, f.Effect.Unit)))
		}
		if f.Gain != nil && f.Gain.Value != nil {
			item.Details = append(item.Details, fmt.Sprintf("%s: %s.", f.Gain.Name, display.Signed(*f.Gain.Value,
				f.Gain.Unit)))
		}
		if f.Test != "" {
			item.Details = append(item.Details, "To confirm: "+f.Test+".")
		}
		list.Items = append(list.Items, item)
		queries = append(queries, f.Queries...)
	}
	list.Queries = c.refer(queries)
	blocks := []Block{Prose{join("What was only observed is a reason to test. Only an experiment is a reason to ship.",
		note)}}
	return append(blocks, list), ""
}
