package service

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belfry/exporter/daemon"
	"belfry/insights/analytics"
	"belfry/insights/query"
)

// Health says whether the service can be relied upon.
type Health struct {
	Status query.Status `json:"status" doc:"The worst of the data and of all questions"`
	At     time.Time    `json:"at" doc:"Time of the answer"`
	// DataAge is nil if no sample is known.
	DataAge   *float64         `json:"data_age_seconds" doc:"Age of the newest data in Prometheus"`
	Newest    *time.Time       `json:"newest_data" doc:"Time of the newest data in Prometheus"`
	Data      query.Status     `json:"data" doc:"Whether Prometheus answers, and with fresh data"`
	Questions []QuestionHealth `json:"questions" doc:"What is answered again and again"`
	Plans     query.Status     `json:"plans" doc:"Whether the file of plans is in force; if not, the plans before are"`
	Version   string           `json:"version" doc:"Version of the program"`
	// System is nil while the overview is not known.
	System *analytics.System `json:"system" doc:"How the platform performed in the last week"`
}

// QuestionHealth says whether a question is answered.
type QuestionHealth struct {
	Question string       `json:"question"`
	Status   query.Status `json:"status" doc:"Result of the last attempt"`
	Answered *time.Time   `json:"answered" doc:"When the present answer was computed; null if there is none"`
	Took     float64      `json:"refresh_seconds" doc:"Time that the last attempt took"`
	Attempts int          `json:"attempts" doc:"Since the start"`
	Failures int          `json:"failures" doc:"Since the start"`
}

func (s *Service) registerHealth(a *api) {
	d := describe{
		name: "health", summary: "Whether the service can be relied upon",
		about: "Answers 503 while Prometheus does not answer, its data is stale, or a question is not answered.",
	}
	register(a, d, func(context.Context, *struct{}) (int, Health, *Problem) {
		h := s.health()
		if !fresh(h.Status) || h.Data.State == query.NoData {
			return http.StatusServiceUnavailable, h, nil
		}
		return http.StatusOK, h, nil
	})
	responses := a.operations[apiPath+d.name].Responses
	responses["503"] = &huma.Response{Description: "It cannot, for the reason", Content: responses["200"].Content}
}

func (s *Service) health() Health {
	version, _, _ := daemon.Version()
	h := Health{At: s.o.Now().UTC(), Version: version, Questions: []QuestionHealth{}}
	h.DataAge, h.Newest, h.Data = s.dataAge()
	_, h.Plans = s.plans.get()
	all := []query.Status{h.Data}
	for _, q := range s.questions {
		state := q.current()
		health := QuestionHealth{
			Question: state.name, Status: state.status, Took: state.took.Seconds(),
			Attempts: state.asked, Failures: state.failures,
		}
		if !state.answered.IsZero() {
			health.Answered = new(state.answered.UTC())
		}
		h.Questions = append(h.Questions, health)
		if state.status.State != query.NoData { // it is answered: there is nothing
			all = append(all, state.status)
		}
	}
	if overview, _, ok := s.summary.shown(); ok && overview != nil {
		h.System = &overview.SystemPerformance
	}
	h.Status = query.Worst(all...)
	return h
}

// ready reports whether each question has been asked once, whatever the answer.
func (s *Service) ready() (ok bool, why string) {
	for _, q := range s.questions {
		if state := q.current(); state.asked == 0 {
			return false, "it asks Prometheus about " + state.name
		}
	}
	return true, ""
}
