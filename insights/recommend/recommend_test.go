package recommend_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/insights/recommend"
)

var options = recommend.Options{Days: days}

func find(cells []recommend.Cell) []recommend.Recommendation {
	return recommend.Find(recommend.Weigh(cells, options))
}

// Where nothing makes a difference, at most one world in twenty gets a
// recommendation: at any volume, however much the rates differ by day, and if answers
// are correlated.
func TestNoDifferenceNoRecommendation(t *testing.T) {
	const seeds = 15
	byDay := level(0, 300)
	byDay.rate = func(_, _ string, day int) float64 { return 0.1 + 0.01*float64(day%7) }
	correlated := level(0.12, 400)
	correlated.strength = 60
	worlds := map[string]world{
		"small": level(0.2, 40), "large": level(0.03, 5000), "by day": byDay, "correlated": correlated,
	}
	wrong := map[string]int{}
	for name, w := range worlds {
		for seed := range uint64(seeds) {
			cells := w.cells(recommend.SendHour, hours(), seed)
			cells = append(cells, w.cells(recommend.Audience, []string{"android mobile", "ios mobile"}, seed+seeds)...)
			wrong[name] += min(1, len(find(cells)))
		}
	}
	for name, count := range wrong {
		if count > 1+seeds/20 {
			t.Errorf("%s: %d of %d worlds without a difference got a recommendation: %v", name, count, seeds, wrong)
		}
	}
}

func TestTheBestHourIsFound(t *testing.T) {
	w := level(0, 2000)
	w.rate = func(channel, value string, day int) float64 {
		rate := 0.10 + 0.005*float64(day%7)
		if channel == "push" && value == "9" {
			rate += 0.02
		}
		return rate
	}
	for seed := range uint64(5) {
		found := find(w.cells(recommend.SendHour, hours(), seed))
		if len(found) != 1 || found[0].Channel != "push" || found[0].Subject != "9" {
			t.Fatalf("seed %d: found %v", seed, found)
		}
		r := found[0]
		if r.Kind != recommend.KindTest || r.Evidence != recommend.Observational || r.Test == nil {
			t.Errorf("seed %d: an observation does more than suggest a test: %+v", seed, r)
		}
		if r.Effect.Low > 0.02 || r.Effect.High < 0.015 || r.N != 2000*days {
			t.Errorf("seed %d: effect %+v of %v", seed, r.Effect, r.N)
		}
	}
}

// Where rates differ from hour to hour, intervals of 90 % cover the truth, and those
// of the gain do so even though only winners are recommended.
func TestIntervalsCoverTheTruth(t *testing.T) {
	const seeds = 150
	var rates, gains coverage
	for seed := range uint64(seeds) {
		truth := distuv.Beta{Alpha: 40, Beta: 360, Src: rand.NewPCG(seed, 1)}
		w, of := level(0, 500*days), map[string]float64{}
		w.days = 1
		for _, h := range hours() {
			of[h] = truth.Rand()
		}
		w.rate = func(_, value string, _ int) float64 { return of[value] }
		for _, g := range recommend.Weigh(w.cells(recommend.SendHour, hours(), seed), options) {
			for _, way := range g.Ways {
				rates.add(way.Rate, of[way.Value])
			}
			for _, r := range recommend.Find([]recommend.Group{g}) {
				others := 0.0
				for _, h := range hours() {
					others += of[h] - of[r.Subject]
				}
				gains.add(*r.GainPerMonth, -others*500*30)
			}
		}
	}
	if s := rates.share(); s < 0.88 || s > 0.92 {
		t.Errorf("%+v: %.3f of the intervals of rates cover the truth, not 90 %%", rates, s)
	}
	if s := gains.share(); gains.all < seeds/2 || s < 0.8 {
		t.Errorf("%+v: %.3f of the intervals of gains cover the truth, not 90 %%", gains, s)
	}
}

// coverage counts intervals, and those that cover the truth.
type coverage struct{ covered, all int }

func (c *coverage) add(e recommend.Estimate, truth float64) {
	c.all++
	if e.Low <= truth && truth <= e.High {
		c.covered++
	}
}

func (c *coverage) share() float64 { return float64(c.covered) / float64(c.all) }

// A template that is sent on good days leads over all days, and loses on each of them.
func TestSimpsonsParadoxIsNotRecommended(t *testing.T) {
	w := world{
		rate: func(_, value string, day int) float64 {
			rate := 0.10
			if day%7 == 0 {
				rate = 0.30
			}
			if value == "worse" {
				rate -= 0.02
			}
			return rate
		},
		volume: func(_, value string, day int) float64 {
			if (value == "worse") == (day%7 == 0) {
				return 9000
			}
			return 1000
		},
	}
	for seed := range uint64(5) {
		groups := recommend.Weigh(w.cells(recommend.Template, []string{"better", "plain", "worse"}, seed), options)
		for _, g := range groups {
			if g.Leader != "worse" || g.Status != recommend.StatusReversed {
				t.Errorf("seed %d: %s leads, %s: %s", seed, g.Leader, g.Status, g.Reason)
			}
		}
	}
}

