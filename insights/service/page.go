package service

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"belfry/insights/analytics"
	"belfry/insights/page"
	"belfry/insights/query"
	"belfry/insights/recommend"
)

// servePage answers with the page.
func (s *Service) servePage(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := page.Render(&b, s.pageData()); err != nil {
		s.o.Log.Error("cannot draw the page", "err", err)
		http.Error(w, "an error in Belfry, see its log", http.StatusInternalServerError)
		return
	}
	page.SetHeaders(w.Header())
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// pageData collects what the page shows.
func (s *Service) pageData() page.Data {
	d := page.Data{
		Now: s.o.now().UTC(), Server: redacted(s.o.Prometheus),
		Links: []page.Link{
			{Path: "openapi.json", Name: "API"}, {Path: "api/v1/analytics?format=csv", Name: "Analytics as CSV"},
			{Path: "status", Name: "Status"}, {Path: "metrics", Name: "Metrics"},
		},
	}
	_, newest, data := s.dataAge()
	if newest != nil {
		d.Newest, d.Stale = *newest, data.State != query.OK
	}
	if data.State != query.OK {
		d.Problems = append(d.Problems, sentence(data.Reason))
	}
	d.Overview = s.pageOverview()
	d.Recommendations = pageSection(s.recommendations, func(r recommend.Report) page.Section[page.Recommendation] {
		section := page.Section[page.Recommendation]{Note: note(r.Status), Queries: r.Queries}
		for _, one := range r.Recommendations {
			section.Items = append(section.Items, pageRecommendation(one))
		}
		return section
	})
	return d
}

// redacted returns an address without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "Prometheus"
	}
	return u.Redacted()
}

// sentence returns a reason as a sentence.
func sentence(reason string) string {
	if reason == "" {
		return ""
	}
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// note returns what a reader must know of an answer.
func note(s query.Status) string { return sentence(s.Reason) }

// pageSection returns the section of a question, or why it has none.
func pageSection[T, I any](q *question[T], draw func(T) page.Section[I]) page.Section[I] {
	answer, s, ok := q.shown()
	if !ok {
		return page.Section[I]{Failed: s.asked > 0, Note: sentence(s.status.Reason)}
	}
	section := draw(answer)
	if !fresh(s.status) {
		section.Note = fmt.Sprintf("This is of %s and could not be refreshed: %s.",
			s.answered.UTC().Format("15:04 UTC"), s.status.Reason)
	}
	return section
}

func (s *Service) pageOverview() page.Overview {
	var o page.Overview
	o.Section = pageSection(s.summary, func(a *analytics.Analytics) page.Section[page.Figure] {
		o.From, o.To = a.TimeRange.From, a.TimeRange.To
		for _, c := range a.ChannelMetrics {
			o.Channels = append(o.Channels, page.Channel{Name: c.Channel, Figures: []page.Figure{
				figure("Sent", page.Count, page.NotJudged, c.Volume),
				figure("Delivered", page.Share, page.Up, c.Delivery),
				figure("Engaged", page.Share, page.Up, c.Engagement),
				figure("Errors", page.Share, page.Down, c.ErrorRate),
				figure("Time to deliver", page.Seconds, page.Down, c.AverageDeliveryTime),
			}})
		}
		return page.Section[page.Figure]{Note: note(a.Status), Items: totals(a), Queries: a.Queries}
	})
	return o
}

// totals returns the figures of all channels, with their course over the period.
func totals(a *analytics.Analytics) []page.Figure {
	course := func(f page.Figure, value func(analytics.Bucket) *float64) page.Figure {
		for _, b := range a.Series {
			f.History = append(f.History, page.Point{At: b.From, Value: value(b)})
		}
		return f
	}
	return []page.Figure{
		course(figure("Notifications sent", page.Count, page.NotJudged, a.TotalNotifications),
			func(b analytics.Bucket) *float64 { return &b.Sent }),
		course(figure("Delivered", page.Share, page.Up, a.Delivery),
			func(b analytics.Bucket) *float64 { return b.DeliveryRate }),
		course(figure("Opened", page.Share, page.Up, a.Open),
			func(b analytics.Bucket) *float64 { return b.OpenRate }),
		course(figure("Clicked", page.Share, page.Up, a.Click),
			func(b analytics.Bucket) *float64 { return b.ClickRate }),
		course(figure("Converted", page.Share, page.Up, a.Conversion),
			func(b analytics.Bucket) *float64 { return b.ConversionRate }),
	}
}

func figure(name string, unit page.Unit, good page.Good, f analytics.Figure) page.Figure {
	return page.Figure{Name: name, Unit: unit, Good: good, Value: f.Value, Previous: f.Previous, Reason: f.Reason}
}

func pageRecommendation(r recommend.Recommendation) page.Recommendation {
	p := page.Recommendation{
		Kind: r.Kind, Subject: r.Subject, Text: r.Text, Evidence: r.Evidence, Basis: r.Basis, Queries: r.Queries,
		Effect: estimated("Difference", page.Points, &r.Effect),
	}
	if r.Rate != nil {
		p.Rate = new(estimated("Rate", page.Share, r.Rate))
	}
	if r.RestRate != nil {
		p.Rest = new(estimated("Others", page.Share, r.RestRate))
	}
	if r.GainPerMonth != nil {
		p.Gain = new(estimated("Gain per month", page.Count, r.GainPerMonth))
	}
	if r.Test != nil {
		p.Test = fmt.Sprintf("%d users per arm, %d in all", r.Test.PerArm, r.Test.Total)
	}
	return p
}

func estimated(name string, unit page.Unit, e *recommend.Estimate) page.Figure {
	return page.Figure{
		Name: name, Unit: unit, Value: &e.Value,
		Range: &page.Range{Low: e.Low, High: e.High, Level: "90 % interval"},
	}
}
