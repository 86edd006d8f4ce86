package experiment

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"
)

// full runs the simulations with as many runs as it takes to know their rates.
var full = flag.Bool("experiment.full", false, "simulate 2,000 runs instead of 100")

func runs() int {
	if *full {
		return 2000
	}
	return 100
}

// world draws users of an arm; lift raises their outcome.
type world struct {
	kind Kind
	draw func(dice *rand.Rand, lift float64) person
	// adjusted says that the users' covariate is used.
	adjusted bool
	// outcomes says that users without outcome are known.
	outcomes bool
}

var worlds = map[string]world{
	"proportion": {kind: Proportion, draw: func(dice *rand.Rand, lift float64) person {
		return person{0, 1, bernoulli(dice, 0.1+lift)}
	}},
	"ratio":       {kind: Ratio, draw: habitual},
	"ratio cuped": {kind: Ratio, draw: habitual, adjusted: true},
	"heavy tail": {kind: Mean, outcomes: true, draw: func(dice *rand.Rand, lift float64) person {
		return person{0, 1, bernoulli(dice, 0.05+lift) * math.Exp(3+dice.NormFloat64())}
	}},
	"heavy tail cuped": {kind: Mean, outcomes: true, adjusted: true, draw: func(dice *rand.Rand, lift float64) person {
		c := float64(dice.IntN(11))
		return person{c, 1, bernoulli(dice, 0.01*c+lift) * math.Exp(3+dice.NormFloat64())}
	}},
	"mean cuped": {kind: Mean, draw: correlated, adjusted: true},
}

// habitual is a user who opens as they did before, of one to eight sends.
func habitual(dice *rand.Rand, lift float64) person {
	c := float64(dice.IntN(11))
	p := person{c: c, x: float64(1 + dice.IntN(8))}
	for range int(p.x) {
		p.y += bernoulli(dice, 0.05+0.03*c+lift)
	}
	return p
}

// correlated has a correlation of 0.6 between before and after.
func correlated(dice *rand.Rand, lift float64) person {
	c := dice.NormFloat64()
	return person{10 + c, 1, 5 + 0.6*c + 0.8*dice.NormFloat64() + lift}
}

func bernoulli(dice *rand.Rand, p float64) float64 {
	if dice.Float64() < p {
		return 1
	}
	return 0
}

// add adds a user to the sums.
func (w world) add(m *Metric, p person) {
	m.N++
	switch w.kind {
	case Proportion:
		m.X += users(p.y)
	case Mean:
		m.Sum += p.y
		m.SumSquares += p.y * p.y
		if w.outcomes && p.y > 0 {
			*m.Outcomes++
		}
	case Ratio:
		m.NumSum += p.y
		m.NumSumSq += p.y * p.y
		m.DenSum += p.x
		m.DenSumSq += p.x * p.x
		m.Cross += p.x * p.y
	}
	if c := m.Covariate; c != nil {
		c.Sum += p.c
		c.SumSquares += p.c * p.c
		c.CrossNum += p.c * p.y
		c.CrossDen += p.c * p.x
	}
}

func (w world) start() Metric {
	m := Metric{Kind: w.kind}
	if w.outcomes {
		m.Outcomes = new(users(0))
	}
	if w.adjusted {
		m.Covariate = &Covariate{}
	}
	return m
}

// follow simulates an experiment of n users per arm, and calls look at each of 100 looks.
func (w world) follow(dice *rand.Rand, n int, lift float64, look func(c *comparing) (stop bool)) {
	const looks = 100
	a, b := w.start(), w.start()
	for i := 1; i <= n; i++ {
		w.add(&a, w.draw(dice, 0))
		w.add(&b, w.draw(dice, lift))
		if i%(n/looks) != 0 {
			continue
		}
		trial := pair(a, b).complete()
		j := judge{trial: &trial}
		c := trial.measure("b", "m")
		j.compared = map[string]map[string]*comparing{"b": {"m": c}}
		if j.short("b") == "" && look(c) {
			return
		}
	}
}

// decided reports whether the primary metric is called, either way.
func decided(c *comparing) bool { return *c.Sequential.PValue < c.trial.Alpha }

