package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// attempt plays the attempts to deliver, of which the first begins at a time.
func (o *Outline) attempt(n *notice, c *channel, t *template, begun int64) {
	first, carrier := n.provider, n.provider
	var failures trouble
	for attempt := range uint32(maxAttempts) {
		at := begun + o.arrives[contents[n.content].channel].draw(o.dice)
		st, again := o.s.attempt(o.dice, c, int(carrier), at)
		if st.failure != nil || c.providers[carrier].reporter.knows >= knowsSome {
			n.provider = carrier
			failures.retried(o, n, attempt)
		}
		if carrier != first {
			o.spend(n, &c.providers[carrier])
		}
		if st.failure == nil {
			o.deliver(n, c, t, &c.providers[carrier], at, &failures)
			return
		}
		failures.fail(o, n, st.failure, st.kind, st.failedStage())
		switch {
		case !again:
			return
		case st.kind == catalog.EventBounced:
			begun = at + int64(o.dice.scattered(2*time.Minute, 40*time.Minute))
		default:
			begun = at + int64(o.dice.between(3*time.Second, 6*time.Second))<<attempt
			if o.dice.chance(failovers) {
				carrier = uint8(c.failover(int(carrier)))
			}
		}
	}
}

// failedStage returns the stage that a failed attempt reaches.
func (st *step) failedStage() catalog.Stage {
	switch {
	case st.kind == catalog.EventFailed:
		return catalog.StageFailed
	case st.hard:
		return catalog.StageBouncedHard
	}
	return catalog.StageBouncedSoft
}

// trouble holds what went wrong with a notification before its delivery.
type trouble struct {
	retries  uint32
	reached  uint32 // a bit for each stage
	fault    string // of the first failure, and its provider
	provider string
}

// retried counts the retries that an event reports.
func (x *trouble) retried(o *Outline, n *notice, attempt uint32) {
	if attempt > x.retries {
		o.add(catalog.Retries.Family, float64(attempt-x.retries), n.channel().name, n.carrier().name)
		x.retries = attempt
	}
}

// fail counts a failed attempt. The first one counts for the delivery objective.
func (x *trouble) fail(o *Outline, n *notice, f *failure, kind catalog.EventType, stage catalog.Stage) {
	c, p := n.channel().name, n.carrier().name
	o.event(kind, n)
	if x.reached&(1<<stage) == 0 {
		x.reached |= 1 << stage
		o.reach(stage, n)
	}
	code := o.shown(f.code)
	o.add(catalog.Errors.Family, 1, c, p, code, f.fault)
	if !n.booked {
		n.booked, x.fault, x.provider = true, f.fault, p
		o.add(catalog.SLOStages.Family, 1, sloStage(kind), f.fault, c, p)
	}
}

// sloStage returns the stage that a failure means for the delivery objective.
func sloStage(kind catalog.EventType) string {
	if kind == catalog.EventFailed {
		return catalog.StageFailed.String()
	}
	return catalog.EventBounced.String()
}

// deliver plays a delivery and what follows it.
func (o *Outline) deliver(n *notice, c *channel, t *template, p *provider, at int64, before *trouble) {
	o.event(catalog.EventDelivered, n)
	o.reach(catalog.StageDelivered, n)
	o.timeDelivery(n, p, at-n.at)
	if before.reached != 0 {
		o.reach(catalog.StageRecovered, n)
		o.add(catalog.SLOStages.Family, 1, catalog.StageRecovered.String(), before.fault, c.name, before.provider)
	}
	if o.dice.chance(reportedTwice) {
		o.event(catalog.EventDelivered, n)
	}
	if o.dice.chance(c.async) {
		o.later(reaction{
			notice: *n, when: at + int64(o.dice.scattered(10*time.Second, 30*time.Minute)),
			kind: catalog.EventBounced, stage: catalog.StageBouncedHard, first: true,
		})
		return
	}
	o.engage(n, c, t, at)
}
