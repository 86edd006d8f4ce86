package simulate

import (
	"fmt"
	"slices"
	"strings"
)

// Experiment describes a test between arms whose true effects are known. All
// notifications of its category on its channels take part.
type Experiment struct {
	ID       string
	Channels []string
	Category string
	// Arms have equal shares of users. The first is the control.
	Arms []Arm
	// Truth says what is true about the arms, for people.
	Truth string
}

// Arm describes one variant by probabilities. One of 0 is that of the channel.
type Arm struct {
	Name string
	// Open is the share of deliveries that a person opens, Click the share of opens
	// that are clicked, OptOut the share of deliveries after which the user opts out.
	Open, Click, OptOut float64
}

// namedOptOuts gives the share of opt-outs that name the notification. Only those are
// outcomes of an experiment.
const namedOptOuts = 0.7

var runningExperiments = []Experiment{
	{ID: "exp_subject", Channels: []string{"email"}, Category: marketing, Truth: "b is better", Arms: []Arm{
		{Name: "control", Open: 0.20}, {Name: "b", Open: 0.25},
	}},
	{
		ID: "exp_cta", Channels: []string{"push", "in_app"}, Category: marketing,
		Truth: "green is better, arrow is not",
		Arms:  []Arm{{Name: "control", Click: 0.30}, {Name: "green", Click: 0.36}, {Name: "arrow", Click: 0.30}},
	},
	{ID: "exp_icon", Channels: []string{"push"}, Category: reminder, Truth: "the arms are equal", Arms: []Arm{
		{Name: "control", Open: 0.12}, {Name: "bell", Open: 0.12},
	}},
	{
		ID: "exp_urgency", Channels: []string{"sms"}, Category: marketing,
		Truth: "urgent is opened more, and drives users away",
		Arms:  []Arm{{Name: "control", Open: 0.22, OptOut: 0.002}, {Name: "urgent", Open: 0.27, OptOut: 0.04}},
	},
}

// Experiments returns the experiments that every simulation runs.
func Experiments() []Experiment { return slices.Clone(runningExperiments) }

// ExperimentHelp describes each experiment with its arms, one per line.
func ExperimentHelp() string {
	var b strings.Builder
	for _, x := range runningExperiments {
		fmt.Fprintf(&b, "%s: %s on %s; %s", x.ID, x.Category, strings.Join(x.Channels, " and "), x.Truth)
		for i, a := range x.Arms {
			fmt.Fprintf(&b, "%s%s", [2]string{" (", "; "}[min(i, 1)], a)
		}
		b.WriteString(")\n")
	}
	return b.String()
}

// String names the arm and its own probabilities: "b open=0.25".
func (a Arm) String() string {
	text := a.Name
	for _, p := range []struct {
		name string
		p    float64
	}{{"open", a.Open}, {"click", a.Click}, {"opt_out", a.OptOut}} {
		if p.p > 0 {
			text += fmt.Sprintf(" %s=%g", p.name, p.p)
		}
	}
	return text
}

// crossoverShare of the users are seen in other arms than their own, as happens to users
// who are logged out.
const crossoverShare = 0.004

// enrollment holds a notification's part in an experiment; both are nil for none.
type enrollment struct {
	experiment *Experiment
	arm        *Arm
}

// enroll decides on the experiment and arm of a notification. A user's arm is a
// hash of the user, so it stays.
func (s *Simulator) enroll(user int, c *channel, t *template, at int64) enrollment {
	if at < s.experimentsFrom {
		return enrollment{}
	}
	for i := range runningExperiments {
		x := &runningExperiments[i]
		if t.category != x.Category || !slices.Contains(x.Channels, c.name) {
			continue
		}
		h := mix(mix(s.seedOf(ofExperiments), uint64(i)), uint64(user))
		a := &x.Arms[h%uint64(len(x.Arms))]
		if share(mix(s.seedOf(ofCrossovers), uint64(user))) < crossoverShare {
			a = &x.Arms[s.dice.IntN(len(x.Arms))]
		}
		if s.incidents.unassigned(x.ID, a.Name, h, at) {
			return enrollment{}
		}
		return enrollment{x, a}
	}
	return enrollment{}
}
