package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/experiment"
	"belfry/insights/recommend"
)

// mostMoves is how many moves the summary tells of, mostToDo how many things to do, and
// mostAdvice how many of these are recommendations.
const mostMoves, mostToDo, mostAdvice = 6, 8, 2

// summary says what has changed, what it cost and what to do.
func (c *composer) summary() ([]Block, string) {
	prose := Prose{c.volumeWords() + c.moneyWords(), c.movesWords()}
	if told := c.faultWords(); told != "" {
		prose = append(prose, told)
	}
	blocks := []Block{prose}
	if items := c.moveFindings(); len(items) > 0 {
		blocks = append(blocks, Findings{Title: "What has changed", Items: items, Queries: c.refer(c.Moves.Queries)})
	}
	if items := c.toDo(); len(items) > 0 {
		blocks = append(blocks, Findings{Title: "What to do", Items: items})
	}
	return blocks, ""
}

// volumeWords says how much was sent, and how far it got.
func (c *composer) volumeWords() string {
	a := c.Analytics
	var b strings.Builder
	fmt.Fprintf(&b, "%s notifications were sent", known(a.TotalNotifications.Value, display.Count))
	if change := changeWords(a.TotalNotifications, "more", "fewer"); change != "" {
		fmt.Fprintf(&b, ", %s than in the %s before", change, c.Period.unit())
	}
	if days, before := wholeDays(c.Period), wholeDays(c.Before); days != before && days > 0 && before > 0 {
		if change := changeWords(perDay(a.TotalNotifications, days, before), "more", "fewer"); change != "" {
			fmt.Fprintf(&b, ", and %s a day, since it had %d days and not %d", change, days, before)
		}
	}
	b.WriteString(".")
	if a.Delivery.Value != nil {
		fmt.Fprintf(&b, " %s of them were delivered%s", display.Write(*a.Delivery.Value, display.Share),
			pointsWords(a.Delivery))
		if a.Engagement.Value != nil {
			fmt.Fprintf(&b, ", and people engaged with %s of what was delivered%s",
				display.Write(*a.Engagement.Value, display.Share), pointsWords(a.Engagement))
		}
		b.WriteString(".")
	}
	return b.String()
}

// perDay compares the figures per day.
func perDay(f analytics.Figure, days, before int) analytics.Figure {
	if f.Value == nil || f.Previous == nil || *f.Previous == 0 {
		return analytics.Figure{}
	}
	return analytics.Figure{Change: new(*f.Value / *f.Previous * float64(before) / float64(days) - 1)}
}

// known writes a number, or that it is not known.
func known(x *float64, u display.Unit) string {
	if x == nil {
		return "An unknown number of"
	}
	return display.Write(*x, u)
}

// changeWords says by how much a figure is more than in the period before.
func changeWords(f analytics.Figure, more, less string) string {
	if f.Change == nil {
		return ""
	}
	if by := math.Abs(*f.Change); by >= 0.0005 {
		if *f.Change > 0 {
			return display.Write(by, display.Share) + " " + more
		}
		return display.Write(by, display.Share) + " " + less
	}
	return "as many"
}

// pointsWords says in brackets what a rate was in the period before.
func pointsWords(f analytics.Figure) string {
	if f.Previous == nil {
		return ""
	}
	return fmt.Sprintf(" (%s before)", display.Write(*f.Previous, display.Share))
}

// moneyWords says what sending cost, and what it brought in.
func (c *composer) moneyWords() string {
	cost, revenue := moneyOf(c.Analytics, costOf), moneyOf(c.Analytics, revenueOf)
	var parts []string
	for _, m := range cost {
		part := "Sending cost " + display.Write(*m.Amount.Value, display.Money(m.Currency))
		if change := changeWords(m.Amount, "more", "less"); change != "" && change != "as many" {
			part += ", " + change + " than before"
		}
		for _, r := range revenue {
			if r.Currency == m.Currency {
				part += fmt.Sprintf("; conversions brought in %s", display.Write(*r.Amount.Value,
					display.Money(r.Currency)))
			}
		}
		parts = append(parts, " "+part+".")
	}
	return strings.Join(parts, "")
}

