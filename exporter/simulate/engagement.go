package simulate

import (
	"cmp"
	"math"
	"time"

	"belfry/exporter/catalog"
)

// interest returns how much more than others a category is opened and clicked.
func interest(category string) float64 {
	switch category {
	case security:
		return 1.6
	case transactional, billing:
		return 1.3
	case reminder, social:
		return 1.0
	default:
		return 0.7
	}
}

// individuality says how far users differ in how often they open, from 0, not at all,
// to 1. It makes engagement so far predict what follows.
const individuality = 0.8

// inclined returns the probability that the user opens what users open with
// probability p on average. A user who opens more than others does so on all channels
// and always. With u uniform in [0, 1), the mean of u^(1/p-1) is p.
func (s *Simulator) inclined(user int, p float64) float64 {
	if p <= 0 {
		return 0
	}
	u := share(mix(s.seedOf(ofInclinations), uint64(user)))
	return (1-individuality)*p + individuality*math.Pow(u, 1/p-1)
}

// response returns the probabilities of what users do with a delivery on the channel, in
// an arm or, if it is nil, in none.
func (c *channel) response(t *template, in *Arm) Arm {
	own := Arm{Open: min(c.open*interest(t.category), 0.95), Click: c.click, OptOut: c.optOut}
	if in != nil {
		own.Open, own.Click = cmp.Or(in.Open, own.Open), cmp.Or(in.Click, own.Click)
		own.OptOut = cmp.Or(in.OptOut, own.OptOut)
	}
	return own
}

// Shares of opens and clicks, by a person.
const (
	// lateOpens come after the attribution window.
	lateOpens = 0.004
	// unseenOpens have no event: with images blocked, a click is the first sign of a
	// reader. Not in experiments, whose open rates are exact.
	unseenOpens                   = 0.04
	repeatedOpens, repeatedClicks = 0.15, 0.08
)

// planEngagement plans what programs and people do with a notification after its
// delivery.
func (s *Simulator) planEngagement(l *lifecycle, delivered int64) {
	d, c := s.dice, l.channel
	if d.chance(c.machine) {
		scanned := delivered + int64(2*time.Second+d.exponential(3*time.Minute))
		s.add(l, step{at: scanned, kind: catalog.EventOpened, machine: true})
	}
	own := c.response(l.template, l.arm)
	switch {
	case d.chance(s.inclined(l.user, own.Open)):
		s.planOpen(l, delivered, own.Click)
	case d.chance(c.dismiss):
		s.react(l, delivered+int64(d.delay(c.opens)), catalog.EventDismissed)
	}
	if d.chance(c.complain) {
		s.react(l, delivered+int64(d.scattered(time.Minute, 48*time.Hour)), catalog.EventComplained)
	}
	if l.template.optional() && d.chance(min(1, own.OptOut*s.incidents.optOutFactor(delivered, c.name))) {
		l.change = "opt_out"
		s.add(l, step{
			at:   delivered + int64(d.scattered(5*time.Second, 10*time.Minute)),
			kind: catalog.EventPreferenceChanged, named: d.chance(namedOptOuts),
		})
	}
	if share(mix(l.key, ofScans)) < c.scanned {
		s.planScan(l, delivered)
	}
}

// planScan plans the clicks of a scanner that follows the links of a mail before a
// person sees it.
func (s *Simulator) planScan(l *lifecycle, delivered int64) {
	at := delivered + int64(time.Second+s.dice.exponential(20*time.Second))
	for range 1 + s.dice.IntN(2) {
		s.add(l, step{at: at, kind: catalog.EventClicked, machine: true})
		at += int64(s.dice.between(50*time.Millisecond, time.Second))
	}
}

// planOpen plans when and how often a person opens it, and what follows.
func (s *Simulator) planOpen(l *lifecycle, delivered int64, click float64) {
	d := s.dice
	at := delivered + int64(d.delay(l.channel.opens))
	late := d.chance(lateOpens)
	if late {
		at = l.begun + int64(d.between(7*24*time.Hour+time.Hour, 8*24*time.Hour+6*time.Hour))
	}
	clicks := d.chance(click)
	if !clicks || l.arm != nil || !d.chance(unseenOpens) {
		s.react(l, at, catalog.EventOpened)
	}
	if !late && d.chance(repeatedOpens) {
		s.react(l, at+int64(d.scattered(time.Minute, 24*time.Hour)), catalog.EventOpened)
	}
	if !clicks {
		return
	}
	clicked := at + int64(d.scattered(time.Second, 10*time.Minute))
	s.react(l, clicked, catalog.EventClicked)
	if d.chance(repeatedClicks) {
		s.react(l, clicked+int64(d.scattered(2*time.Second, 20*time.Minute)), catalog.EventClicked)
	}
	if !late && d.chance(l.channel.convert*interest(l.template.category)) {
		s.react(l, clicked+int64(d.scattered(30*time.Second, 24*time.Hour)), catalog.EventConverted)
	}
}

// undecided reports whether a reaction so long after the notification is left out: just
// before the end of the attribution window, where the delay of an event would decide
// whether it is late, and when the exporter may have forgotten the notification.
func undecided(age time.Duration) bool {
	return age > attention && age < 7*24*time.Hour || age > 8*24*time.Hour+7*time.Hour
}

// react plans a person's reaction.
func (s *Simulator) react(l *lifecycle, at int64, kind catalog.EventType) {
	if !undecided(time.Duration(at - l.begun)) {
		s.add(l, step{at: at, kind: kind})
	}
}
