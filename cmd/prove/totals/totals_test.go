package totals

import (
	"os/exec"
	"testing"
)

// Dashboards over 45 minutes, a day and a week show what the simulator counted. `make
// test-totals` does the same for a month and a year.
func TestWeek(t *testing.T) {
	// A separate process, since the race detector would slow it down tenfold.
	args := []string{"run", "belfry/cmd/prove", "totals", "--days=8", "--fine=50m", "--per-minute=1"}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
