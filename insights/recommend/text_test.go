package recommend

import "testing"

// The bounds of an estimate do not look alike, however many notifications there were.
func TestEstimatesHaveTwoBounds(t *testing.T) {
	for _, c := range []struct {
		e                Estimate
		one              func(float64, int) string
		value, low, high string
	}{
		{Estimate{0.2, 0.19, 0.21}, share, "20.00 %", "19.00 %", "21.00 %"},
		{Estimate{0.20014, 0.20012, 0.20015}, share, "20.014 %", "20.012 %", "20.015 %"},
		{Estimate{17_123, 15_000, 19_000}, figure, "17,000", "15,000", "19,000"},
		{Estimate{17_123, 17_087, 17_160}, figure, "17,120", "17,090", "17,160"},
		{Estimate{3.14, 3.12, 3.16}, figure, "3.14", "3.12", "3.16"},
		{Estimate{0, 0, 0}, figure, "0.00000", "0.00000", "0.00000"},
	} {
		if value, low, high := c.e.write(2, c.one); value != c.value || low != c.low || high != c.high {
			t.Errorf("%v: got %s (%s to %s), want %s (%s to %s)", c.e, value, low, high, c.value, c.low, c.high)
		}
	}
}
