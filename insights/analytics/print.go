package analytics

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Print writes the answer as text for a terminal: the most important figures, with
// their change since the period before.
func (a *Analytics) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "From %s to %s by %s, time zone %s; compared with %s to %s.\n", clock(a.TimeRange.From),
		clock(a.TimeRange.To), a.Granularity, a.Timezone, clock(a.Previous.From), clock(a.Previous.To))
	for _, name := range sortedKeys(a.Sections) {
		fmt.Fprintf(t, "%s: %s: %s\n", name, a.Sections[name].State, a.Sections[name].Reason)
	}
	for _, note := range a.Notes {
		fmt.Fprintf(t, "Note: %s.\n", note)
	}
	a.printTotals(t)
	a.printSeries(t)
	a.printGroups(t)
	for _, reason := range a.whyWithheld() {
		fmt.Fprintf(t, "\nWithheld: %s.\n", reason)
	}
	a.printSystem(t)
	return t.Flush()
}

func clock(t time.Time) string { return t.Format("2006-01-02T15:04Z07:00") }

func (a *Analytics) printTotals(w io.Writer) {
	fmt.Fprint(w, "\nTOTAL\tVALUE\tBEFORE\tCHANGE\n")
	for _, line := range []struct {
		name   string
		figure Figure
		show   func(float64) string
	}{
		{"sent", a.TotalNotifications, whole}, {"delivered", a.Counts.Delivered, whole},
		{"delivery rate", a.Rates.Delivery, percent}, {"open rate", a.Rates.Open, percent},
		{"click rate", a.Rates.Click, percent}, {"click-to-open rate", a.Rates.ClickToOpen, percent},
		{"conversion rate", a.Rates.Conversion, percent}, {"failure rate", a.Rates.Failure, percent},
	} {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line.name, show(line.figure.Value, line.show),
			show(line.figure.Previous, line.show), change(line.figure))
	}
}

func (a *Analytics) printSeries(w io.Writer) {
	fmt.Fprintf(w, "\n%s\tSENT\tDELIVERED\tOPENED\tCLICKED\tCONVERTED\n", strings.ToUpper(string(a.Granularity)))
	for _, b := range a.Series {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", clock(b.From), whole(b.Sent), whole(b.Delivered), whole(b.Opened),
			whole(b.Clicked), whole(b.Converted))
	}
}

func (a *Analytics) printGroups(w io.Writer) {
	group := func(title string) {
		fmt.Fprintf(w, "\n%s\tSENT\tCHANGE\tDELIVERY\tOPEN\tENGAGEMENT\tCONVERSION\n", title)
	}
	line := func(name string, volume Figure, r Rates) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(name), show(volume.Value, whole), change(volume),
			show(r.Delivery.Value, percent), show(r.Open.Value, percent), show(r.Engagement.Value, percent),
			show(r.Conversion.Value, percent))
	}
	rest := func(section string) {
		if of, ok := a.Withheld[section]; ok {
			fmt.Fprintf(w, "%d withheld\t%s\n", of.Groups, show(of.Counts.Sent.Value, whole))
		}
	}
	group("CHANNEL")
	for _, m := range a.ChannelMetrics {
		line(m.Channel, m.Volume, m.Rates)
	}
	rest("channel_metrics")
	group("CATEGORY")
	for _, m := range a.CategoryMetrics {
		line(m.Category, m.Volume, m.Rates)
	}
	rest("category_metrics")
	group("TEMPLATE")
	for _, m := range a.TemplateMetrics {
		line(m.TemplateID, m.Volume, m.Rates)
	}
	rest("template_metrics")
}

// whyWithheld returns the reasons for which groups are withheld, each once.
func (a *Analytics) whyWithheld() []string {
	reasons := map[string]bool{}
	for _, w := range a.Withheld {
		reasons[w.Reason] = true
	}
	return sortedKeys(reasons)
}

func (a *Analytics) printSystem(w io.Writer) {
	s := a.SystemPerformance
	fmt.Fprint(w, "\nPLATFORM\tVALUE\tBEFORE\tCHANGE\n")
	for _, line := range []struct {
		name   string
		figure Figure
		show   func(float64) string
	}{
		{"sent per minute", s.NotificationsPerMinute, decimal}, {"peak per minute", s.PeakThroughput, decimal},
		{"mean processing", s.AverageProcessingTime, seconds}, {"p95 processing", s.P95ProcessingTime, seconds},
		{"p99 processing", s.P99ProcessingTime, seconds}, {"mean delivery", s.AverageDeliveryTime, seconds},
		{"error rate", s.ErrorRate, percent}, {"retries per sent", s.RetryRate, decimal},
		{"mean wait in queues", s.QueueWaitTime, seconds}, {"dead letters", s.DeadLetterQueueSize, whole},
	} {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line.name, show(line.figure.Value, line.show),
			show(line.figure.Previous, line.show), change(line.figure))
	}
}

// printable returns a name from an event without what could confuse a terminal.
func printable(name string) string {
	quoted := strconv.QuoteToGraphic(name)
	return quoted[1 : len(quoted)-1]
}

func show(x *float64, as func(float64) string) string {
	if x == nil {
		return "–"
	}
	return as(*x)
}

func whole(x float64) string   { return strconv.FormatFloat(x, 'f', 0, 64) }
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 2, 64) + " %" }
func seconds(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) + " s" }

func change(f Figure) string {
	if f.Change == nil {
		return "–"
	}
	tenths := math.Round(1000 * *f.Change)
	if tenths == 0 {
		return "0.0 %" // neither up nor down
	}
	return fmt.Sprintf("%+.1f %%", tenths/10)
}
