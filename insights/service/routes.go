package service

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"belfry/exporter/daemon"
	"belfry/insights/display"
	"belfry/insights/query"
)

// routes returns the handler of everything. No request has a body.
func (s *Service) routes() http.Handler {
	a := newRoutes(s)
	gatherer := s.newGatherer()
	pages := daemon.Pages{
		Home:   a.answers.encoded(http.HandlerFunc(s.servePage)),
		Title:  "Belfry insights",
		About:  "What the counts of notifications say: experiments, anomalies, forecasts, recommendations.",
		Status: s.status, ReadyMeans: "each question has been asked once", Ready: s.ready,
		Reload: s.Reload, Metrics: gatherer.Handler(gatherer), Lifecycle: s.o.Lifecycle,
		Log: s.o.Log,
	}
	for _, path := range slices.Sorted(maps.Keys(a.operations)) {
		pages.Links = append(pages.Links, daemon.Link{Path: path[1:], Name: path, About: a.operations[path].Summary})
	}
	mux, operations := pages.Mux(), a.handler()
	for _, pattern := range []string{apiPath, "/openapi.json", "/openapi.yaml"} {
		mux.Handle(pattern, operations)
	}
	return http.MaxBytesHandler(mux, 0)
}

// newRoutes returns the operations of the service.
func newRoutes(s *Service) *api {
	a := newAPI(s.o.Now, s.o.Log)
	s.registerAnalytics(a)
	s.registerExperiments(a)
	s.registerWatched(a)
	s.registerRecommendations(a)
	s.registerHealth(a)
	return a
}

// status returns what the landing page says.
func (s *Service) status() []daemon.Line {
	seconds, _, data := s.dataAge()
	line := daemon.Line{OK: data.State == query.OK, Text: data.Reason}
	if seconds != nil && line.OK {
		line.Text = fmt.Sprintf("The newest data is %.0f s old.", *seconds)
	}
	lines := []daemon.Line{line}
	for _, q := range s.questions {
		state := q.current()
		lines = append(lines, daemon.Line{OK: fresh(state.status), Text: state.name + ": " + state.status.Reason})
	}
	if _, planned := s.plans.get(); planned.State != query.OK {
		lines = append(lines, daemon.Line{Text: display.Sentence(planned.Reason)})
	}
	return lines
}
