package anomaly

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/insights/series"
	"belfry/insights/series/made"
)

// make makes a series of n points.
func makeSeries(n int, step time.Duration, value func(i int) float64) []series.Point {
	points := make([]series.Point, 0, n)
	for i := range n {
		if x := value(i); !math.IsNaN(x) {
			points = append(points, series.Point{At: made.Start.Add(time.Duration(i) * step), Value: x})
		}
	}
	return points
}

// wave returns a daily wave of five-minute points with noise.
func wave() func(i int) float64 {
	r := rand.New(rand.NewPCG(1, 2))
	return func(i int) float64 {
		return math.Round(300 + 100*math.Sin(2*math.Pi*float64(i)/288) + 10*r.NormFloat64())
	}
}

// flagged returns the indexes of the first and last anomalous points, and how many there
// are.
func flagged(verdicts []Verdict) (first, last, n int) {
	first, last = -1, -1
	for i, v := range verdicts {
		if v.Anomalous {
			if n++; first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last, n
}

// TestCausal checks that what is said about the beginning of a series does not depend
// on how it goes on.
func TestCausal(t *testing.T) {
	for _, m := range made.All(7)[2:5] {
		points := m.Points[:min(len(m.Points), 3000)]
		whole := Detect(points, 0)
		for _, n := range []int{1, 11, 410, len(points) - 1} {
			if n > len(points) {
				continue
			}
			if diff := cmp.Diff(whole[:n], Detect(points[:n], 0)); diff != "" {
				t.Fatalf("%s: after %d points the first %d are judged otherwise:\n%s", m.Name, len(points), n, diff)
			}
		}
	}
}

func TestWarmUp(t *testing.T) {
	verdicts := Detect(makeSeries(2000, 5*time.Minute, func(i int) float64 { return float64(i % 7 * 1000) }), 0)
	for i, v := range verdicts[:403] {
		if v.Known || v.Anomalous || v.Reason != ReasonWarmUp {
			t.Fatalf("point %d in the warm-up: %+v", i, v)
		}
	}
	if !verdicts[404].Known {
		t.Errorf("after the warm-up: %+v", verdicts[404])
	}
}

func TestFullStop(t *testing.T) {
	w := wave()
	zero := Detect(makeSeries(4000, 5*time.Minute, func(i int) float64 {
		if i >= 3000 && i < 3100 {
			return 0
		}
		return w(i)
	}), 0)
	if first, last, _ := flagged(zero); first < 3000 || first > 3005 || last < 3099 || last > 3104 {
		t.Errorf("zeros from 3000 to 3099 are anomalous from %d to %d", first, last)
	}
	for _, hours := range []int{3, 9} {
		points := makeSeries(4000, 5*time.Minute, func(i int) float64 {
			if i >= 3000 && i < 3000+hours*12 {
				return math.NaN()
			}
			return wave()(i)
		})
		_, _, n := flagged(Detect(points, 0))
		if stopped := hours > 6; stopped != (n > 0) {
			t.Errorf("a gap of %d h: %d points are anomalous", hours, n)
		}
	}
}

// TestMissing judges a series by its last point alone.
func TestMissing(t *testing.T) {
	d := New(5 * time.Minute)
	points := makeSeries(1000, 5*time.Minute, wave())
	for _, p := range points {
		d.Observe(p)
	}
	last := points[len(points)-1].At
	if _, stopped := d.Missing(last.Add(6 * time.Hour)); stopped {
		t.Error("stopped after 6 hours")
	}
	if reason, stopped := d.Missing(last.Add(7 * time.Hour)); !stopped || reason != "no samples for 7h00m" {
		t.Errorf("after 7 hours: %q, %v", reason, stopped)
	}
	if _, stopped := New(time.Minute).Missing(last); stopped {
		t.Error("a series without points has stopped")
	}
}

// TestSparseStop finds that rare events have stopped, though zeros are usual.
func TestSparseStop(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	verdicts := Detect(makeSeries(8000, 5*time.Minute, func(i int) float64 {
		if r.Float64() < 0.3 && i < 7800 {
			return 1
		}
		return 0
	}), 0)
	if first, _, _ := flagged(verdicts); first < 7800 || first > 7880 {
		t.Errorf("events that stop at 7800 are noticed at %d", first)
	}
}

// TestLevelShift relearns: a lasting change is an anomaly for about a day, once.
func TestLevelShift(t *testing.T) {
	w := wave()
	shift := func(until int) func(i int) float64 {
		return func(i int) float64 {
			if i >= 3000 && i < until {
				return 2 * w(i)
			}
			return w(i)
		}
	}
	for _, until := range []int{6000, 3400} {
		verdicts := Detect(makeSeries(6000, 5*time.Minute, shift(until)), 0)
		if first, last, n := flagged(verdicts); first < 3000 || first > 3005 || last > 3310 || n != last-first+1 {
			t.Errorf("a shift from 3000 to %d is anomalous at %d points from %d to %d", until, n, first, last)
		}
	}
}

// TestCounter judges the growth of a counter: a reset is not an anomaly, and a stop is.
func TestCounter(t *testing.T) {
	w, total := wave(), 0.0
	points := makeSeries(4000, 5*time.Minute, func(i int) float64 {
		if i == 2000 {
			total = 0
		}
		if i < 3000 || i > 3050 {
			total += w(i)
		}
		return total
	})
	verdicts := Detect(points, 0)
	if verdicts[2000].Reason != ReasonReset {
		t.Errorf("the reset: %+v", verdicts[2000])
	}
	if first, last, _ := flagged(verdicts); first < 3000 || first > 3006 || last > 3070 {
		t.Errorf("a stop from 3000 to 3050 is anomalous from %d to %d", first, last)
	}
	if v := verdicts[2500]; !(v.Lower <= points[2500].Value && points[2500].Value <= v.Upper) {
		t.Errorf("%v is outside its band %+v", points[2500].Value, v)
	}
}

// TestDegenerate judges series of which little can be said: nothing is anomalous, and every
// number is finite.
func TestDegenerate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for name, points := range map[string][]series.Point{
		"empty":    nil,
		"one":      makeSeries(1, time.Minute, func(int) float64 { return 5 }),
		"two":      makeSeries(2, time.Minute, func(int) float64 { return 5 }),
		"zeros":    makeSeries(3000, 5*time.Minute, func(int) float64 { return 0 }),
		"constant": makeSeries(3000, 5*time.Minute, func(int) float64 { return 45.5 }),
		"negative": makeSeries(3000, 5*time.Minute, func(int) float64 { return -7 - r.Float64() }),
		"ones":     makeSeries(3000, 5*time.Minute, func(int) float64 { return 1 }),
		"shares":   makeSeries(3000, 5*time.Minute, func(int) float64 { return 0.99 + 0.01*r.Float64() }),
		"huge":     makeSeries(3000, 5*time.Minute, func(i int) float64 { return 1e100 * (1 - 2*float64(i%2)) }),
		"tiny":     makeSeries(3000, 5*time.Minute, func(int) float64 { return 1e-300 * r.Float64() }),
		"line":     makeSeries(3000, 5*time.Minute, func(i int) float64 { return float64(i) / 3 }),
		"years":    makeSeries(60, 365*24*time.Hour, func(i int) float64 { return float64(i % 2) }),
		"nanos":    makeSeries(3000, time.Nanosecond, func(i int) float64 { return float64(i % 2) }),
	} {
		for i, v := range Detect(points, 0) {
			for _, x := range []float64{v.Expected, v.Lower, v.Upper, v.Score} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("%s: point %d: %+v", name, i, v)
				}
			}
			if v.Anomalous {
				t.Fatalf("%s: point %d is anomalous: %+v", name, i, v)
			}
			if v.Known && !(v.Lower <= v.Expected && v.Expected <= v.Upper) {
				t.Fatalf("%s: point %d: the band does not hold what is expected: %+v", name, i, v)
			}
		}
	}
}

