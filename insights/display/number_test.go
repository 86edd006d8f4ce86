package display

import (
	"math"
	"testing"
	"time"
)

func TestNumbersHaveUnits(t *testing.T) {
	for _, c := range []struct {
		x    float64
		unit Unit
		want string
	}{
		{0, Count, "0"}, {999, Count, "999"}, {1234567, Count, "1,234,567"}, {-1234, Count, "−1,234"},
		{0, Share, "0 %"}, {1, Share, "100 %"}, {0.5, Share, "50.0 %"}, {0.234, Share, "23.4 %"},
		{0.98713, Share, "98.71 %"}, {0.00913, Share, "0.913 %"}, {0.99999, Share, "99.9990 %"},
		{0.0247, Points, "2.47 points"}, {-0.0004, Points, "−0.04 points"},
		{0.034, Seconds, "34.0 ms"}, {1.834, Seconds, "1.83 s"}, {90, Seconds, "1.50 min"}, {7200, Seconds, "2.00 h"},
		{172800, Seconds, "2.00 days"}, {0, Seconds, "0 ms"}, {math.Copysign(0, -1), Share, "0 %"},
		{412.5, Money("USD"), "412.50 USD"}, {12.345, Number, "12.3"},
		{math.NaN(), Share, "not known"}, {math.Inf(-1), Count, "not known"},
	} {
		if got := Write(c.x, c.unit); got != c.want {
			t.Errorf("%v %s: got %q, want %q", c.x, c.unit, got, c.want)
		}
	}
}

// The bounds of an interval do not look alike.
func TestIntervalsHaveTwoBounds(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		unit      Unit
		want      string
	}{
		{0.19, 0.21, Share, "19.0 % to 21.0 %"}, {0.20011, 0.20017, Share, "20.01 % to 20.02 %"},
		{-0.00001, 0.00002, Points, "−0.001 points to 0.002 points"}, {3.001, 3.0012, Seconds, "3.0010 s to 3.0012 s"},
		{3, 3, Number, "3.00 to 3.00"}, {1, 1 + 1e-15, Number, "1.000000 to 1.000000"},
	} {
		if got := Between(c.low, c.high, c.unit); got != c.want {
			t.Errorf("%v to %v: got %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		value, previous float64
		unit            Unit
		good            Good
		want            Change
	}{
		{110, 100, Count, NotJudged, Change{"up 10.0 %", "▲", "100", ""}},
		{0.5, 0.52, Share, Up, Change{"down 2.00 points", "▼", "52.0 %", "bad"}},
		{0.5, 0.52, Share, Down, Change{"down 2.00 points", "▼", "52.0 %", "good"}},
		{3, 0, Count, Up, Change{"up from 0", "▲", "", "good"}},
		{0.5, 0.50001, Share, Up, Change{"down less than 0.01 points", "▼", "50.0 %", ""}},
		{3, 3, Count, Up, Change{"unchanged", "→", "", ""}},
		{3 - 1e-14, 3, Seconds, Down, Change{"unchanged", "→", "", ""}},
	} {
		got := Changed(Figure{Unit: c.unit, Value: &c.value, Previous: &c.previous, Good: c.good})
		if got == nil || *got != c.want {
			t.Errorf("%v from %v: got %+v, want %+v", c.value, c.previous, got, c.want)
		}
	}
	if got := Changed(Figure{Value: new(1.0)}); got != nil {
		t.Errorf("without a previous value: %+v", got)
	}
}

func TestAges(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 seconds", time.Second: "1 second", 90 * time.Second: "1 minute", 47 * time.Hour: "47 hours",
		72 * time.Hour: "3 days",
	} {
		if got := Age(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestDifferenceShowsItsBounds(t *testing.T) {
	for _, c := range []struct {
		by, low, high float64
		unit          Unit
		want          string
	}{
		{0.0044, 0.0001, 0.0087, Points, "+0.44 points (interval +0.01 points to +0.87 points)"},
		{0.0031, 0.00004, 0.0062, Points, "+0.310 points (interval +0.004 points to +0.620 points)"},
		{-0.00086, -0.00152, -0.00021, Points, "−0.086 points (interval −0.152 points to −0.021 points)"},
		{-1189, -2315, -62, Count, "−1,189 (interval −2,315 to −62)"},
		{0, 0, 0, Points, "0.00 points (interval 0.00 points to 0.00 points)"},
	} {
		if got := Difference(c.by, c.low, c.high, c.unit); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
