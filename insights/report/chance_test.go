package report

import (
	"math"
	"math/rand/v2"
	"testing"
)

// aWeek makes up the deliveries of seven days, of which a share was engaged with. The share
// differs from weekday to weekday and, by the noise, from day to day.
func aWeek(r *rand.Rand, share, noise float64) steps {
	var s steps
	for day := range 7 {
		x := 100_000 * (1 + 0.3*math.Sin(float64(day)))
		of := share * (1 + 0.1*math.Cos(float64(day))) * math.Exp(noise*r.NormFloat64())
		s.x = append(s.x, math.Round(x))
		s.y = append(s.y, math.Round(x*of))
	}
	return s
}

// Where nothing has changed, at most 5 % of comparisons say otherwise, although the days
// differ by far more than counts of so many notifications do by chance.
func TestNoiseOfDaysIsNotAChange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const runs = 2000
	false95, misses := 0, 0
	for range runs {
		d, ok := compare(aWeek(r, 0.2, 0.05), aWeek(r, 0.2, 0.05), true)
		if !ok {
			t.Fatal("not compared")
		}
		if d.P < 0.05 {
			false95++
		}
		if low, high := d.within(0.95); low > 0 || high < 0 {
			misses++
		}
	}
	// A proportion of 0.05 in 2000 runs has a standard error of 0.5 %.
	if false95 > runs*65/1000 || false95 < runs*35/1000 {
		t.Errorf("%d of %d comparisons of the same find a change", false95, runs)
	}
	if misses != false95 {
		t.Errorf("%d intervals exclude no change, and %d p-values are below 0.05", misses, false95)
	}
}

func TestAChangeIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	found, covered := 0, 0
	const runs = 500
	for range runs {
		d, _ := compare(aWeek(r, 0.23, 0.03), aWeek(r, 0.2, 0.03), true)
		if d.P < 0.05 && d.By > 0 {
			found++
		}
		// Weekdays scale the share by 1 on average of what is sent on them.
		if low, high := d.within(0.95); low < 0.0312 && high > 0.0288 {
			covered++
		}
	}
	if found < runs*95/100 || covered < runs*92/100 {
		t.Errorf("found %d and covered %d of %d", found, covered, runs)
	}
}

// Pairs of the same phase leave out what the phase does, so that less is called noise.
func TestPairsAreSharper(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	paired, _ := compare(aWeek(r, 0.2, 0.001), aWeek(r, 0.2, 0.001), true)
	apart, _ := compare(aWeek(r, 0.2, 0.001), aWeek(r, 0.2, 0.001), false)
	if paired.SE*5 > apart.SE {
		t.Errorf("standard errors: %v in pairs, %v apart", paired.SE, apart.SE)
	}
}

// The worked example: two samples by Welch, of R's documentation of t.test(extra ~ group,
// data = sleep), which gives t = -1.8608, df = 17.776, p = 0.07939, interval -3.3654832 to
// 0.2054832, and with pairs t = -4.0621, df = 9, p = 0.002833, -2.4598858 to -0.7001142.
func TestPublishedExample(t *testing.T) {
	one := steps{y: []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}}
	two := steps{y: []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}}
	for _, c := range []struct {
		paired             bool
		free, p, low, high float64
	}{{false, 17.776, 0.07939, -3.3654832, 0.2054832}, {true, 9, 0.002833, -2.4598858, -0.7001142}} {
		d, ok := compare(one, two, c.paired)
		low, high := d.within(0.95)
		for _, pair := range [][2]float64{{d.Free, c.free}, {d.P, c.p}, {low, c.low}, {high, c.high}} {
			if math.Abs(pair[0]-pair[1]) > 1e-3*math.Max(0.01, math.Abs(pair[1])) || !ok {
				t.Errorf("paired %v: got %v, want %v", c.paired, pair[0], pair[1])
			}
		}
	}
}

// Too little to know how much steps vary is no comparison, and no NaN.
func TestNothingToCompare(t *testing.T) {
	full := steps{y: []float64{1, 2, 3, 4, 5, 6, 7}, x: []float64{9, 9, 9, 9, 9, 9, 9}}
	for name, s := range map[string]steps{
		"nothing":        {},
		"few steps":      {y: []float64{1, 2}, x: []float64{3, 4}},
		"nothing sent":   {y: make([]float64, 7), x: make([]float64, 7)},
		"nothing varies": {y: []float64{9, 9, 9, 9, 9, 9, 9}, x: []float64{9, 9, 9, 9, 9, 9, 9}},
	} {
		if d, ok := compare(s, s, true); ok {
			t.Errorf("%s with itself: %+v", name, d)
		}
		if name != "nothing varies" {
			if d, ok := compare(full, s, false); ok {
				t.Errorf("with %s: %+v", name, d)
			}
		}
	}
}

func TestOfManyFiguresFewMoveByChance(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	any := 0
	const runs = 400
	for range runs {
		p := make([]float64, 30)
		for i := range p {
			p[i] = r.Float64()
		}
		if which, _ := beyondChance(p); len(which) > 0 {
			any++
		}
	}
	if any > runs*8/100 {
		t.Errorf("%d of %d reports tell of a change where there is none", any, runs)
	}
	which, level := beyondChance([]float64{0.9, 0.0001, 0.5, 0.0002})
	if len(which) != 2 || math.Abs(level-0.975) > 1e-12 {
		t.Errorf("got %v at the level %v", which, level)
	}
}
