package exposure

import (
	"testing"

	"belfry/exporter/state"
)

func TestAGateOpensAtItsTarget(t *testing.T) {
	shown := state.Place{Created: 1, Sequence: 10, Hash: 7}
	for name, c := range map[string]struct {
		do      func(*Gate)
		reached uint64 // the first sequence at which it opens; 0 never
		altered bool
	}{
		"at the target":                {func(*Gate) {}, 10, false},
		"without a target":             {func(g *Gate) { g.Target = state.Place{} }, 0, false},
		"open already":                 {func(g *Gate) { g.Open = true }, 0, false},
		"lost on the way back":         {func(g *Gate) { g.Lost(4) }, 10, true},
		"lost beyond it":               {func(g *Gate) { g.Lost(10) }, 10, false},
		"lost at first sight":          {func(g *Gate) { g.Target.Hash = 0; g.Lost(4) }, 10, false},
		"its message is gone":          {func(g *Gate) { g.Lower(at(8)) }, 8, true},
		"a first sight's end is gone":  {func(g *Gate) { g.Target.Hash = 0; g.Lower(at(8)) }, 8, false},
		"the target is where it was":   {func(g *Gate) { g.Lower(at(10)) }, 10, false},
		"lowered when nothing is shut": {func(g *Gate) { g.Open = true; g.Lower(at(8)) }, 0, false},
	} {
		gate := &Gate{Target: shown}
		c.do(gate)
		first := uint64(0)
		for sequence := uint64(11); sequence > 0; sequence-- {
			if gate.Reached(sequence) {
				first = sequence
			}
		}
		if first != c.reached || gate.Altered != c.altered {
			t.Errorf("%s: opens at %d, altered %v; want %d, %v", name, first, gate.Altered, c.reached, c.altered)
		}
	}
}
