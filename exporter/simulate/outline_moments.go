package simulate

import "belfry/exporter/catalog"

// moments holds the sums over users of each arm and outcome since they were last
// flushed.
type moments []sums // by arm, and by outcome within

// sums holds the moments of one arm and outcome.
type sums struct {
	n, x, xx, y, yy, xy, c, cc, cx, cy float64 // as in catalog.LabelMoment

	born bool // somebody is in the arm
}

func newMoments() moments { return make(moments, len(allArms)*numOutcomes) }

// numOutcomes counts the values of catalog.LabelOutcome.
var numOutcomes = len(catalog.LabelOutcome.Values)

func (m moments) of(x *Part, outcome int) *sums { return &m[int(x.arm)*numOutcomes+outcome] }

// enter adds a user.
func (m moments) enter(x *Part) {
	for i := range x.Outcomes {
		s := m.of(x, i)
		s.born = true
		s.n++
		s.c += float64(x.Engaged)
		s.cc += float64(x.Engaged * x.Engaged)
	}
}

// send adds a send of a user who had x.Sends.
func (m moments) send(x *Part) {
	for i, y := range x.Outcomes {
		s := m.of(x, i)
		s.x++
		s.xx += 2*float64(x.Sends) + 1
		s.xy += y
		s.cx += float64(x.Engaged)
	}
}

// gain adds to an outcome of a user.
func (m moments) gain(x *Part, outcome int, more float64) {
	s, before := m.of(x, outcome), x.Outcomes[outcome]
	x.Outcomes[outcome] += more
	s.y += more
	s.yy += 2*before*more + more*more
	s.xy += float64(x.Sends) * more
	s.cy += float64(x.Engaged) * more
}

// flush passes the sums on and sets them back.
func (m moments) flush(add func(f *catalog.Family, by float64, values ...string)) {
	for i := range m {
		s := &m[i]
		if !s.born {
			continue
		}
		arm, outcome := allArms[i/numOutcomes], catalog.LabelOutcome.Values[i%numOutcomes]
		x := runningExperiments[arm.experiment].ID
		for m, by := range [...]float64{s.n, s.x, s.xx, s.y, s.yy, s.xy, s.c, s.cc, s.cx, s.cy} {
			add(catalog.ExperimentMoments.Family, by, x, arm.arm.Name, outcome, catalog.LabelMoment.Values[m])
		}
		*s = sums{born: true}
	}
}
