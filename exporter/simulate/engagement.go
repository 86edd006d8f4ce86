package simulate

import (
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

// planEngagement plans what programs and people do with a notification after its
// delivery.
func (s *Simulator) planEngagement(l *lifecycle, delivered int64) {
	d, c := s.dice, l.channel
	if d.chance(c.machine) {
		scanned := delivered + int64(2*time.Second+d.exponential(3*time.Minute))
		s.add(l, step{at: scanned, kind: catalog.EventOpened, machine: true})
	}
	open, click := c.open*interest(l.template.category), c.click
	if l.arm != nil && l.arm.open > 0 {
		open = l.arm.open
	}
	if l.arm != nil && l.arm.click > 0 {
		click = l.arm.click
	}
	switch {
	case d.chance(min(open, 0.95)):
		s.planOpen(l, delivered, click)
	case d.chance(c.dismiss):
		s.react(l, delivered+int64(d.delay(c.opens)), catalog.EventDismissed)
	}
	if d.chance(c.complain) {
		s.react(l, delivered+int64(d.scattered(time.Minute, 48*time.Hour)), catalog.EventComplained)
	}
	if l.template.optional() && d.chance(min(1, c.optOut*s.incidents.optOutFactor(delivered, c.name))) {
		l.change = "opt_out"
		s.add(l, step{
			at:   delivered + int64(d.scattered(5*time.Second, 10*time.Minute)),
			kind: catalog.EventPreferenceChanged, named: d.chance(0.7),
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
	late := d.chance(0.004)
	if late {
		at = l.begun + int64(d.between(7*24*time.Hour+time.Hour, 8*24*time.Hour+6*time.Hour))
	}
	clicks := d.chance(click)
	// With images blocked, a click is the first sign of a reader. Not in experiments,
	// whose open rates are exact.
	if !clicks || l.arm != nil || !d.chance(0.04) {
		s.react(l, at, catalog.EventOpened)
	}
	if !late && d.chance(0.15) {
		s.react(l, at+int64(d.scattered(time.Minute, 24*time.Hour)), catalog.EventOpened)
	}
	if !clicks {
		return
	}
	clicked := at + int64(d.scattered(time.Second, 10*time.Minute))
	s.react(l, clicked, catalog.EventClicked)
	if d.chance(0.08) {
		s.react(l, clicked+int64(d.scattered(2*time.Second, 20*time.Minute)), catalog.EventClicked)
	}
	if !late && d.chance(l.channel.convert*interest(l.template.category)) {
		s.react(l, clicked+int64(d.scattered(30*time.Second, 24*time.Hour)), catalog.EventConverted)
	}
}

// react plans a person's reaction. It drops those just before the end of the attribution
// window, where the delay of an event would decide whether it is late, and those after
// which the exporter forgets the notification.
func (s *Simulator) react(l *lifecycle, at int64, kind catalog.EventType) {
	age := time.Duration(at - l.begun)
	if age > attention && age < 7*24*time.Hour {
		return
	}
	if age > 8*24*time.Hour+7*time.Hour {
		return
	}
	s.add(l, step{at: at, kind: kind})
}
