package service

import (
	"encoding/json"
	"net/http"

	"belfry/insights/query"
)

// Problem is the body of an error, by RFC 9457.
type Problem struct {
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status" doc:"HTTP status code"`
	Detail string `json:"detail" doc:"What is wrong, and what to do"`
	// State is empty if the request is wrong.
	State query.State `json:"state,omitempty" doc:"Why there is no answer, in a word"`
}

const problemType = "application/problem+json"

func newProblem(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

// unanswered returns the problem of a question that has no answer for the reason.
func unanswered(s query.Status) *Problem {
	p := newProblem(http.StatusServiceUnavailable, s.Reason)
	p.State = s.State
	return p
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter: an error is JSON, whatever was asked for.
func (p *Problem) ContentType(string) string { return problemType }

// write sends the problem.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", problemType)
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}
