package anomaly

import (
	"flag"
	"math"
	"testing"
	"time"

	"belfry/insights/series"
	"belfry/insights/series/made"
)

// score counts how a detector did on series with known anomalies.
type score struct {
	hit, windows int
	falseEvents  int
	weeks        float64
	delay        time.Duration // sum over the windows that were hit
}

// add scores the verdicts on one series. A window is hit by an anomalous point in
// it. An unbroken run of anomalous points outside all windows is a false event.
func (s *score) add(points []series.Point, windows []made.Window, verdicts []Verdict) {
	hits := make([]time.Time, len(windows))
	alone := false
	for i, p := range points {
		in := false
		for j, w := range windows {
			if p.At.Before(w.From) || p.At.After(w.Until.Add(grace)) {
				continue
			}
			in = true
			if verdicts[i].Anomalous && hits[j].IsZero() {
				hits[j] = p.At
			}
		}
		continues := i > 0 && verdicts[i-1].Anomalous
		switch {
		case !verdicts[i].Anomalous:
			alone = false
		case !in && !continues:
			alone = true
			s.falseEvents++
		case in && alone: // the run reaches a window after all
			s.falseEvents--
			alone = false
		}
	}
	for j, at := range hits {
		s.windows++
		if !at.IsZero() {
			s.hit++
			s.delay += at.Sub(windows[j].From)
		}
	}
	s.weeks += points[len(points)-1].At.Sub(points[0].At).Hours() / week.Hours()
}

// grace is how long after a window its end may be noticed: what was missing is
// noticed when samples return.
const grace = 2 * time.Hour

func (s *score) log(t *testing.T, name string) {
	t.Helper()
	delay := 0.0
	if s.hit > 0 {
		delay = s.delay.Minutes() / float64(s.hit)
	}
	t.Logf("%-30s windows hit %3d of %3d  false events per week %.2f  mean delay %5.0f min",
		name, s.hit, s.windows, s.perWeek(), delay)
}

func (s *score) perWeek() float64 { return float64(s.falseEvents) / s.weeks }

var scoredSeeds = flag.Uint64("scores.seeds", 0,
	"score all shapes, each made from this many seeds; 0 for some shapes")

// TestScores scores the one configuration on made-up shapes.
func TestScores(t *testing.T) {
	seeds := max(*scoredSeeds, 1)
	var total score
	byShape := map[string]*score{}
	var names []string
	for seed := uint64(1); seed <= seeds; seed++ {
		for i, m := range made.All(seed) {
			if *scoredSeeds == 0 && i%3 > 0 {
				continue
			}
			verdicts := Detect(m.Points, 0)
			if byShape[m.Name] == nil {
				byShape[m.Name] = &score{}
				names = append(names, m.Name)
			}
			byShape[m.Name].add(m.Points, m.Windows, verdicts)
			total.add(m.Points, m.Windows, verdicts)
		}
	}
	for _, name := range names {
		byShape[name].log(t, name)
	}
	total.log(t, "all")
	if rate := float64(total.hit) / float64(total.windows); rate < 0.95 || math.IsNaN(rate) {
		t.Errorf("hit %.2f of the windows, want at least 0.95", rate)
	}
	most := 0.1
	if *scoredSeeds == 0 {
		most = 0.4 // in few weeks
	}
	if total.perWeek() > most {
		t.Errorf("%.2f false events per week, want at most %.2f", total.perWeek(), most)
	}
}
