package weeks

import (
	"strings"
	"testing"
	"time"

	belfryrules "belfry/rules"
)

var anHour = plan{
	history: 20 * time.Minute, watched: 45 * time.Minute, coarse: 20 * time.Second, fine: 10 * time.Second,
}

// The short variant of `prove weeks quiet`: an hour instead of three weeks.
func TestNothingPagesWhenNothingIsWrong(t *testing.T) {
	t.Parallel()
	report, err := quiet(t.Context(), t.TempDir(), 1, anHour)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Errorf("%v\n%s", err, report)
	}
}

// The proof can fail: it notices a channel that falls silent.
func TestAFaultPages(t *testing.T) {
	t.Parallel()
	from := monday(4).Add(anHour.history + 36*time.Minute)
	report, err := quiet(t.Context(), t.TempDir(), 1, anHour, fault{"push", from, from.Add(5 * time.Minute), 0})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), belfryrules.ChannelDown.Name) {
		t.Errorf("push was silent for 5 minutes, and: %v", err)
	}
}