// TestPoissonDistance compares with the normal quantiles of tails that were added up from
// the probabilities of each count.
func TestPoissonDistance(t *testing.T) {
	for _, c := range []struct{ count, mean, want float64 }{
		{0, 10, -3.9139}, {25, 10, 3.9058}, {10, 10, 0}, {3, 0.5, 2.1866},
	} {
		if got := poissonDistance(c.count, c.mean); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("poissonDistance(%v, %v) = %.4f, want %.4f", c.count, c.mean, got, c.want)
		}
	}
}

// TestBinomialDistance compares with tails that were added up from the probabilities of
// each number of successes.
func TestBinomialDistance(t *testing.T) {
	for _, c := range []struct{ successes, n, p, want float64 }{
		{15, 20, 0.98, -3.9530}, {20, 20, 0.98, 0}, {8, 20, 0.1, 3.3422}, {0, 50, 0.1, -2.5653},
	} {
		if got := binomialDistance(c.successes, c.n, c.p); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("binomialDistance(%v, %v, %v) = %.4f, want %.4f", c.successes, c.n, c.p, got, c.want)
		}
	}
}

// TestShares takes chance into account: one failure of two deliveries is not an anomaly, and
// a hundred of two hundred are.
func TestShares(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, n := range []float64{2, 200} {
		d := New(5 * time.Minute)
		found := false
		for _, p := range makeSeries(3000, 5*time.Minute, func(i int) float64 {
			failed := 0.0
			for range int(n) {
				if r.Float64() < 0.02 {
					failed++
				}
			}
			if i > 2990 {
				failed = n / 2
			}
			return 1 - failed/n
		}) {
			if v := d.ObserveShare(p, n); v.Anomalous {
				found = true
			}
		}
		if found != (n > 100) {
			t.Errorf("half of %v fail: anomalous %v", n, found)
		}
	}
}