// movesWords says how much has changed by more than chance.
func (c *composer) movesWords() string {
	switch {
	case reasonOf(c.Moves.Status) != "":
		return "What has changed is not known: " + reasonOf(c.Moves.Status)
	case c.Moves.Looked == 0:
		return fmt.Sprintf("There is too little data of %s to tell changes from chance.", c.likeWords())
	case len(c.Moves.All) == 0:
		return fmt.Sprintf("None of %d figures, by channel and of all, differs from %s by more than chance explains.",
			c.Moves.Looked, c.likeWords())
	}
	better, worse := 0, 0
	for _, m := range c.Moves.All {
		if m.better() {
			better++
		} else if m.worse() {
			worse++
		}
	}
	if better+worse == 0 {
		return fmt.Sprintf("Of %d figures, by channel and of all, none got better or worse since %s by more than "+
			"chance explains; how much was sent did change.", c.Moves.Looked, c.likeWords())
	}
	return fmt.Sprintf("Of %d figures, by channel and of all, %s got better and %s got worse since %s by more than "+
		"chance explains, judged by how much the %s vary. At most one in twenty of the intervals below is "+
		"expected to miss.",
		c.Moves.Looked, orNone(better), orNone(worse), c.likeWords(), c.stepWords())
}

// likeWords names what the moves are compared with.
func (c *composer) likeWords() string {
	if c.Period.like(c.Before) != c.Before {
		return "the same time a week before"
	}
	return "the " + c.Period.unit() + " before"
}

