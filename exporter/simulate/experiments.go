package simulate

import (
	"slices"
)

// experiment describes a test between arms whose true effects are known. All
// notifications of its category on its channels take part.
type experiment struct {
	id       string
	channels []string
	category string
	arms     []arm
}

// arm describes one variant. A rate of 0 keeps that of the channel.
type arm struct {
	name string
	// open is the share of deliveries that a person opens, click the share of
	// opens that are clicked.
	open, click float64
}

// The arms have equal shares of users.
var runningExperiments = []experiment{
	{id: "exp_subject", channels: []string{"email"}, category: marketing, arms: []arm{
		{name: "control", open: 0.20}, {name: "b", open: 0.25},
	}},
	{id: "exp_cta", channels: []string{"push", "in_app"}, category: marketing, arms: []arm{
		{name: "control", click: 0.30}, {name: "green", click: 0.36}, {name: "arrow", click: 0.30},
	}},
}

// crossoverShare of the users are seen in other arms than their own, as happens to users
// who are logged out.
const crossoverShare = 0.004

// enrollment holds a notification's part in an experiment; both are nil for none.
type enrollment struct {
	experiment *experiment
	arm        *arm
}

// enroll decides on the experiment and arm of a notification. A user's arm is a
// hash of the user, so it stays.
func (s *Simulator) enroll(user int, c *channel, t *template, at int64) enrollment {
	for i := range runningExperiments {
		x := &runningExperiments[i]
		if t.category != x.category || !slices.Contains(x.channels, c.name) {
			continue
		}
		h := mix(mix(s.seedOf(ofExperiments), uint64(i)), uint64(user))
		a := &x.arms[h%uint64(len(x.arms))]
		if share(mix(s.seedOf(ofCrossovers), uint64(user))) < crossoverShare {
			a = &x.arms[s.dice.IntN(len(x.arms))]
		}
		if s.incidents.unassigned(x.id, a.name, h, at) {
			return enrollment{}
		}
		return enrollment{x, a}
	}
	return enrollment{}
}
