package crash

import (
	"testing"
	"time"
)

// `make crash-test` runs the long variant. New series stay at 0 for longer than
// even a busy machine lets pass between two scrapes.
func TestCrashesLeaveTheNumbersExact(t *testing.T) {
	report, err := run(t.Context(), options{
		seed: 7, events: 30_000, kills: 3, rate: 8000, hold: 6 * time.Second, settle: 2 * time.Minute,
	}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", report)
	kills := 0
	for _, n := range report.kills {
		kills += n
	}
	if kills != 3 {
		t.Errorf("%d kills, want 3", kills)
	}
}