func TestFewNotificationsAreNoEvidence(t *testing.T) {
	w := level(0, 2000)
	w.rate = func(_, value string, _ int) float64 {
		if value == "rare" {
			return 0.9
		}
		return 0.1
	}
	w.volume = func(_, value string, _ int) float64 {
		switch value {
		case "rare":
			return 35 // 980 in all
		case "hidden":
			return 1
		}
		return 2000
	}
	for _, g := range recommend.Weigh(w.cells(recommend.Template, []string{"a", "b", "hidden", "rare"}, 1), options) {
		if g.Status != recommend.StatusNoDifference || g.TooSmall != 1 || g.Suppressed != 1 || len(g.Ways) != 2 {
			t.Errorf("%+v", g)
		}
	}
}

func TestDegenerateCells(t *testing.T) {
	cell := func(value string, delivered, engaged float64) recommend.Cell {
		return recommend.Cell{Dimension: recommend.Audience, Channel: "sms", Value: value,
			Delivered: delivered, Engaged: engaged}
	}
	cases := []struct {
		name   string
		cells  []recommend.Cell
		status string
	}{
		{"one way", []recommend.Cell{cell("a", 5000, 50)}, recommend.StatusTooFew},
		{"nothing", []recommend.Cell{cell("a", 0, 0), cell("b", 0, 0)}, recommend.StatusTooFew},
		{"nobody engages", []recommend.Cell{cell("a", 5000, 0), cell("b", 9000, 0)}, recommend.StatusNothingToWin},
		{"everybody engages", []recommend.Cell{cell("a", 5000, 5000), cell("b", 5000, 5000)},
			recommend.StatusNothingToWin},
		{"more than all", []recommend.Cell{cell("a", 5000, 5001), cell("b", 9000, 3)}, recommend.StatusInvalidCounts},
		{"no number", []recommend.Cell{cell("a", math.NaN(), 5), cell("b", 9000, 3)}, recommend.StatusInvalidCounts},
		{"infinite", []recommend.Cell{cell("a", math.Inf(1), 5), cell("b", 9000, 3)}, recommend.StatusInvalidCounts},
		{"negative", []recommend.Cell{cell("a", 9000, -5), cell("b", 9000, 3)}, recommend.StatusInvalidCounts},
		{"equal", []recommend.Cell{cell("a", 5000, 50), cell("b", 5000, 50)}, recommend.StatusNoDifference},
		{"all or nothing", []recommend.Cell{cell("a", 5000, 5000), cell("b", 5000, 0)}, recommend.StatusRecommended},
		{"one in ten million", []recommend.Cell{cell("a", 1e7, 1), cell("b", 1e7, 0)}, recommend.StatusNoDifference},
		{"a billion", []recommend.Cell{cell("a", 1e9, 2e8), cell("b", 1e9, 1e8)}, recommend.StatusRecommended},
	}
	for _, c := range cases {
		groups := recommend.Weigh(c.cells, recommend.Options{})
		if len(groups) != 1 || groups[0].Status != c.status || groups[0].Reason == "" {
			t.Errorf("%s: got %+v, not %s", c.name, groups, c.status)
		}
		for _, w := range groups[0].Ways {
			if !(w.Rate.Low <= w.Rate.Value && w.Rate.Value <= w.Rate.High) {
				t.Errorf("%s: rate %+v", c.name, w.Rate)
			}
		}
	}
	if got := find(nil); got == nil || len(got) > 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// The order of the cells does not matter, and neither does how they are split.
func TestOrderDoesNotMatter(t *testing.T) {
	w := level(0, 3000)
	w.rate = func(_, value string, _ int) float64 { return 0.1 + 0.01*float64(len(value)) }
	cells := w.cells(recommend.Frequency, []string{"0", "1-2", "11+"}, 3)
	want := find(cells)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	first := cells[0]
	cells[0].Delivered, cells[0].Engaged = 0, 0
	got := find(append(cells, first))
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAPeriodThereIsNoMonth(t *testing.T) {
	cells := []recommend.Cell{
		{Dimension: recommend.Audience, Channel: "push", Value: "ios mobile", Delivered: 9000, Engaged: 2000},
		{Dimension: recommend.Audience, Channel: "push", Value: "web desktop", Delivered: 9000, Engaged: 500},
	}
	found := recommend.Find(recommend.Weigh(cells, recommend.Options{}))
	if len(found) != 1 || found[0].GainPerMonth != nil || strings.Contains(found[0].Text, "month") {
		t.Errorf("%+v", found)
	}
}
