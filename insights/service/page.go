package service

import (
	"bytes"
	"fmt"
	"net/http"

	"belfry/exporter/mask"
	"belfry/insights/analytics"
	"belfry/insights/anomaly"
	"belfry/insights/display"
	"belfry/insights/forecast"
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
		Now: s.o.Now().UTC(), Server: mask.Address(s.o.Prometheus),
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
		d.Problems = append(d.Problems, display.Sentence(data.Reason))
	}
	if _, planned := s.plans.get(); planned.State != query.OK {
		d.Problems = append(d.Problems, display.Sentence(planned.Reason))
	}
	d.Overview = s.pageOverview()
	d.Experiments = pageSection(s.experiments, pageExperiments)
	d.Anomalies = pageSection(s.anomalies, func(r anomaly.Report) display.Section[display.Watch] {
		return sectionOf(r.Status, r.Series, display.OfWatch, r.Queries)
	})
	d.Forecasts = pageSection(s.forecasts, func(r forecast.Report) display.Section[display.Forecast] {
		return sectionOf(r.Status, r.Series, display.OfForecast, r.Queries)
	})
	type advice = display.Section[display.Recommendation]
	d.Recommendations = pageSection(s.recommendations, func(r recommend.Report) advice {
		return sectionOf(r.Status, s.withWinners(r).Recommendations, display.OfRecommendation, r.Queries)
	})
	return d
}

// pageSection returns the section of a question, or why it has none.
func pageSection[T, I any](q *question[T], draw func(T) display.Section[I]) display.Section[I] {
	answer, s, ok := q.shown()
	if !ok {
		return display.Section[I]{Failed: s.asked > 0, Note: display.Sentence(s.status.Reason)}
	}
	section := draw(answer)
	if !fresh(s.status) {
		section.Note = display.Sentence(fmt.Sprintf("this is of %s and could not be refreshed: %s",
			s.answered.UTC().Format("15:04 UTC"), s.status.Reason))
	}
	return section
}

// sectionOf draws the items of an answer, with what a reader must know of it.
func sectionOf[T, I any](s query.Status, all []T, draw func(T) I, queries []string) display.Section[I] {
	section := display.Section[I]{Note: display.Sentence(s.Reason), Queries: queries}
	for _, one := range all {
		section.Items = append(section.Items, draw(one))
	}
	return section
}

// pageOverview returns the overview, whose section may come with another note.
func (s *Service) pageOverview() display.Overview {
	var o display.Overview
	o.Section = pageSection(s.summary, func(a *analytics.Analytics) display.Section[display.Figure] {
		o = display.OfAnalytics(a)
		return o.Section
	})
	return o
}
