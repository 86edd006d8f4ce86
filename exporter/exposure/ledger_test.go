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

// expose shows n series at a time, in seconds, and returns how many of them show
// their values.
func expose(t *testing.T, l *Ledger, n int, seconds int64) int {
	t.Helper()
	hold := l.Hold()
	if !l.Commit(at(uint64(seconds)), hold, seconds*1e9) {
		t.Fatalf("not shown at %d s", seconds)
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
		{0, 2, 2},  // existed before the first scrape
		{10, 3, 2}, // first shown at 10 s
		{20, 4, 2},
		{39, 4, 2},
		{40, 4, 3},
		{49, 4, 3},
		{50, 5, 4},
		{79, 5, 4},
		{80, 5, 5},
	} {
		if got := expose(t, l, step.series, step.seconds); got != step.released {
			t.Errorf("at %d s %d of %d series show their values, want %d",
				step.seconds, got, step.series, step.released)
		}
	}
}

func TestWithoutAHoldAllIsShown(t *testing.T) {
	dir := t.TempDir()
	expose(t, open(t, dir, time.Second), 3, 1)
	if _, err := os.Stat(filepath.Join(dir, state.ReleasedFile)); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, 0)
	if got := expose(t, l, 3, 2); got != 3 {
		t.Errorf("%d of 3 series show their values", got)
	}
	if _, err := os.Stat(filepath.Join(dir, state.ReleasedFile)); err == nil {
		t.Error("the released series of another hold are still there")
	}
}

// A series that was released stays released after a restart. One that was held is
// held again, for the whole duration.
func TestALedgerIsContinued(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, 10*time.Second)
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 1})
	expose(t, l, 2, 1)
	expose(t, l, 3, 11) // releases the second, and shows the third
	l = open(t, dir, 10*time.Second)
	if got := l.Mark(); got != at(11) {
		t.Errorf("the mark is %v, want %v", got, at(11))
	}
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 3})
	for _, step := range [][2]int64{{12, 2}, {21, 2}, {22, 3}} {
		if got := expose(t, l, 3, step[0]); int64(got) != step[1] {
			t.Errorf("at %d s %d series show their values, want %d", step[0], got, step[1])
		}
	}
}

// After the counters start over, numbers from before are not shown any more, and
// every series begins at 0.
func TestCountersStartOver(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, 10*time.Second)
	l.Hold().ReleaseExisting(map[*catalog.Family]int{stages: 2})
	expose(t, l, 2, 1)
	before := l.Hold()
	hold, err := l.StartOver()
	if err != nil {
		t.Fatal(err)
	}
	if l.Commit(at(2), before, 2e9) {
		t.Error("numbers from before are shown after the counters started over")
	}
	if hold.ReleaseExisting(map[*catalog.Family]int{stages: 2}); hold.Released(stages, 2, 2e9) != 0 {
		t.Error("a series begins above 0")
	}
	if resumed := open(t, dir, 10*time.Second).Hold(); resumed.Released(stages, 2, 3e9) != 0 {
		t.Error("a series begins above 0 in the next process")
	}
	if err := l.Forget(); err != nil {
		t.Fatal(err)
	}
	if mark := open(t, dir, 0).Mark(); mark != (state.Place{}) {
		t.Errorf("the mark is %v after it was forgotten", mark)
	}
}

// The mark never falls, not even if a slow scrape comes last. A different stream
// has sequences of its own.
func TestTheMarkRises(t *testing.T) {
	l := open(t, t.TempDir(), 0)
	for _, place := range []state.Place{at(5), at(3), at(5)} {
		if !l.Commit(place, l.Hold(), 0) || l.Mark() != at(5) {
			t.Errorf("after %v the mark is %v", place, l.Mark())
		}
	}
	other := state.Place{Created: 2, Sequence: 1}
	if !l.Commit(other, l.Hold(), 0) || l.Mark() != other {
		t.Errorf("the mark is %v, want %v", l.Mark(), other)
	}
}

// Numbers are not shown if the mark cannot be written. The log says so once.
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
		if l.Commit(at(1), l.Hold(), 1e9) || !l.Withheld() {
			t.Error("numbers are shown without a mark")
		}
	}
	if n := strings.Count(log.String(), "numbers are withheld"); n != 1 {
		t.Errorf("%d lines say so:\n%s", n, log)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if !l.Commit(at(1), l.Hold(), 1e9) || l.Withheld() {
		t.Error("numbers are withheld although the directory is there again")
	}
}

func TestADamagedReleasedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, state.ReleasedFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, time.Second, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "is damaged; remove it to continue") {
		t.Errorf("error %v", err)
	}
}
