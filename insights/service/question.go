package service

import (
	"context"
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

func newQuestion[T any](
	name string, now func() time.Time, ask func(context.Context) (T, query.Status),
) *question[T] {
	waiting := query.Status{State: query.NoData, Reason: "it has not been asked yet"}
	return &question[T]{name: name, ask: ask, now: now, state: state{name: name, status: waiting, since: now()}}
}

// refresh asks once. An answer that is not fresh does not replace the one before.
func (q *question[T]) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	began := q.now()
	answer, status := q.ask(ctx)
	ended := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.state.asked++
	q.state.status, q.state.took = status, ended.Sub(began)
	if !fresh(status) {
		q.state.failures++
		return
	}
	q.last, q.state.answered, q.state.since = answer, ended, ended
}

// shown returns the answer unless it is withdrawn, and the state in any case.
func (q *question[T]) shown() (answer T, s state, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ok = !q.state.answered.IsZero() && q.now().Sub(q.state.answered) < withdrawAfter
	if ok {
		answer = q.last
	}
	return answer, q.state, ok
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
