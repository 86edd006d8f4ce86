package weeks

import (
	"testing"
	"time"
)

// The short variant of `prove weeks clock`: the steep mornings of the three days after
// each of Berlin's clock changes. The two hours before are what the band looks back.
func TestAClockChangeIsNoAnomaly(t *testing.T) {
	for name, sunday := range map[string]time.Time{"spring": spring, "autumn": autumn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := []audience{{"steep berlin", []crowd{{berlin, 1}}, steep}}
			morning := func(t time.Time) bool { return t.Hour() >= 1 && t.Hour() < 9 }
			report, err := clockWeeks(t.Context(), t.TempDir(), 1, of, sunday, sunday.AddDate(0, 0, 3), morning)
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Err(); err != nil {
				t.Errorf("%v\n%s", err, report)
			}
		})
	}
}
