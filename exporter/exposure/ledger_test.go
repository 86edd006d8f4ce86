package exposure

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/state"
)

var stages = catalog.Stages.Family

func open(t *testing.T, dir string, hold time.Duration) *Ledger {
	t.Helper()
	l, err := Open(dir, hold, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func at(sequence uint64) state.Place { return state.Place{Created: 1, Sequence: sequence} }

// vouch shows n series at a time, in seconds, and returns how many of them show
// their values.
func vouch(t *testing.T, l *Ledger, n int, seconds int64) int {
	t.Helper()
	hold := l.Hold()
	if !l.Vouch(at(uint64(seconds)), hold, seconds*1e9) {
		t.Fatalf("not vouched for at %d s", seconds)
	}
	return hold.Released(stages, n, seconds*1e9)
}

func TestANewSeriesIsHeldAndThenReleased(t *testing.T) {
	l := open(t, t.TempDir(), 30*time.Second)
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 2})
	for _, step := range []struct {
		seconds  int64
		series   int
		released int
	}{
		{0, 2, 2},  // were there before anybody looked
		{10, 3, 2}, // first shown at 10 s
		{20, 4, 2},
		{39, 4, 2},
		{40, 4, 3},
		{49, 4, 3},
		{50, 5, 4},
		{79, 5, 4},
		{80, 5, 5},
	} {
		if got := vouch(t, l, step.series, step.seconds); got != step.released {
			t.Errorf("at %d s %d of %d series show their values, want %d", step.seconds, got, step.series, step.released)
		}
	}
}

func TestWithoutAHoldAllIsShown(t *testing.T) {
	dir := t.TempDir()
	vouch(t, open(t, dir, time.Second), 3, 1)
	if _, err := os.Stat(filepath.Join(dir, state.ReleasedFile)); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, 0)
	if got := vouch(t, l, 3, 2); got != 3 {
		t.Errorf("%d of 3 series show their values", got)
	}
	if _, err := os.Stat(filepath.Join(dir, state.ReleasedFile)); err == nil {
		t.Error("the file of another hold is still there, and would be resumed later")
	}
}

// What a process has released stays released after its end, and what it held is
// held, for the whole time.
func TestALedgerIsContinued(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, 10*time.Second)
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 1})
	vouch(t, l, 2, 1)
	vouch(t, l, 3, 11) // releases the second, and shows the third
	l = open(t, dir, 10*time.Second)
	if got := l.Mark(); got != at(11) {
		t.Errorf("the mark is %v, want %v", got, at(11))
	}
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 3})
	for seconds, want := range map[int64]int{12: 2} {
		if got := vouch(t, l, 3, seconds); got != want {
			t.Errorf("at %d s %d series show their values, want %d", seconds, got, want)
		}
	}
	if got := vouch(t, l, 3, 22); got != 3 {
		t.Errorf("%d series show their values after their time, want 3", got)
	}
}

// Numbers of an earlier beginning are not shown behind those that start over,
// and none of the new ones begins above 0.
func TestNumbersStartOver(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, 10*time.Second)
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 2})
	vouch(t, l, 2, 1)
	before := l.Hold()
	hold, err := l.StartOver()
	if err != nil {
		t.Fatal(err)
	}
	if l.Vouch(at(2), before, 2e9) {
		t.Error("numbers of the earlier beginning are vouched for")
	}
	if hold.ReleaseExisting(map[*catalog.Family]int{stages: 2}); hold.Released(stages, 2, 2e9) != 0 {
		t.Error("a series that starts over begins above 0")
	}
	if resumed := open(t, dir, 10*time.Second).Hold(); resumed.Released(stages, 2, 3e9) != 0 {
		t.Error("a series that starts over begins above 0 in the next process")
	}
	if err := l.Forget(); err != nil {
		t.Fatal(err)
	}
	if mark := open(t, dir, 0).Mark(); mark != (state.Place{}) {
		t.Errorf("the mark is %v after it was forgotten", mark)
	}
}

// The mark rises and never falls, also when a slow scrape comes last; another
// stream has sequences of its own.
func TestTheMarkRises(t *testing.T) {
	l := open(t, t.TempDir(), 0)
	for _, place := range []state.Place{at(5), at(3), at(5)} {
		if !l.Vouch(place, l.Hold(), 0) || l.Mark() != at(5) {
			t.Errorf("after %v the mark is %v", place, l.Mark())
		}
	}
	other := state.Place{Created: 2, Sequence: 1}
	if !l.Vouch(other, l.Hold(), 0) || l.Mark() != other {
		t.Errorf("the mark is %v, want %v", l.Mark(), other)
	}
}

// What cannot be made durable is not shown; the log says so once.
func TestNumbersAreWithheld(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "partition"), &bytes.Buffer{}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir, time.Second, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if l.Vouch(at(1), l.Hold(), 1e9) || !l.Withheld() {
			t.Error("numbers are shown that no file vouches for")
		}
	}
	if n := strings.Count(log.String(), "numbers are withheld"); n != 1 {
		t.Errorf("%d lines say so:\n%s", n, log)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if !l.Vouch(at(1), l.Hold(), 1e9) || l.Withheld() {
		t.Error("numbers are withheld although the directory is there again")
	}
}

func TestADamagedReleasedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, state.ReleasedFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, time.Second, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "is damaged; remove it to go on") {
		t.Errorf("error %v", err)
	}
}

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
