package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// ExperimentUser is what one user did in one experiment.
type ExperimentUser struct {
	// Experiment and Variant identify the arm; a user stays in the first one.
	Experiment, Variant metrics.Symbol
	// Crossed is true once the user was seen in another arm too.
	Crossed bool
	// Stages is a bit set of catalog.Stage that any notification reached.
	Stages uint16
	// Sends is x of the moments; Outcomes are y, how many notifications reached
	// open, click, conversion and opt_out; Value is y of the outcome value.
	Sends    uint32
	Outcomes [4]uint32
	Value    float64
}

// The outcomes and moments, as indexes of their labels' values.
const (
	outcomeValue metrics.Symbol = 4

	momentN metrics.Symbol = iota - 1
	momentX
	momentXX
	momentY
	momentYY
	momentXY
)

// outcomeOf is the outcome that a stage is, if any.
func outcomeOf(stage catalog.Stage) (outcome int, ok bool) {
	switch stage {
	case catalog.StageOpened:
		return 0, true
	case catalog.StageClicked:
		return 1, true
	case catalog.StageConverted:
		return 2, true
	case catalog.StageOptedOut:
		return 3, true
	default:
		return 0, false
	}
}

// experimentUser finds the user in an experiment, or lets the user enter it in
// this variant. A second variant is a crossover, counted once per user.
func (s *State) experimentUser(u *User, experiment, variant metrics.Symbol) *ExperimentUser {
	for i := range u.Experiments {
		x := &u.Experiments[i]
		if x.Experiment != experiment {
			continue
		}
		if x.Variant != variant && !x.Crossed {
			x.Crossed = true
			s.crossovers.Add(1, experiment)
		}
		return x
	}
	s.crossovers.Born(experiment)
	u.Experiments = append(u.Experiments, ExperimentUser{Experiment: experiment, Variant: variant})
	for outcome := range outcomeValue + 1 {
		s.moments.Add(1, experiment, variant, outcome, momentN)
		for moment := momentX; moment <= momentXY; moment++ {
			s.moments.Born(experiment, variant, outcome, moment)
		}
	}
	return &u.Experiments[len(u.Experiments)-1]
}

// reachExperiment books that a notification of the user reached a stage.
func (s *State) reachExperiment(x *ExperimentUser, stage catalog.Stage) {
	if x.Stages&(1<<stage) == 0 {
		x.Stages |= 1 << stage
		if s.experimentUsers.Add(1, metrics.Symbol(stage), x.Experiment, x.Variant) {
			eachStage(func(o metrics.Symbol) { s.experimentUsers.Born(o, x.Experiment, x.Variant) })
		}
	}
	if stage == catalog.StageSent {
		s.addSend(x)
	}
	if outcome, ok := outcomeOf(stage); ok {
		y := float64(x.Outcomes[outcome])
		x.Outcomes[outcome]++
		s.addMoments(x, metrics.Symbol(outcome), 1, y)
	}
}

// addSend raises x by one: Σx², and Σxy of every outcome, follow.
func (s *State) addSend(x *ExperimentUser) {
	before := float64(x.Sends)
	x.Sends++
	for outcome := range outcomeValue + 1 {
		y := x.Value
		if outcome < outcomeValue {
			y = float64(x.Outcomes[outcome])
		}
		s.moments.Add(1, x.Experiment, x.Variant, outcome, momentX)
		s.moments.Add(2*before+1, x.Experiment, x.Variant, outcome, momentXX)
		s.moments.Add(y, x.Experiment, x.Variant, outcome, momentXY)
	}
}

// addMoments raises y of one outcome by more: Σy² and Σxy follow.
func (s *State) addMoments(x *ExperimentUser, outcome metrics.Symbol, more, before float64) {
	s.moments.Add(more, x.Experiment, x.Variant, outcome, momentY)
	s.moments.Add(2*before*more+more*more, x.Experiment, x.Variant, outcome, momentYY)
	s.moments.Add(float64(x.Sends)*more, x.Experiment, x.Variant, outcome, momentXY)
}

// addValue books what a conversion was worth.
func (s *State) addValue(x *ExperimentUser, value float64) {
	before := x.Value
	x.Value += value
	s.addMoments(x, outcomeValue, value, before)
}
