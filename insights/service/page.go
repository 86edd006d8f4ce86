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
		Now: s.o.Now().UTC(), Server: redacted(s.o.Prometheus),
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
	d.Experiments = pageSection(s.experiments, pageExperiments)
	d.Anomalies = pageSection(s.anomalies, pageAnomalies)
	d.Forecasts = pageSection(s.forecasts, pageForecasts)
	d.Recommendations = pageSection(s.recommendations, func(r recommend.Report) page.Section[page.Recommendation] {
		section := page.Section[page.Recommendation]{Note: note(r.Status), Queries: r.Queries}
		for _, one := range s.withWinners(r).Recommendations {
			section.Items = append(section.Items, page.OfRecommendation(one))
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

// pageOverview returns the overview, whose section may come with another note.
func (s *Service) pageOverview() page.Overview {
	var o page.Overview
	o.Section = pageSection(s.summary, func(a *analytics.Analytics) page.Section[page.Figure] {
		o = page.OfAnalytics(a)
		return o.Section
	})
	return o
}
