package analytics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"belfry/exporter/catalog"
	"belfry/exporter/zone"
	"belfry/insights/query"
)

// What analytics answers is what the simulator counted, to the unit, and parts add up
// to the whole.
func TestTruth(t *testing.T) {
	w := simulated(t)
	berlin, _ := zone.Find("Europe/Berlin")
	for name, r := range map[string]Request{
		"two days":        {From: began, To: began.Add(48 * hour), Granularity: Day},
		"hours":           {From: began.Add(56 * hour), To: began.Add(68 * hour), Granularity: Hour},
		"a short day":     {From: began.Add(47 * hour).In(berlin), To: began.Add(70 * hour).In(berlin), Granularity: Day},
		"a week so far":   {From: began.Add(72 * hour), To: ended, Granularity: Week},
		"a month so far":  {From: began, To: ended, Granularity: Month},
		"a channel":       {From: began, To: ended, Granularity: Day, Channels: []string{"email"}},
		"two channels":    {From: began, To: ended, Granularity: Day, Channels: []string{"email", "push"}},
		"a category":      {From: began, To: ended, Granularity: Day, Categories: []string{"marketing"}},
		"a strict floor":  {From: began, To: ended, Granularity: Day, Floor: 5000},
		"a generous one":  {From: began, To: ended, Granularity: Hour, Floor: 5},
		"beyond the data": {From: began.Add(-72 * hour), To: ended, Granularity: Day},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Compute(t.Context(), w.Source, r)
			if err != nil {
				t.Fatal(err)
			}
			if !a.Status.Usable() {
				t.Fatalf("status %+v", a.Status)
			}
			w.compare(t, a, r)
			wholes(t, a, r)
			if len(a.Queries) == 0 {
				t.Error("no query is named")
			}
		})
	}
}

// compare compares the totals and the parts with the simulator's count.
func (w *world) compare(t *testing.T, a *Analytics, r Request) {
	t.Helper()
	span := a.TimeRange
	if span.From.Before(began) {
		span.From = began
	}
	stages := w.between(catalog.Stages, span)
	sum := func(of map[string]float64, values ...string) (sum float64) {
		for key, n := range of {
			fits := true
			for i, v := range strings.Split(key, ",") {
				fits = fits && (i >= len(values) || values[i] == "" || values[i] == v)
			}
			if fits {
				sum += n
			}
		}
		return sum
	}
	wanted := 0.0
	for _, channel := range append(r.Channels, "")[:max(1, len(r.Channels))] {
		for _, category := range append(r.Categories, "")[:max(1, len(r.Categories))] {
			wanted += sum(stages, "sent", channel, category)
		}
	}
	same(t, "total", a.TotalNotifications, wanted)
	for _, m := range a.ChannelMetrics {
		same(t, m.Channel, m.Volume, sum(stages, "sent", m.Channel))
		same(t, m.Channel+" delivered", m.Counts.Delivered, sum(stages, "delivered", m.Channel))
		same(t, m.Channel+" opened", m.Counts.Opened, sum(stages, "opened", m.Channel))
		same(t, m.Channel+" opened by machines", m.Counts.MachineOpened, sum(stages, "machine_opened", m.Channel))
		for _, cost := range m.Cost {
			same(t, m.Channel+" cost", cost.Amount, sum(w.between(catalog.Cost, span), m.Channel, cost.Currency))
		}
		for _, value := range m.Revenue {
			same(t, m.Channel+" revenue", value.Amount,
				sum(w.between(catalog.ConversionValue, span), m.Channel, value.Currency))
		}
	}
	for _, m := range a.CategoryMetrics {
		same(t, m.Category, m.Volume, sum(stages, "sent", "", m.Category))
		same(t, m.Category+" clicked", m.Counts.Clicked, sum(stages, "clicked", "", m.Category))
	}
	if len(r.Channels) == 0 {
		for _, m := range a.TemplateMetrics {
			same(t, m.TemplateID, m.Volume, sum(w.between(catalog.TemplateStages, span), "sent", m.TemplateID))
		}
		for _, f := range a.EngagementPatterns.Fatigue {
			same(t, f.RecentSends, f.Volume, sum(w.between(catalog.FrequencyStages, span), "sent", f.RecentSends))
		}
	}
	for _, h := range a.EngagementPatterns.SendHours {
		same(t, fmt.Sprint(h.Weekday, h.Hour), h.Volume,
			sum(w.between(catalog.SendHourStages, span), "sent", h.Weekday, fmt.Sprint(h.Hour)))
		if r := h.OpenRate; r.Value != nil || r.Reason != "opened is not counted in this breakdown" {
			t.Errorf("opens are not counted by send hour: %+v", r)
		}
	}
	if s := a.SystemPerformance; s.RetryRate.Value != nil {
		retries, sent := sum(w.between(catalog.Retries, span)), sum(stages, "sent")
		same(t, "retries", s.RetryRate, retries/sent)
		errors := sum(w.between(catalog.Errors, span))
		same(t, "errors", s.ErrorRate, errors/(errors+sum(stages, "delivered")))
	}
}

func same(t *testing.T, what string, f Figure, wanted float64) {
	t.Helper()
	if f.Value == nil {
		t.Errorf("%s: nothing, because %s; counted were %v", what, f.Reason, wanted)
	} else if math.Abs(*f.Value-wanted) > 1e-6*math.Abs(wanted) || wanted == math.Trunc(wanted) && *f.Value != wanted {
		t.Errorf("%s: %v, counted were %v", what, *f.Value, wanted)
	}
}

// wholes compares sums of parts with the whole.
func wholes(t *testing.T, a *Analytics, r Request) {
	t.Helper()
	total := *a.TotalNotifications.Value
	parts := map[string]float64{}
	for _, b := range a.Series {
		parts["series"] += b.Sent
	}
	for _, m := range a.ChannelMetrics {
		parts["channel_metrics"] += *m.Volume.Value
	}
	for _, m := range a.CategoryMetrics {
		parts["category_metrics"] += *m.Volume.Value
	}
	for _, m := range a.TemplateMetrics {
		parts["template_metrics"] += *m.Volume.Value
	}
	for _, f := range a.EngagementPatterns.Fatigue {
		parts["fatigue"] += *f.Volume.Value
	}
	for _, h := range a.EngagementPatterns.SendHours {
		parts["send_hours"] += *h.Volume.Value
	}
	for name, withheld := range a.Withheld {
		_, shown := parts[name]
		says := slices.Contains(a.Notes, "no group of "+name+" is published: "+withheld.Reason)
		if name == "template_metrics" && shown == says {
			t.Errorf("templates are published: %v; the notes are %q", shown, a.Notes)
		}
		parts[name] += *withheld.Counts.Sent.Value
	}
	for _, name := range []string{
		"series", "channel_metrics", "category_metrics", "template_metrics", "fatigue", "send_hours",
	} {
		if a.Sections[name].State == query.NoData || strings.Contains(name, "hours") && len(r.Channels) > 0 {
			continue
		}
		if _, known := parts[name]; !known && len(r.Channels)+len(r.Categories) > 0 {
			continue
		}
		if parts[name] != total {
			t.Errorf("%s add up to %v, the total is %v", name, parts[name], total)
		}
	}
	if at := a.Series[0].From; !at.Equal(a.TimeRange.From) {
		t.Errorf("the series begins at %s", at)
	}
	for i, b := range a.Series[1:] {
		if !b.From.Equal(a.Series[i].To) {
			t.Errorf("a bucket ends at %s, the next begins at %s", a.Series[i].To, b.From)
		}
	}
}
