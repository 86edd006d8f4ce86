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
	const size = maxSets / 2
	var counts Matrix
	for i := range size {
		counts.Series = append(counts.Series, Series{Labels{"a": fmt.Sprint(i)}, []Point{{now, 1}}})
	}
	of := Vector{Values: []Value{{Labels{"a": "b"}, 1}}}
	seal := of.digest()
	for n := range 2*maxKept/size + 1 {
		key := rangeQuestion{question: question{"q", int64(n)}}
		p.keep(key, seal, counts, now)
		p.keep(key, seal, counts, now) // once more, which does not add up
		if _, ok := p.find(key, seal, now); !ok {
			t.Fatalf("%d is not kept", n)
		}
		if p.values > maxKept || p.values != len(p.kept)*size || len(p.labels) > maxSets {
			t.Fatalf("%d values of %d questions, %d label sets", p.values, len(p.kept), len(p.labels))
		}
	}
	last := rangeQuestion{question: question{"q", 2 * maxKept / size}}
	if _, ok := p.find(last, seal, now.Add(keptFor)); ok {
		t.Error("kept for too long")
	}
	of.Values[0].Value++
	if _, ok := p.find(last, of.digest(), now); ok {
		t.Error("kept with another seal")
	}
}
