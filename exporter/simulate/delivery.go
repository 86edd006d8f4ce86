package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// Decisions of a lifecycle that are drawn from its key, so that they change none of
// its other draws. The numbers below belong to its events.
const (
	ofDeferrals = 1000 + iota
	ofWaits
	ofScans
)

// maxAttempts limits how often a notification is tried.
const maxAttempts = 4

const (
	// failovers gives the share of retries for which another provider takes over.
	failovers = 0.4
	// reportedTwice gives the share of deliveries that a provider reports as two events.
	reportedTwice = 0.002
)

// planDelivery plans the attempts, and what the user does once one succeeds. Some
// servers put off what comes from a sender for the first time (greylisting).
func (s *Simulator) planDelivery(l *lifecycle) {
	if share(mix(l.key, ofDeferrals)) >= l.channel.deferred {
		s.planAttempts(l, l.begun)
		return
	}
	wait := time.Minute + time.Duration(share(mix(l.key, ofWaits))*float64(14*time.Minute))
	s.planAttempts(l, l.begun+int64(wait))
	s.add(l, step{
		at: l.begun + int64(s.dice.delay(l.channel.arrives)), kind: catalog.EventDeferred,
		provider: l.first, failure: &greylisted,
	})
}

// planAttempts plans the attempts from a time on.
func (s *Simulator) planAttempts(l *lifecycle, begun int64) {
	d := s.dice
	carrier := l.first
	for attempt := range maxAttempts {
		factor := s.incidents.latencyFactor(begun, l.channel.name, l.channel.providers[carrier].name)
		took := float64(d.delay(l.channel.arrives)) * factor
		st, again := s.attempt(d, l.channel, carrier, begun+int64(took))
		st.attempt = attempt
		s.add(l, st)
		switch {
		case st.kind == catalog.EventDelivered:
			s.planAfterDelivery(l, st)
			return
		case !again:
			return
		case st.kind == catalog.EventBounced:
			begun = st.at + int64(d.scattered(2*time.Minute, 40*time.Minute))
		default:
			begun = st.at + int64(d.between(3*time.Second, 6*time.Second))<<attempt
			if d.chance(failovers) {
				carrier = l.channel.failover(carrier)
			}
		}
	}
}

// attempt decides the outcome of an attempt by a provider that ends at a time, and
// whether it is tried again if it fails.
func (s *Simulator) attempt(d *dice, c *channel, carrier int, at int64) (st step, again bool) {
	p := &c.providers[carrier]
	st = step{at: at, provider: carrier}
	incident := s.incidents.failure(at, c.name, p.name)
	switch {
	case incident != nil:
		st.kind, st.failure = catalog.EventFailed, incident
		return st, true
	case d.chance(s.incidents.bounceRate(at, c.name, p.name)):
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

// planAfterDelivery plans what follows a delivery.
func (s *Simulator) planAfterDelivery(l *lifecycle, delivered step) {
	d, c := s.dice, l.channel
	if d.chance(reportedTwice) {
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
