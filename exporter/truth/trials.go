package truth

import "belfry/exporter/catalog"

// trial records what one user did in one experiment. The user stays in the variant
// that was seen first.
type trial struct {
	experiment, variant string
	// crossed says that the user was seen in another variant too.
	crossed bool
	// engaged counts the days on which the user had engaged before entering.
	engaged float64
	// reached counts the user's notifications by the stage that they reached.
	reached [catalog.NumStages]float64
	// value sums what the conversions were worth, repeated ones included.
	value float64
}

// trial returns the user's part in an experiment, a new one that begins today if there
// is none, nil if there is none and nobody has said in which variant the user is.
func (u *user) trial(experiment, variant string, today int64) *trial {
	for _, x := range u.trials {
		if x.experiment == experiment {
			x.crossed = x.crossed || variant != "" && variant != x.variant
			return x
		}
	}
	if variant == "" {
		return nil
	}
	x := &trial{experiment: experiment, variant: variant, engaged: u.engagedBefore(today)}
	u.trials = append(u.trials, x)
	return x
}

// reach counts a stage that a notification of the user has reached. It ignores a
// nil trial, which stands for an event outside experiments.
func (x *trial) reach(stage catalog.Stage) {
	if x != nil {
		x.reached[stage]++
	}
}

// enterTrials adds the sums over all users, those forgotten since included.
func enterTrials(all books, users []*user) {
	for _, u := range users {
		for _, x := range u.trials {
			x.enter(all)
		}
	}
}

// enter adds one user's part: the stages reached at least once, and the sums that a
// delta-method test needs of the number of sends x, each outcome y, and the covariate
// c.
func (x *trial) enter(all books) {
	if x.crossed {
		all.add(catalog.ExperimentCrossovers, 1, x.experiment)
	}
	for stage, times := range x.reached {
		if times > 0 {
			all.add(catalog.ExperimentUsers, 1, catalog.Stage(stage).String(), x.experiment, x.variant)
		}
	}
	sends, c := x.reached[catalog.StageSent], x.engaged
	for _, outcome := range [...]struct {
		name string
		y    float64
	}{
		{"open", x.reached[catalog.StageOpened]}, {"click", x.reached[catalog.StageClicked]},
		{"conversion", x.reached[catalog.StageConverted]}, {"opt_out", x.reached[catalog.StageOptedOut]},
		{"value", x.value},
	} {
		y := outcome.y
		for _, m := range [...]struct {
			name string
			sum  float64
		}{
			{"n", 1}, {"x", sends}, {"xx", sends * sends}, {"y", y}, {"yy", y * y}, {"xy", sends * y},
			{"c", c}, {"cc", c * c}, {"cx", c * sends}, {"cy", c * y},
		} {
			all.add(catalog.ExperimentMoments, m.sum, x.experiment, x.variant, outcome.name, m.name)
		}
	}
}
