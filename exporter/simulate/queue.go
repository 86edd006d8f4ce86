package simulate

import "container/heap"

// queue holds the lifecycles that have steps to come, ordered by their next step, and
// among equals by age.
type queue []*lifecycle

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.due != b.due {
		return a.due < b.due
	}
	return a.number < b.number
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push and Pop implement heap.Interface.
func (q *queue) Push(l any) { *q = append(*q, l.(*lifecycle)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	l := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return l
}

// schedule adds a planned lifecycle to the queue. If its only event is lost, or its last
// one comes before the simulation begins, it is over.
func (s *Simulator) schedule(l *lifecycle) {
	l.sortSteps()
	if n := len(l.steps); n == 0 || l.steps[n-1].received < s.from {
		s.release(l)
		return
	}
	l.due = l.steps[0].received
	heap.Push(&s.pending, l)
}

// advance moves on from the first lifecycle's step, which is the present event.
func (s *Simulator) advance() {
	l := s.pending[0]
	if l.next++; int(l.next) < len(l.steps) {
		l.due = l.steps[l.next].received
		heap.Fix(&s.pending, 0)
		return
	}
	heap.Pop(&s.pending)
	if s.truth != nil {
		s.truth.Done(&s.event)
	}
	s.release(l)
}

// newLifecycle takes the next number and sets the dice to its point.
func (s *Simulator) newLifecycle(t int64) *lifecycle {
	l := &lifecycle{}
	if last := len(s.free) - 1; last >= 0 {
		l, s.free = s.free[last], s.free[:last]
		*l = lifecycle{steps: l.steps[:0]}
	}
	l.number, l.begun = s.started, t
	l.key = mix(s.seedOf(ofLifecycles), l.number)
	s.started++
	s.dice.at(l.key, 0)
	return l
}

// release keeps a lifecycle that is over for reuse.
func (s *Simulator) release(l *lifecycle) { s.free = append(s.free, l) }
