package query

import (
	"sync"
	"time"
)

// memory keeps answers for one question that is composed of many.
type memory struct {
	instants answers[question, Vector]
	ranges   answers[rangeQuestion, Matrix]
	summed   map[stretch]bool // guarded by the grid, also of those that have no sums
}

// question is an instant query.
type question struct {
	promQL string
	at     int64 // in Unix nanoseconds
}

// rangeQuestion is a query over a range.
type rangeQuestion struct {
	question
	until int64 // in Unix nanoseconds
	step  time.Duration
}

// answers keeps answers by their questions.
type answers[Q comparable, A any] struct {
	sync.Mutex
	all map[Q]*remembered[A]
}

// remembered is the answer to a question, known after somebody has asked.
type remembered[A any] struct {
	sync.Mutex
	known  bool
	answer A
}

// Remembering returns a Source that sends each query once, and then answers from memory:
// for one question that is composed of many, in which they recur. What was counted in
// whole months is kept for later questions, as long as the seal is what it was. It
// shares the limits of the Source. Do not keep it, since it forgets nothing.
func (s *Source) Remembering(seal Seal) *Source {
	own := *s
	own.memory, own.seal = &memory{summed: map[stretch]bool{}}, seal
	own.memory.instants.all = map[question]*remembered[Vector]{}
	own.memory.ranges.all = map[rangeQuestion]*remembered[Matrix]{}
	return &own
}

// recall returns what is known, or asks. Who needs the same answer meanwhile waits; an
// error is not kept. Callers share the answer, and must not change it.
func (m *answers[Q, A]) recall(of Q, ask func() (A, error)) (A, error) {
	m.Lock()
	one := m.all[of]
	if one == nil {
		one = new(remembered[A])
		m.all[of] = one
	}
	m.Unlock()
	one.Lock()
	defer one.Unlock()
	if one.known {
		return one.answer, nil
	}
	answer, err := ask()
	one.known, one.answer = err == nil, answer
	return answer, err
}
