package forecast

import (
	"flag"
	"math"
	"strings"
	"testing"
	"time"

	"belfry/insights/series"
	"belfry/insights/series/made"
)

var scoredSeeds = flag.Uint64("scores.seeds", 0, "score series made from this many seeds; 0 for some series")

// scored holds the errors of forecasts that were compared with what came.
type scored struct {
	off           float64
	n, in80, in95 float64
}

// score forecasts the last of the points from those before, at several times.
func (s *scored) score(t *testing.T, m made.Series, ahead int) {
	t.Helper()
	for k := 1; k <= 4; k++ {
		cut := len(m.Points) - k*ahead
		f, err := Fit(m.Points[:cut], Options{Horizon: ahead})
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		scale := naiveError(valuesOf(m.Points[:cut]), max(1, f.Season))
		for i, p := range f.Points {
			x := m.Points[cut+i].Value
			s.n++
			s.off += math.Abs(x-p.Mean) / scale
			if p.Lo80 <= x && x <= p.Hi80 {
				s.in80++
			}
			if p.Lo95 <= x && x <= p.Hi95 {
				s.in95++
			}
		}
	}
}

func valuesOf(points []series.Point) []float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Value
	}
	return values
}

// TestScores forecasts a tenth of a season or more of the made-up series, and compares with
// what came.
func TestScores(t *testing.T) {
	var total scored
	for seed := uint64(1); seed <= max(*scoredSeeds, 1); seed++ {
		for i, m := range made.All(seed) {
			if m.Name == "gaps, 5 minutes" || *scoredSeeds == 0 && i%3 != 1 {
				continue
			}
			var one scored
			one.score(t, m, max(10, m.Season/4))
			total.off, total.n = total.off+one.off, total.n+one.n
			total.in80, total.in95 = total.in80+one.in80, total.in95+one.in95
			t.Logf("%-30s MASE %.2f  in the 80 %% interval %.0f %%  in the 95 %% interval %.0f %%",
				m.Name, one.off/one.n, 100*one.in80/one.n, 100*one.in95/one.n)
		}
	}
	mase, in80, in95 := total.off/total.n, total.in80/total.n, total.in95/total.n
	t.Logf("%-30s MASE %.2f  in the 80 %% interval %.0f %%  in the 95 %% interval %.0f %%",
		"all", mase, 100*in80, 100*in95)
	if !(mase < 0.8) {
		t.Errorf("MASE %.2f, want below 0.8", mase)
	}
	if in80 < 0.77 || in80 > 0.9 || in95 < 0.93 {
		t.Errorf("%.0f %% and %.0f %% of the values are in the 80 %% and 95 %% intervals", 100*in80, 100*in95)
	}
}

// TestDegenerate forecasts series of which little is known.
func TestDegenerate(t *testing.T) {
	line := func(n int, value func(i int) float64) []series.Point {
		points := make([]series.Point, n)
		for i := range points {
			points[i] = series.Point{At: made.Start.Add(time.Duration(i) * time.Hour), Value: value(i)}
		}
		return points
	}
	steady := func(int) float64 { return 7.5 }
	seconds := line(300, func(i int) float64 { return float64(i % 7) })
	for i := range seconds {
		seconds[i].At = made.Start.Add(time.Duration(i) * time.Second)
	}
	for name, points := range map[string][]series.Point{
		"seconds":  seconds,
		"gap":      append(line(30, func(i int) float64 { return 5 + float64(i%24) }), line(500, steady)[400:]...),
		"one step": line(300, func(i int) float64 { return float64(i / 299) }),
		"growing":  line(300, func(i int) float64 { return math.Exp(float64(i) / 3) }),
		"three":    line(3, func(i int) float64 { return float64(i) }),
		"five":     line(5, func(i int) float64 { return float64(i % 2) }),
		"constant": line(500, steady),
		"zeros":    line(500, func(int) float64 { return 0 }),
		"huge":     line(500, func(i int) float64 { return 1e100 * (1 - 2*float64(i%2)) }),
		"few":      line(30, func(i int) float64 { return float64(i % 3) }),
	} {
		f, err := Fit(points, Options{Horizon: 400})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.MASE != nil && (math.IsNaN(*f.MASE) || math.IsInf(*f.MASE, 0)) || f.MASE == nil && f.Reason == "" {
			t.Errorf("%s: MASE %v, reason %q", name, f.MASE, f.Reason)
		}
		for _, p := range f.Points {
			ordered := p.Lo95 <= p.Lo80 && p.Lo80 <= p.Mean && p.Mean <= p.Hi80 && p.Hi80 <= p.Hi95
			if !ordered || math.IsInf(p.Hi95-p.Lo95, 0) || name != "huge" && p.Lo95 < 0 {
				t.Fatalf("%s: %+v", name, p)
			}
		}
	}
}

// TestShares forecasts no share above 1, though all that were known are whole.
func TestShares(t *testing.T) {
	var points []series.Point
	for i := range 200 {
		x := 1.0
		if i%7 == 3 {
			x = 0
		}
		points = append(points, series.Point{At: made.Start.Add(time.Duration(i) * time.Hour), Value: x})
	}
	f, err := Fit(points, Options{Horizon: 48, Step: time.Hour, Shares: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Points {
		if p.Lo95 < 0 || p.Hi95 > 1 {
			t.Fatalf("%+v", p)
		}
	}
}

func TestErrors(t *testing.T) {
	two := []series.Point{{At: made.Start, Value: 1}, {At: made.Start.Add(time.Hour), Value: 2}}
	five := append(two, series.Point{At: made.Start.Add(2 * time.Hour), Value: 1})
	for want, c := range map[string]struct {
		points  []series.Point
		options Options
	}{
		"2 points: a forecast needs at least 3":                          {two, Options{Horizon: 1}},
		"0 points: a forecast needs at least 3":                          {nil, Options{Horizon: 1}},
		"invalid horizon 0: use 1 to 100000 steps":                       {five, Options{}},
		"invalid season -1: use a number of steps, or 1 for none":        {five, Options{Horizon: 1, Season: -1}},
		"invalid season 2: 3 steps of history are less than two seasons": {five, Options{Horizon: 1, Season: 2}},
	} {
		if _, err := Fit(c.points, c.options); err == nil || err.Error() != want {
			t.Errorf("Fit() = %v, want %q", err, want)
		}
	}
}

// TestSeason finds the week of hours and of days.
func TestSeason(t *testing.T) {
	for _, m := range made.All(3) {
		if m.Name != "weekly volume, hourly" && m.Name != "days" && m.Name != "machine, 5 minutes" {
			continue
		}
		f, err := Fit(m.Points, Options{Horizon: 1})
		if err != nil || f.Season != m.Season {
			t.Errorf("%s: season %d, %v; want %d", m.Name, f.Season, err, m.Season)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	var out strings.Builder
	f := Forecast{Points: []Point{{made.Start, 2, 1, 3, 0.5, 3.25}}}
	if err := f.WriteCSV(&out, time.RFC3339); err != nil {
		t.Fatal(err)
	}
	if want := "timestamp,mean,lo80,hi80,lo95,hi95\n2026-03-02T00:00:00Z,2,1,3,0.5,3.25\n"; out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}