// orNone writes how many there are.
func orNone(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

// stepWords names the steps by which chance is judged.
func (c *composer) stepWords() string {
	if name := c.Period.step().name; !strings.HasSuffix(name, "s") {
		return name + "s"
	}
	return "stretches of 5 minutes"
}

// faultWords says who was paged, and which budgets are spent.
func (c *composer) faultWords() string {
	var told []string
	if c.Alerts.Status.Usable() {
		told = append(told, c.pageWords())
	}
	for _, o := range c.Objectives.All {
		if o.Budget != nil && *o.Budget < 0 {
			told = append(told, fmt.Sprintf("The 30-day error budget of %s is overspent: %s is left.",
				display.ChannelName(o.Channel), display.Write(*o.Budget, display.Share)))
		}
	}
	if worst := c.worstWords(); worst != "" {
		told = append(told, worst)
	}
	return strings.Join(told, " ")
}

// worstWords says when errors were worst, for an incident.
func (c *composer) worstWords() string {
	var of string
	var worst display.Point
	for _, l := range c.Pulse.Errors {
		for _, p := range l.Points {
			if p.Value != nil && (worst.Value == nil || *p.Value > *worst.Value) {
				of, worst = l.Name, p
			}
		}
	}
	if worst.Value == nil {
		return ""
	}
	return fmt.Sprintf("At worst, from %s on, %s of the attempts on %s failed.", c.at(worst.At),
		display.Write(*worst.Value, display.Share), of)
}

// pageWords says how many pages there were.
func (c *composer) pageWords() string {
	n, longest := 0, alert{}
	for _, a := range c.Alerts.All {
		if !a.pages() {
			continue
		}
		n++
		if longest.Name == "" || a.took() > longest.took() {
			longest = a
		}
	}
	switch {
	case n == 0:
		return "Nobody was paged."
	case n == 1:
		return fmt.Sprintf("There was one page: %s, for %s.", longest.about(), length(longest.took()))
	}
	return fmt.Sprintf("There were %d pages; the longest fault was %s, for %s.", n, longest.about(),
		length(longest.took()))
}

// moveFindings tells of the largest moves.
func (c *composer) moveFindings() (items []Finding) {
	for _, m := range c.Moves.All[:min(len(c.Moves.All), mostMoves)] {
		items = append(items, m.finding())
	}
	return items
}

// finding says what has moved, with its interval and why it matters.
func (m move) finding() Finding {
	f := Finding{Label: display.Label{Word: "Changed", Sign: "◆"}}
	switch {
	case m.better():
		f.Label = display.Label{Word: "Better", Sign: "▲", Tone: "good"}
	case m.worse():
		f.Label = display.Label{Word: "Worse", Sign: "▼", Tone: "bad"}
	}
	channel, verb := "all channels", "rose"
	if m.Channel != together {
		channel = display.ChannelName(m.Channel)
	}
	if m.By < 0 {
		verb = "fell"
	}
	unit := m.Kind.Unit
	f.Title = fmt.Sprintf("%s, %s: %s to %s from %s", m.Kind.Name, channel, verb, display.Write(m.Now, unit),
		display.Write(m.Before, unit))
	if m.Kind.PerStep {
		f.Title = fmt.Sprintf("%s, %s: %s to %s from %s per %s", m.Kind.Name, channel, verb,
			display.Write(math.Round(m.Now), unit), display.Write(math.Round(m.Before), unit), m.Step)
	}
	points := unit
	if unit == display.Share {
		points = display.Points
	}
	f.Text = fmt.Sprintf("%s.", display.Difference(m.By, m.Low, m.High, points))
	if m.Kind.What != "" {
		more := "more"
		if m.By < 0 {
			more = "fewer"
		}
		f.Text += fmt.Sprintf(" About %s %s were %s than at that rate.",
			display.Write(math.Round(m.Affected), display.Count), more, m.Kind.What)
	}
	if m.worse() && m.Kind.Why != "" {
		f.Details = []string{m.Kind.Why}
	}
	return f
}

// toDo lists what somebody should do, the most certain first.
func (c *composer) toDo() (items []Finding) {
	for _, a := range c.Alerts.All {
		if a.GoesOn && a.pages() {
			items = append(items, Finding{Label: severityLabel(a.Severity), Title: a.about() + " still fires",
				Text: fmt.Sprintf("It began at %s. Open its runbook.", c.at(a.Began))})
		}
	}
	overspent := func(left *float64, what, channel, text string) {
		if left != nil && *left < 0 {
			items = append(items, Finding{Label: display.Label{Word: "Budget", Sign: "!", Tone: "bad"},
				Title: what + " of " + display.ChannelName(channel), Text: text})
		}
	}
	for _, o := range c.Objectives.All {
		overspent(o.Budget, "Error budget", o.Channel,
			"It is overspent. Put reliability before campaigns and changes until it recovers.")
		overspent(o.Latency, "Latency budget", o.Channel,
			"It is overspent: too much arrives late. Look at queues and at how long providers take.")
	}
	for _, j := range c.Experiments {
		switch j.Verdict {
		case experiment.Ship, experiment.StopHarm, experiment.StopLoser, experiment.Review, experiment.Invalid:
			items = append(items, Finding{Label: display.VerdictOf(string(j.Verdict)),
				Title: "Experiment " + j.Experiment, Text: plainly(display.Sentence(j.Reason))})
		}
	}
	tests := slices.DeleteFunc(slices.Clone(c.Recommended.Recommendations), func(r recommend.Recommendation) bool {
		return r.Kind == recommend.KindShip // which the verdicts say
	})
	for _, r := range tests[:min(len(tests), mostAdvice)] {
		shown := display.OfRecommendation(r)
		items = append(items, Finding{Label: display.AdviceOf(r.Kind), Title: shown.Subject,
			Text: display.Sentence(shown.Text)})
	}
	return items[:min(len(items), mostToDo)]
}

// headline is the report in one sentence.
func (c *composer) headline() string {
	if !c.Definition.has(summary, totals) && len(c.Experiments) > 0 {
		return c.verdictWords()
	}
	a := c.Analytics
	var parts []string
	if a.TotalNotifications.Value != nil {
		parts = append(parts, display.Write(*a.TotalNotifications.Value, display.Count)+" sent")
	}
	if a.Delivery.Value != nil {
		parts = append(parts, display.Write(*a.Delivery.Value, display.Share)+" delivered")
	}
	if a.Engagement.Value != nil {
		parts = append(parts, display.Write(*a.Engagement.Value, display.Share)+" engaged with")
	}
	for _, m := range c.Moves.All {
		if m.worse() {
			return strings.Join(parts, ", ") + "; " + lower(m.finding().Title)
		}
	}
	return strings.Join(parts, ", ")
}

// verdictWords names the verdicts of the experiments.
func (c *composer) verdictWords() string {
	var all []string
	for _, j := range c.Experiments {
		all = append(all, fmt.Sprintf("%s: %s", j.Experiment, display.VerdictOf(string(j.Verdict)).Word))
	}
	return strings.Join(all, "; ")
}

// lower begins a text in the middle of a sentence.
func lower(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToLower(text[:1]) + text[1:]
}
