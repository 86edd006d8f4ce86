package service

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/scrape"
)

func (s *Service) newGatherer() *scrape.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return scrape.New(s.o.Log, registry, s.families)
}

// families returns the answers as series, and those about the service itself.
func (s *Service) families() []*dto.MetricFamily {
	l := newLimited()
	s.addExperiments(l)
	s.addAnomalies(l)
	s.addForecasts(l)
	s.addRecommendations(l)
	s.addReports(l)
	s.addRefreshes(l)
	for name, n := range l.leftOut {
		l.families.Add(catalog.InsightsSetsLeftOut, float64(n), name)
	}
	return l.families.List()
}

// addRefreshes adds what is known of the refreshes, and of the program.
func (s *Service) addRefreshes(to *limited) {
	version, revision, goVersion := daemon.Version()
	to.add(catalog.BuildInfo, 1, version, revision, goVersion)
	if seconds, _, _ := s.dataAge(); seconds != nil {
		to.add(catalog.InsightsDataAge, *seconds)
	}
	for _, q := range s.questions {
		state := q.current()
		to.add(catalog.InsightsAnswerAge, s.o.Now().Sub(state.since).Seconds(), state.name)
		to.add(catalog.InsightsRefreshFailures, float64(state.failures), state.name)
		if state.asked > 0 {
			to.add(catalog.InsightsRefresh, state.took.Seconds(), state.name)
		}
	}
}
