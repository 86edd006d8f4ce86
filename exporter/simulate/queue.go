package simulate

import "container/heap"

// queue holds the lives that have steps to come, the earliest step first and
// among equals the older life.
type queue []*life

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.due != b.due {
		return a.due < b.due
	}
	return a.number < b.number
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push and Pop are for package heap.
func (q *queue) Push(l any) { *q = append(*q, l.(*life)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	l := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return l
}

// schedule puts a planned life into the queue; one whose only event is lost is over.
func (s *Simulator) schedule(l *life) {
	if len(l.steps) == 0 {
		s.release(l)
		return
	}
	l.settle()
	l.due = l.steps[0].received
	heap.Push(&s.pending, l)
}

// advance moves on from the first life's step, which is the present event.
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

// newLife takes the next number and sets the dice to its point.
func (s *Simulator) newLife(t int64) *life {
	l := &life{}
	if last := len(s.free) - 1; last >= 0 {
		l, s.free = s.free[last], s.free[:last]
		*l = life{steps: l.steps[:0]}
	}
	l.number, l.begun = s.lives, t
	l.key = mix(s.seedOf(ofLives), l.number)
	s.lives++
	s.dice.at(l.key, 0)
	return l
}

// release keeps a life that is over for the next one.
func (s *Simulator) release(l *life) { s.free = append(s.free, l) }
