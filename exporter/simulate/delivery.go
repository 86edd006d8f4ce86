package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// maxAttempts is how often a notification is tried at most.
const maxAttempts = 4

// planDelivery plans the attempts, and what the user does once one succeeds.
func (s *Simulator) planDelivery(l *life) {
	d := s.dice
	carrier, begun := l.first, l.begun
	for attempt := range maxAttempts {
		took := float64(d.delay(l.channel.arrives)) * s.incidents.slowdown(begun, l.channel.name, l.channel.providers[carrier].name)
		st, again := s.attempt(l, carrier, begun+int64(took))
		st.attempt = attempt
		s.add(l, st)
		switch {
		case st.kind == catalog.EventDelivered:
			s.planReceipt(l, st)
			return
		case !again:
			return
		case st.kind == catalog.EventBounced:
			begun = st.at + int64(d.scattered(2*time.Minute, 40*time.Minute))
		default:
			begun = st.at + int64(d.between(3*time.Second, 6*time.Second))<<attempt
			if d.chance(0.4) {
				carrier = l.channel.substitute(carrier)
			}
		}
	}
}

// attempt decides how an attempt that ends at a time ends, and whether there
// is another one if it fails.
func (s *Simulator) attempt(l *life, carrier int, at int64) (st step, again bool) {
	d, c := s.dice, l.channel
	p := &c.providers[carrier]
	st = step{at: at, provider: carrier}
	incident := s.incidents.failing(at, c.name, p.name)
	switch {
	case incident != nil:
		st.kind, st.failure = catalog.EventFailed, incident
		return st, true
	case d.chance(s.incidents.bouncing(at, c.name, p.name)):
		st.kind, st.failure, st.hard = catalog.EventBounced, &p.final[0], true
		return st, false
	case d.chance(c.unreachable):
		st.kind, st.failure = catalog.EventFailed, &p.final[d.IntN(len(p.final))]
		if c.bounces {
			st.kind, st.hard = catalog.EventBounced, true
		}
		return st, false
	case d.chance(c.soft):
		st.kind, st.failure = catalog.EventBounced, &mailboxFull
		return st, d.chance(0.7)
	case d.chance(p.transient):
		st.kind, st.failure = catalog.EventFailed, &p.passing[d.IntN(len(p.passing))]
		return st, d.chance(0.95)
	}
	st.kind = catalog.EventDelivered
	return st, false
}

// planReceipt plans what follows a delivery.
func (s *Simulator) planReceipt(l *life, delivered step) {
	d, c := s.dice, l.channel
	if d.chance(0.002) {
		// Some providers report a delivery twice, as two events.
		again := delivered
		again.at += int64(d.between(100*time.Millisecond, 3*time.Second))
		s.add(l, again)
	}
	if d.chance(c.async) {
		s.add(l, step{
			at: delivered.at + int64(d.scattered(10*time.Second, 30*time.Minute)), kind: catalog.EventBounced,
			provider: delivered.provider, attempt: delivered.attempt, hard: true,
			failure: &c.providers[delivered.provider].final[0],
		})
		return
	}
	s.planEngagement(l, delivered.at)
}
