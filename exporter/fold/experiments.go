package fold

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// ExperimentUser records what one user did in one experiment.
type ExperimentUser struct {
	// Experiment and Variant identify the arm. A user stays in the first one.
	Experiment, Variant metrics.Symbol
	// Crossed turns true once the user is seen in another arm too.
	Crossed bool
	// Covariate holds c of the moments: on how many of the covariateDays before the day
	// of entry the user engaged. It stays as it was then. Users who entered under a
	// version that did not count it have 0.
	Covariate uint8
	// Stages holds a bit for each catalog.Stage that any notification reached.
	Stages uint32
	// Sends holds x of the moments. Outcomes holds y: how many notifications
	// reached open, click, conversion and opt_out. Value holds y of the outcome value.
	Sends    uint32
	Outcomes [outcomeValue]uint32
	Value    float64
}

// outcome names what an experiment measures of its users. All but the value are
// stages.
type outcome uint8

const (
	outcomeOpen outcome = iota
	outcomeClick
	outcomeConversion
	outcomeOptOut
	outcomeValue
	numOutcomes = iota
)

var outcomeNames = [numOutcomes]string{"open", "click", "conversion", "opt_out", "value"}

// outcomeOf returns the outcome that a stage is, if any.
func outcomeOf(stage catalog.Stage) (o outcome, ok bool) {
	switch stage {
	case catalog.StageOpened:
		return outcomeOpen, true
	case catalog.StageClicked:
		return outcomeClick, true
	case catalog.StageConverted:
		return outcomeConversion, true
	case catalog.StageOptedOut:
		return outcomeOptOut, true
	default:
		return 0, false
	}
}

// moment names a sum over users: n counts them, x is their sends, y an outcome, and c
// their covariate.
type moment uint8

const (
	momentN moment = iota
	momentX
	momentXX
	momentY
	momentYY
	momentXY
	momentC
	momentCC
	momentCX
	momentCY
	numMoments = iota
)

var momentNames = [numMoments]string{"n", "x", "xx", "y", "yy", "xy", "c", "cc", "cx", "cy"}

// experimentUser returns the user's part in an experiment. A user who has none
// enters it in this variant, on the day of the event; while the variant is unknown, it
// returns nil. A second variant counts as a crossover, once per user.
func (s *State) experimentUser(u *User, experiment, variant metrics.Symbol, today int64) *ExperimentUser {
	unknown := s.labels.orUnknown(catalog.LabelVariant, metrics.None)
	u.Experiments = slices.DeleteFunc(u.Experiments, s.isOver)
	for i := range u.Experiments {
		x := &u.Experiments[i]
		if x.Experiment != experiment || x.Variant == unknown { // earlier versions stored unknown
			continue
		}
		if variant != unknown && variant != x.Variant && !x.Crossed {
			x.Crossed = true
			s.add(catalog.ExperimentCrossovers, 1, experiment)
		}
		s.labels[catalog.LabelVariant.Index()].Touch(x.Variant)
		return x
	}
	if variant == unknown {
		return nil
	}
	return s.enter(u, experiment, variant, today)
}

// isOver reports whether an arm that the user is in has made room for others.
func (s *State) isOver(x ExperimentUser) bool {
	return s.labels[catalog.LabelExperiment.Index()].Retired(x.Experiment) ||
		s.labels[catalog.LabelVariant.Index()].Retired(x.Variant)
}

// enter assigns the user to an arm of an experiment on a day since 1970.
func (s *State) enter(u *User, experiment, variant metrics.Symbol, today int64) *ExperimentUser {
	s.born(catalog.ExperimentCrossovers, experiment)
	u.Experiments = append(u.Experiments, ExperimentUser{
		Experiment: experiment, Variant: variant, Covariate: u.engagedBefore(today),
	})
	x := &u.Experiments[len(u.Experiments)-1]
	c := float64(x.Covariate)
	for o := range outcome(numOutcomes) {
		s.addMoment(x, o, momentN, 1)
		s.addMoment(x, o, momentC, c)
		s.addMoment(x, o, momentCC, c*c)
		for _, m := range s.constants.moments {
			s.born(catalog.ExperimentMoments, experiment, variant, s.constants.outcomes[o], m)
		}
	}
	return x
}

// reachExperiment counts that a notification of the user reached a stage.
func (s *State) reachExperiment(x *ExperimentUser, stage catalog.Stage) {
	if x.Stages&(1<<stage) == 0 {
		x.Stages |= 1 << stage
		s.countStage(catalog.ExperimentUsers, everyStage, stage, x.Experiment, x.Variant)
	}
	if stage == catalog.StageSent {
		s.addSend(x)
	}
	if o, ok := outcomeOf(stage); ok {
		y := float64(x.Outcomes[o])
		x.Outcomes[o]++
		s.addOutcome(x, o, 1, y)
	}
}

// bearMoments creates, at 0, the moments that the catalogue has gained since a state
// was stored.
func (s *State) bearMoments() {
	for _, set := range s.table.Counter(catalog.ExperimentMoments).Sets() {
		last := len(set) - 1
		if set[last] != s.constants.moments[momentN] {
			continue // each outcome of each arm has one n
		}
		for _, m := range s.constants.moments {
			set[last] = m
			s.born(catalog.ExperimentMoments, set...)
		}
	}
}

// addSend raises x by one, and with it Σx and Σx², and Σxy and Σcx of every outcome.
func (s *State) addSend(x *ExperimentUser) {
	before := float64(x.Sends)
	x.Sends++
	for o := range outcome(numOutcomes) {
		y := x.Value
		if o < outcomeValue {
			y = float64(x.Outcomes[o])
		}
		s.addMoment(x, o, momentX, 1)
		s.addMoment(x, o, momentXX, 2*before+1)
		s.addMoment(x, o, momentXY, y)
		s.addCovariate(x, o, momentCX, 1)
	}
}

// addOutcome raises y of one outcome by more, and with it Σy, Σy², Σxy and Σcy.
func (s *State) addOutcome(x *ExperimentUser, o outcome, more, before float64) {
	s.addMoment(x, o, momentY, more)
	s.addMoment(x, o, momentYY, 2*before*more+more*more)
	s.addMoment(x, o, momentXY, float64(x.Sends)*more)
	s.addCovariate(x, o, momentCY, more)
}

// addCovariate raises Σcx or Σcy of one outcome when x or y grows by more. Most users
// have a covariate of 0, which changes neither.
func (s *State) addCovariate(x *ExperimentUser, o outcome, m moment, more float64) {
	if x.Covariate > 0 {
		s.addMoment(x, o, m, float64(x.Covariate)*more)
	}
}

func (s *State) addMoment(x *ExperimentUser, o outcome, m moment, by float64) {
	s.add(catalog.ExperimentMoments, by, x.Experiment, x.Variant, s.constants.outcomes[o], s.constants.moments[m])
}

// addValue counts what a conversion was worth.
func (s *State) addValue(x *ExperimentUser, value float64) {
	before := x.Value
	x.Value += value
	s.addOutcome(x, outcomeValue, value, before)
}