// However often somebody looks, two equal arms are told apart in at most 5 % of the runs.
func TestNoWinnerAmongEqualArms(t *testing.T) {
	for name, w := range worlds {
		wrong := 0
		for run := range runs() {
			dice := rand.New(rand.NewPCG(11, uint64(run)))
			w.follow(dice, 5000, 0, func(c *comparing) bool {
				if decided(c) {
					wrong++
					return true
				}
				return false
			})
		}
		share := float64(wrong) / float64(runs())
		t.Logf("%s: %.2f %% of %d runs have a winner or a loser", name, 100*share, runs())
		if share > 0.05 {
			t.Errorf("%s: %.2f %% of equal arms are told apart", name, 100*share)
		}
	}
}

// 10 % against 13 % is called in at least 95 % of the runs by 5,000 users per arm.
func TestPower(t *testing.T) {
	called, half := 0, 0
	for run := range runs() {
		dice := rand.New(rand.NewPCG(12, uint64(run)))
		worlds["proportion"].follow(dice, 5000, 0.03, func(c *comparing) bool {
			if !decided(c) || c.effect < 0 {
				return false
			}
			called++
			if c.a.N <= 2500 {
				half++
			}
			return true
		})
	}
	share := float64(called) / float64(runs())
	t.Logf("%.1f %% of %d runs are called, %.1f %% with half of the users", 100*share, runs(),
		100*float64(half)/float64(runs()))
	if share < 0.95 {
		t.Errorf("%.1f %% are called", 100*share)
	}
}

// A sequence covers the true effect at all of 100 looks in 95 % of the runs, and the
// intervals of a fixed horizon at one look.
func TestCoverage(t *testing.T) {
	for name, lift := range map[string]float64{"proportion": 0.03, "ratio": 0.03, "ratio cuped": 0.03, "mean cuped": 0.1} {
		w := worlds[name]
		truth := lift
		var always, fixed, newcombes, adjusted int
		for run := range runs() {
			dice := rand.New(rand.NewPCG(13, uint64(run)))
			covered := true
			var last *comparing
			w.follow(dice, 3000, lift, func(c *comparing) bool {
				covered = covered && holds(c.Sequential.CI, truth)
				last = c
				return false
			})
			last.fixedHorizon()
			always += count(covered)
			fixed += count(holds(last.CI, truth))
			newcombes += count(last.Newcombe == nil || holds(last.Newcombe, truth))
			adjusted += count(last.Adjusted == nil || holds(last.Adjusted.CI, truth))
		}
		n := float64(runs())
		t.Logf("%s: of %.0f runs the sequence covers %.1f %%, the interval %.1f %%, Newcombe's %.1f %%, the adjusted %.1f %%",
			name, n, 100*float64(always)/n, 100*float64(fixed)/n, 100*float64(newcombes)/n, 100*float64(adjusted)/n)
		slack := 4 * math.Sqrt(0.05*0.95/n) // of the simulation
		if float64(always)/n < 0.95 {
			t.Errorf("%s: the sequence covers %d of %.0f", name, always, n)
		}
		for _, covered := range []int{fixed, newcombes, adjusted} {
			if share := float64(covered) / n; share < 0.95-slack {
				t.Errorf("%s: an interval covers %.3f", name, share)
			}
		}
	}
}

func holds(i *Interval, x float64) bool { return i[0] <= x && x <= i[1] }

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// At a correlation of 0.6 the interval is √(1 − 0.36) as wide: 20 % narrower.
func TestCorrelationNarrows(t *testing.T) {
	var plain, narrow float64
	for run := range runs() {
		dice := rand.New(rand.NewPCG(14, uint64(run)))
		a, b := worlds["mean cuped"].start(), worlds["mean cuped"].start()
		for range 2000 {
			worlds["mean cuped"].add(&a, correlated(dice, 0))
			worlds["mean cuped"].add(&b, correlated(dice, 0.1))
		}
		with := pair(a, b).complete()
		a.Covariate, b.Covariate = nil, nil
		without := pair(a, b).complete()
		narrow += width(with.measure("b", "m").Sequential.CI)
		plain += width(without.measure("b", "m").Sequential.CI)
	}
	narrower := 100 * (1 - narrow/plain)
	t.Logf("intervals are %.2f %% narrower", narrower)
	if math.Abs(narrower-20) > 2 {
		t.Errorf("intervals are %.2f %% narrower", narrower)
	}
}

func width(i *Interval) float64 { return i[1] - i[0] }
