package service

import (
	"bytes"
	"fmt"
	"net/http"

	"belfry/exporter/mask"
	"belfry/insights/analytics"
	"belfry/insights/anomaly"
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
		d.Problems = append(d.Problems, page.Sentence(data.Reason))
	}
	if _, planned := s.plans.get(); planned.State != query.OK {
		d.Problems = append(d.Problems, page.Sentence(planned.Reason))
	}
	d.Overview = s.pageOverview()
	d.Experiments = pageSection(s.experiments, pageExperiments)
	d.Anomalies = pageSection(s.anomalies, func(r anomaly.Report) page.Section[page.Watch] {
		return sectionOf(r.Status, r.Series, pageWatch, r.Queries)
	})
	d.Forecasts = pageSection(s.forecasts, func(r forecast.Report) page.Section[page.Forecast] {
		return sectionOf(r.Status, r.Series, pageForecast, r.Queries)
	})
	d.Recommendations = pageSection(s.recommendations, func(r recommend.Report) page.Section[page.Recommendation] {
		return sectionOf(r.Status, s.withWinners(r).Recommendations, page.OfRecommendation, r.Queries)
	})
	return d
}

// pageSection returns the section of a question, or why it has none.
func pageSection[T, I any](q *question[T], draw func(T) page.Section[I]) page.Section[I] {
	answer, s, ok := q.shown()
	if !ok {
		return page.Section[I]{Failed: s.asked > 0, Note: page.Sentence(s.status.Reason)}
	}
	section := draw(answer)
	if !fresh(s.status) {
		section.Note = page.Sentence(fmt.Sprintf("this is of %s and could not be refreshed: %s",
			s.answered.UTC().Format("15:04 UTC"), s.status.Reason))
	}
	return section
}

// sectionOf draws the items of an answer, with what a reader must know of it.
func sectionOf[T, I any](s query.Status, all []T, draw func(T) I, queries []string) page.Section[I] {
	section := page.Section[I]{Note: page.Sentence(s.Reason), Queries: queries}
	for _, one := range all {
		section.Items = append(section.Items, draw(one))
	}
	return section
}

// pageOverview returns the overview, whose section may come with another note.
func (s *Service) pageOverview() page.Overview {
	var o page.Overview
	o.Section = pageSection(s.summary, func(a *analytics.Analytics) page.Section[page.Figure] {
		o = page.OfAnalytics(a)
		return o.Section
	})
	return o
}
