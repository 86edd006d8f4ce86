package query

import (
	"context"
	"sync"
	"time"
)

// memory keeps the answers to instant queries.
type memory struct {
	sync.Mutex
	answers map[question]*remembered
	marks   map[int64]mark // guarded by the grid, also of times without any
}

type question struct {
	promQL string
	at     int64 // in Unix nanoseconds
}

// remembered is the answer to a question, known after somebody has asked.
type remembered struct {
	sync.Mutex
	known  bool
	answer Vector
}

// Remembering returns a Source that sends each instant query once, and then answers from
// memory: for one question that is composed of many, in which they recur. What was counted
// in whole months is kept for later questions, as long as the seal is what it was. It
// shares the limits of the Source. Do not keep it, since it forgets nothing.
func (s *Source) Remembering(seal Seal) *Source {
	own := *s
	own.memory, own.seal = &memory{answers: map[question]*remembered{}, marks: map[int64]mark{}}, seal
	return &own
}

// recall returns what the memory knows, or asks. Who needs the same answer meanwhile
// waits; an error is not kept.
func (m *memory) recall(
	ctx context.Context, promQL string, at time.Time, ask func(context.Context, string, time.Time) (Vector, error),
) (Vector, error) {
	m.Lock()
	key := question{promQL, at.UnixNano()}
	one := m.answers[key]
	if one == nil {
		one = new(remembered)
		m.answers[key] = one
	}
	m.Unlock()
	one.Lock()
	defer one.Unlock()
	if one.known {
		return one.answer, nil
	}
	v, err := ask(ctx, promQL, at)
	one.known, one.answer = err == nil, v
	return v, err
}
