package simulate

import (
	"math/bits"
	"slices"
	"time"

	"belfry/exporter/catalog"
)

// The outline remembers of each user what the exporter does.

// maxSends is how many sends of a user are remembered.
const maxSends = 11

// recentWindow limits how far back a user's sends count as recent.
const recentWindow = 7 * 24 * time.Hour

// Person holds what the outline knows of a user.
type Person struct {
	// FirstHour and EngagedHour say when the user was first sent something and last
	// engaged, in hours since 1970; 0 is never.
	FirstHour, EngagedHour int64
	// Trials holds the user's part in each experiment.
	Trials []Part

	sends [maxSends]int64 // a ring
	next  uint8
	// days has a bit for each of the last 64 days on which the user engaged, the lowest
	// for the day of EngagedHour.
	days uint64
}

// Part holds what one user did in one experiment.
type Part struct {
	Experiment, Variant string
	Crossed             bool
	Stages              uint32 // a bit for each catalog.Stage
	Sends               uint32
	// Outcomes counts by the values of catalog.LabelOutcome; that of value is a sum.
	Outcomes []float64
	// Engaged counts the days on which the user engaged in the 30 days before.
	Engaged int

	arm int16
}

// send remembers a send and returns the class, an index of catalog.RecentSends, of how
// many others came before.
func (p *Person) send(at int64) uint8 {
	recent := maxSends
	if oldest := p.sends[p.next]; oldest == 0 || oldest < at-int64(recentWindow) {
		recent = 0
		for _, sent := range p.sends {
			if sent != 0 && sent >= at-int64(recentWindow) {
				recent++
			}
		}
	}
	p.sends[p.next] = at
	p.next = (p.next + 1) % maxSends
	if p.FirstHour == 0 {
		p.FirstHour = at / int64(time.Hour)
	}
	switch {
	case recent == 0:
		return 0
	case recent <= 2:
		return 1
	case recent <= 5:
		return 2
	case recent < maxSends:
		return 3
	}
	return 4
}

// Sends returns when the user was last sent something, in nanoseconds since 1970,
// ascending.
func (p *Person) Sends() []int64 {
	all := slices.DeleteFunc(slices.Clone(p.sends[:]), func(at int64) bool { return at == 0 })
	slices.Sort(all)
	return all
}

// lastDay returns the day since 1970 on which the user last engaged, 0 for never.
func (p *Person) lastDay() int64 { return p.EngagedHour / 24 }

// engage remembers that the user engaged at a time.
func (p *Person) engage(at int64) {
	if later := at/int64(24*time.Hour) - p.lastDay(); later > 0 {
		p.days = p.days<<later | 1
	} else {
		p.days |= 1 << -later
	}
	p.EngagedHour = max(p.EngagedHour, at/int64(time.Hour))
}

// EngagedDays returns a bit for each of the last 45 days on which the user engaged, the
// lowest for the day of EngagedHour.
func (p *Person) EngagedDays() uint64 { return p.days & (1<<45 - 1) }

// engagedDays counts the days with engagement among the 30 before that of a time.
func (p *Person) engagedDays(at int64) int {
	ahead := at/int64(24*time.Hour) - p.lastDay() // of the last day with engagement
	if ahead < 0 || ahead > 30 {
		return 0
	}
	// Bit i is i+ahead days ago; today does not count.
	days := p.days
	if ahead == 0 {
		days, ahead = days>>1, 1
	}
	return bits.OnesCount64(days & (1<<(31-ahead) - 1))
}

// armOf holds one arm of an experiment.
type armOf struct {
	experiment int
	arm        *Arm
}

// allArms lists the arms of all experiments.
var allArms = func() (all []armOf) {
	for x := range runningExperiments {
		for a := range runningExperiments[x].Arms {
			all = append(all, armOf{x, &runningExperiments[x].Arms[a]})
		}
	}
	return all
}()

// enroll returns the arm of a notification, -1 for none. It decides as
// Simulator.enroll does.
func (o *Outline) enroll(user int, c *channel, t *template, at int64) int16 {
	if at < o.trials || !inTrials[t.category] {
		return -1
	}
	e := o.s.enroll(user, c, t, at)
	if e.arm == nil {
		return -1
	}
	return int16(slices.IndexFunc(allArms, func(a armOf) bool { return a.arm == e.arm }))
}

// inTrials holds the categories that take part in experiments.
var inTrials = func() map[string]bool {
	in := map[string]bool{}
	for _, x := range runningExperiments {
		in[x.Category] = true
	}
	return in
}()

// part returns the user's part in the experiment of a notification, who enters it if
// there is none. A second arm makes the user a crossover, who stays in the first.
func (o *Outline) part(n *notice) *Part {
	a := allArms[n.arm]
	x := &runningExperiments[a.experiment]
	p := &o.users[n.user]
	for i := range p.Trials {
		part := &p.Trials[i]
		if allArms[part.arm].experiment != a.experiment {
			continue
		}
		if part.arm != n.arm && !part.Crossed {
			part.Crossed = true
			o.add(catalog.ExperimentCrossovers.Family, 1, x.ID)
		}
		return part
	}
	o.add(catalog.ExperimentCrossovers.Family, 0, x.ID)
	p.Trials = append(p.Trials, Part{
		Experiment: x.ID, Variant: a.arm.Name, arm: n.arm, Engaged: p.engagedDays(n.at),
		Outcomes: make([]float64, len(catalog.LabelOutcome.Values)),
	})
	part := &p.Trials[len(p.Trials)-1]
	o.moments.enter(part)
	return part
}

// tried counts a stage that a notification in an experiment has reached.
func (o *Outline) tried(stage catalog.Stage, n *notice) {
	x := o.part(n)
	if x.Stages&(1<<stage) == 0 {
		x.Stages |= 1 << stage
		o.add(catalog.ExperimentUsers.Family, 1, stage.String(), x.Experiment, x.Variant)
	}
	if stage == catalog.StageSent {
		o.moments.send(x)
		x.Sends++
	}
	if i := outcomeOf(stage); i >= 0 {
		o.moments.gain(x, i, 1)
	}
}

// worth counts what a conversion in an experiment was worth.
func (o *Outline) worth(n *notice, value float64) {
	o.moments.gain(o.part(n), slices.Index(catalog.LabelOutcome.Values, "value"), value)
}

// outcomeOf returns the outcome that a stage is, as an index of the values of
// catalog.LabelOutcome, -1 for none.
func outcomeOf(stage catalog.Stage) int {
	switch stage {
	case catalog.StageOpened:
		return 0
	case catalog.StageClicked:
		return 1
	case catalog.StageConverted:
		return 2
	case catalog.StageOptedOut:
		return 3
	default:
		return -1
	}
}

// Person returns what is known of a user by number.
func (o *Outline) Person(user int) *Person { return &o.users[user] }

// UserID returns the id of a user in events.
func (o *Outline) UserID(user int) string { return o.s.userID(user) }

// Persons returns the number of users.
func (o *Outline) Persons() int { return len(o.users) }

// Continue returns a simulator that goes on with the outline's platform: its users want
// what they wanted last.
func (o *Outline) Continue(c Config) (*Simulator, error) {
	c.Seed, c.Users = o.s.config.Seed, o.s.config.Users
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	copy(s.people.users, o.s.people.users)
	s.experimentsFrom = o.trials
	return s, nil
}
