package query

import (
	"fmt"
	"testing"
	"time"
)

// What is kept is bounded, and forgotten in time.
func TestPastIsBounded(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	p := newPast()
	sums := Vector{Values: make([]Value, maxSets/2)}
	for i := range sums.Values {
		sums.Values[i] = Value{Labels{"a": fmt.Sprint(i)}, 1}
	}
	seal := sums.digest()
	for n := range 2*maxKept/len(sums.Values) + 1 {
		key := question{"q", int64(n)}
		p.keep(key, seal, sums, now)
		p.keep(key, seal, sums, now) // once more, which does not add up
		if _, ok := p.find(key, seal, now); !ok {
			t.Fatalf("%d is not kept", n)
		}
		if p.values > maxKept || p.values != len(p.kept)*len(sums.Values) || len(p.labels) > maxSets {
			t.Fatalf("%d values of %d questions, %d label sets", p.values, len(p.kept), len(p.labels))
		}
	}
	last := question{"q", int64(2 * maxKept / len(sums.Values))}
	if _, ok := p.find(last, seal, now.Add(keptFor)); ok {
		t.Error("kept for too long")
	}
	sums.Values[0].Value++
	if _, ok := p.find(last, sums.digest(), now); ok {
		t.Error("kept with another seal")
	}
}
