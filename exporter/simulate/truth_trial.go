package simulate

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// outcomes are what is measured of users, in the order of trial.y.
var outcomes = [...]string{"open", "click", "conversion", "opt_out", "value"}

// trial is what one user did in one experiment. The user stays in the variant
// that was seen first.
type trial struct {
	experiment, variant string
	// crossed says that the user was seen in another variant too.
	crossed bool
	// reached has a bit for each stage that a notification of the user reached.
	reached uint32
	// x is how many notifications were sent, and y how many reached each outcome;
	// the last one is what their conversions were worth.
	x float64
	y [len(outcomes)]float64
}

// trial finds the user's part in an experiment, or begins one in this variant.
func (u *person) trial(experiment, variant string) *trial {
	for i := range u.trials {
		if x := &u.trials[i]; x.experiment == experiment {
			x.crossed = x.crossed || x.variant != variant
			return x
		}
	}
	u.trials = append(u.trials, trial{experiment: experiment, variant: variant})
	return &u.trials[len(u.trials)-1]
}

// reach remembers that a notification of the user reached a stage. A nil trial
// is that of an event outside experiments, of which nothing is remembered.
func (x *trial) reach(stage catalog.Stage) {
	if x == nil {
		return
	}
	x.reached |= 1 << stage
	switch stage {
	case catalog.StageSent:
		x.x++
	case catalog.StageOpened:
		x.y[0]++
	case catalog.StageClicked:
		x.y[1]++
	case catalog.StageConverted:
		x.y[2]++
	case catalog.StageOptedOut:
		x.y[3]++
	}
}

// earn remembers what a conversion was worth, also a second one of the same
// notification.
func (x *trial) earn(e *event.Event) {
	if x != nil && e.Type == catalog.EventConverted {
		x.y[4] += e.Value.Amount
	}
}

// moments are the sums that a delta-method test needs, in the order of sums.add.
var moments = [...]string{"n", "x", "xx", "y", "yy", "xy"}

// sums are the sums over the users of one arm.
type sums struct {
	crossed float64
	reached [catalog.NumStages]float64
	moments [len(outcomes)][len(moments)]float64
}

func (s *sums) add(x *trial) {
	if x.crossed {
		s.crossed++
	}
	for stage := range s.reached {
		s.reached[stage] += float64(x.reached >> stage & 1)
	}
	for i, y := range x.y {
		for j, of := range [...]float64{1, x.x, x.x * x.x, y, y * y, x.x * y} {
			s.moments[i][j] += of
		}
	}
}

// enterTrials books what all people did in experiments.
func (p *people) enterTrials(b books) {
	arms := map[[2]string]*sums{}
	for _, user := range p.all {
		for i := range user.trials {
			x := &user.trials[i]
			arm := [2]string{x.experiment, x.variant}
			if arms[arm] == nil {
				arms[arm] = &sums{}
			}
			arms[arm].add(x)
		}
	}
	for arm, s := range arms {
		experiment, variant := arm[0], arm[1]
		b.add(catalog.ExperimentCrossovers, s.crossed, experiment)
		for stage, users := range s.reached {
			b.add(catalog.ExperimentUsers, users, catalog.Stage(stage).String(), experiment, variant)
		}
		for i, outcome := range outcomes {
			for j, moment := range moments {
				b.add(catalog.ExperimentMoments, s.moments[i][j], experiment, variant, outcome, moment)
			}
		}
	}
}