// TestBandsStayInRange expects nothing of a series that it can never be.
func TestBandsStayInRange(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	shapes := map[string]struct {
		trials float64
		most   float64
		value  func(i int) float64
	}{
		"latency": {0, math.Inf(1), func(int) float64 { return 0.2 + r.ExpFloat64() }},
		"counts that fall": {0, math.Inf(1), func(i int) float64 {
			return math.Round(max(0, 400-float64(i)/5+100*math.Sin(2*math.Pi*float64(i)/288)))
		}},
		"ratio":       {30, 1, func(int) float64 { return math.Round(30*min(1, 0.9+0.1*r.Float64())) / 30 }},
		"whole ratio": {30, 1, func(int) float64 { return 1 }},
	}
	for name, s := range shapes {
		d := New(5 * time.Minute)
		for i, p := range makeSeries(3000, 5*time.Minute, s.value) {
			v := d.ObserveShare(p, s.trials)
			if v.Known && !(0 <= v.Lower && v.Upper <= s.most && v.Lower <= v.Expected && v.Expected <= v.Upper) {
				t.Errorf("%s: point %d: expected %v in [%v, %v]", name, i, v.Expected, v.Lower, v.Upper)
				break
			}
		}
	}
	d := New(5 * time.Minute)
	for _, p := range makeSeries(1000, 5*time.Minute, func(i int) float64 { return math.Sin(float64(i)) }) {
		if v := d.Observe(p); v.Known && v.Lower >= 0 {
			t.Fatalf("a series that is negative at times is expected in [%v, %v]", v.Lower, v.Upper)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	const in = "timestamp,value\n2026-03-01 10:00:00,1.50\n2026-03-01 10:05:00,2\n"
	rows, err := series.ReadCSV(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := WriteCSV(&out, rows, 0); err != nil {
		t.Fatal(err)
	}
	const want = "timestamp,value,expected,lower,upper,score,anomalous,reason\n" +
		"2026-03-01 10:00:00,1.50,,,,,false,warm-up\n2026-03-01 10:05:00,2,,,,,false,warm-up\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
