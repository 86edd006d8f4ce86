package service

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"belfry/insights/query"
)

const (
	// refreshTimeout bounds one attempt to answer a question.
	refreshTimeout = time.Minute
	// withdrawAfter is the age at which an answer is no longer shown. The alert
	// InsightsStale has the same threshold.
	withdrawAfter = 15 * time.Minute
)

// question is asked again and again. It keeps the last answer. It is safe for
// concurrent use.
type question[T any] struct {
	name string
	// ask computes the answer, and says how far it can be trusted.
	ask func(context.Context) (T, query.Status)
	now func() time.Time
	log *slog.Logger

	mu    sync.Mutex
	last  T
	state state
}

// state describes the refreshes of a question.
type state struct {
	name string
	// status is that of the last refresh.
	status query.Status
	// answered says when the answer was computed that is kept, zero if there is none.
	answered time.Time
	// since says since when there is no fresh answer: the last one, or the start.
	since    time.Time
	took     time.Duration
	asked    int
	failures int
}

// fresh reports whether an answer of that status is worth keeping.
func fresh(s query.Status) bool {
	return s.State == query.OK || s.State == query.Partial || s.State == query.NoData
}

// newQuestion adds a question to those of the service.
func newQuestion[T any](s *Service, name string, ask func(context.Context) (T, query.Status)) *question[T] {
	waiting := query.Status{State: query.NoData, Reason: "it has not been asked yet"}
	q := &question[T]{
		name: name, ask: ask, now: s.o.Now, log: s.o.Log, state: state{name: name, status: waiting, since: s.o.Now()},
	}
	s.questions = append(s.questions, q)
	return q
}

// refresh asks once. An answer from stale data replaces the one before, but does not
// count as a fresh one. Where there is no answer, the one before stays.
func (q *question[T]) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	began := q.now()
	answer, status := q.attempt(ctx)
	ended := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.state.asked++
	q.state.status, q.state.took = status, ended.Sub(began)
	switch {
	case fresh(status):
		q.last, q.state.answered, q.state.since = answer, ended, ended
	case status.State == query.Stale: // the answer says so, and draws no conclusions
		q.last, q.state.answered = answer, ended
	default:
		q.state.failures++
	}
}

// attempt asks, and survives a panic of a computation.
func (q *question[T]) attempt(ctx context.Context) (answer T, status query.Status) {
	defer func() {
		if p := recover(); p != nil {
			status = query.Status{State: query.Failed, Reason: "an error in Belfry, see its log"}
			q.log.Error("panic while answering", "question", q.name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return q.ask(ctx)
}

// shown returns the answer unless it is withdrawn, and the state in any case.
func (q *question[T]) shown() (answer T, s state, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ok = !q.state.answered.IsZero() && q.now().Sub(q.state.since) < withdrawAfter
	if ok {
		answer = q.last
	}
	return answer, q.state, ok
}

// answerOf returns what the API answers for a question: its answer, with the status of
// the last attempt if that failed, or why there is none.
func answerOf[T any](q *question[T], status func(*T) *query.Status) (T, *Problem) {
	answer, s, ok := q.shown()
	if !ok {
		return answer, unanswered(s.status)
	}
	if !fresh(s.status) && s.status.State != query.Stale {
		*status(&answer) = query.Status{State: query.Stale,
			Reason: fmt.Sprintf("the answer is of %s, and could not be refreshed: %s",
				s.answered.UTC().Format(time.RFC3339), s.status.Reason)}
	}
	return answer, nil
}

// current returns the state.
func (q *question[T]) current() state {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.state
}

// asker stands for a question, whatever its answer.
type asker interface {
	refresh(context.Context)
	current() state
}
