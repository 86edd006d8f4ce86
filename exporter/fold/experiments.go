package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// ExperimentUser records what one user did in one experiment.
type ExperimentUser struct {
	// Experiment and Variant identify the arm. A user stays in the first one.
	Experiment, Variant metrics.Symbol
	// Crossed turns true once the user is seen in another arm too.
	Crossed bool
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

// moment names a sum over users: n counts them, x is their sends, y an outcome.
type moment uint8

const (
	momentN moment = iota
	momentX
	momentXX
	momentY
	momentYY
	momentXY
	numMoments = iota
)

var momentNames = [numMoments]string{"n", "x", "xx", "y", "yy", "xy"}

// experimentUser returns the user's part in an experiment. A user who has none
// enters it in this variant; while the variant is unknown, it returns nil. A second
// variant counts as a crossover, once per user.
func (s *State) experimentUser(u *User, experiment, variant metrics.Symbol) *ExperimentUser {
	unknown := s.labels.orUnknown(catalog.LabelVariant, metrics.None)
	for i := range u.Experiments {
		x := &u.Experiments[i]
		if x.Experiment != experiment || x.Variant == unknown { // earlier versions stored unknown
			continue
		}
		if variant != unknown && variant != x.Variant && !x.Crossed {
			x.Crossed = true
			s.add(catalog.ExperimentCrossovers, 1, experiment)
		}
		return x
	}
	if variant == unknown {
		return nil
	}
	return s.enter(u, experiment, variant)
}

// enter assigns the user to an arm of an experiment.
func (s *State) enter(u *User, experiment, variant metrics.Symbol) *ExperimentUser {
	s.born(catalog.ExperimentCrossovers, experiment)
	u.Experiments = append(u.Experiments, ExperimentUser{Experiment: experiment, Variant: variant})
	x := &u.Experiments[len(u.Experiments)-1]
	for o := range outcome(numOutcomes) {
		s.addMoment(x, o, momentN, 1)
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

// addSend raises x by one, and with it Σx and Σx², and Σxy of every outcome.
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
	}
}

// addOutcome raises y of one outcome by more, and with it Σy, Σy² and Σxy.
func (s *State) addOutcome(x *ExperimentUser, o outcome, more, before float64) {
	s.addMoment(x, o, momentY, more)
	s.addMoment(x, o, momentYY, 2*before*more+more*more)
	s.addMoment(x, o, momentXY, float64(x.Sends)*more)
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
