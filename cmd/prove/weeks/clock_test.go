package weeks

import (
	"testing"
	"time"
)

// The short variant of `prove weeks clock`: the steep mornings of the three days after
// each of Berlin's clock changes, and the evenings of the two days on which Berlin goes
// to bed an hour earlier while Tokyo gets up as before. The two hours before are what
// the band looks back.
func TestAClockChangeIsNoAnomaly(t *testing.T) {
	for name, c := range map[string]struct {
		crowds   []crowd
		after    time.Time
		days     int
		from, to int
	}{
		"spring":       {[]crowd{{berlin, 1}}, spring, 3, 1, 9},
		"autumn":       {[]crowd{{berlin, 1}}, autumn, 3, 1, 9},
		"spring mixed": {[]crowd{{berlin, 0.8}, {tokyo, 0.2}}, spring.AddDate(0, 0, -1), 3, 17, 23},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := []audience{{name, c.crowds, steep}}
			watched := func(t time.Time) bool { return t.Hour() >= c.from && t.Hour() < c.to }
			report, err := clockWeeks(t.Context(), t.TempDir(), 1, of, c.after, c.after.AddDate(0, 0, c.days), watched)
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Err(); err != nil {
				t.Errorf("%v\n%s", err, report)
			}
		})
	}
}
