package simulate

import (
	"math"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// describeSending adds what the worker knows about the send.
func (s *Simulator) describeSending(e *event.Event, l *lifecycle, st *step, p *producer) {
	d, c := s.dice, l.channel
	if e.Reason = l.reason; e.Reason != "" {
		return
	}
	carrier := &c.providers[st.provider]
	e.Provider, e.Cost = carrier.name, carrier.cost
	if p.moments {
		e.SentAt = p.clockTime(l, l.begun-int64(d.between(0, 20*time.Millisecond)))
	}
	if p.performance == "" {
		return
	}
	waits, renders := c.waits, c.renders
	renders.median = time.Duration(float64(renders.median) * s.incidents.processingFactor(st.at, c.name))
	waits.median = time.Duration(float64(waits.median) * s.incidents.latencyFactor(st.at, c.name, carrier.name))
	e.Steps[catalog.StepQueueWait] = inMillis(d.delay(waits))
	e.Steps[catalog.StepRender] = inMillis(d.delay(renders))
	e.Steps[catalog.StepPersonalize] = inMillis(d.delay(renders) / 2)
	e.Steps[catalog.StepProcess] = inMillis(d.delay(renders) * 2)
}

// inMillis rounds a duration as producers write it, to milliseconds with one decimal
// and never to 0.
func inMillis(d time.Duration) event.Seconds {
	return event.Seconds{Value: float64(max(1, milliTenths(d))) / 1e4, Known: true}
}

// describeAttempt adds what the provider reports about an attempt. Every producer names
// the provider of a failure.
func (s *Simulator) describeAttempt(e *event.Event, l *lifecycle, st *step, p *producer) {
	carrier := &l.channel.providers[st.provider]
	failed := st.kind != catalog.EventDelivered
	if p.knows >= knowsSome || failed {
		e.Provider = carrier.name
		e.RetryCount = event.Count{Value: uint32(st.attempt), Known: true}
	}
	if st.provider != l.first {
		e.Cost = carrier.cost
	}
	if failed {
		s.describeFailure(e, l, st, p)
		return
	}
	if p.moments {
		e.SentAt, e.DeliveredAt = p.clockTime(l, l.begun), p.clockTime(l, st.at)
	}
	if p.durations {
		e.DeliveryLatency = inMillis(time.Duration(st.at - l.begun))
	}
	if p.performance != "" {
		e.Steps[catalog.StepDeliver] = inMillis(time.Duration(float64(st.at-l.begun) * (0.5 + 0.4*s.dice.Float64())))
	}
}

func (s *Simulator) describeFailure(e *event.Event, l *lifecycle, st *step, p *producer) {
	e.ErrorCode = st.failure.code
	if p.moments && st.kind != catalog.EventDeferred {
		e.FailedAt = p.clockTime(l, st.at)
	}
	switch {
	case st.kind != catalog.EventBounced:
	case st.hard:
		e.BounceType = "hard"
	case p != &coarseReports:
		e.BounceType = "soft"
	}
}

// describeReaction adds how the user reacted.
func (s *Simulator) describeReaction(e *event.Event, l *lifecycle, st *step, p *producer) {
	d := s.dice
	happened := st.at
	if p.batches > 0 && d.chance(wrongPhones) {
		happened -= int64(d.scattered(time.Minute, 10*time.Hour))
	}
	var moment int64
	if p.moments {
		moment = p.clockTime(l, happened)
	}
	var took event.Seconds
	if p.durations {
		took = inMillis(time.Duration(st.at - l.begun))
	}
	switch st.kind {
	case catalog.EventOpened:
		e.Machine = st.machine
		e.OpenedAt, e.TimeToOpen = moment, took
	case catalog.EventClicked:
		e.Machine = st.machine
		e.ClickedAt, e.TimeToClick = moment, took
	case catalog.EventConverted:
		e.ConvertedAt, e.TimeToConvert = moment, took
		e.Value = event.Money{Amount: d.price(), Currency: s.zoneOf(l.user).currency}
	case catalog.EventDismissed:
		e.DismissedAt = moment
	}
	s.describeActions(e, p)
}

// price draws what a conversion is worth, in the user's currency.
func (d *dice) price() float64 { return (math.Round(math.Exp(3.4+0.8*d.NormFloat64())*100) + 1) / 100 }

// Shares of a person's opens and dismissals with which actions are taken.
const expandingOpens, snoozingDismissals = 0.06, 0.05

// describeActions adds the actions taken, if the producer reports them.
func (s *Simulator) describeActions(e *event.Event, p *producer) {
	d := s.dice
	if p.knows == knowsNothing {
		return
	}
	switch e.Type {
	case catalog.EventOpened:
		switch {
		case e.Machine && d.chance(0.05):
			e.Actions = append(e.Actions, "prefetch")
		case !e.Machine && d.chance(expandingOpens):
			e.Actions = append(e.Actions, "expand", "save")
		}
	case catalog.EventClicked:
		e.Actions = append(e.Actions, "click")
	case catalog.EventConverted:
		e.Actions = append(e.Actions, "purchase")
	case catalog.EventDismissed:
		if d.chance(snoozingDismissals) {
			e.Actions = append(e.Actions, "snooze")
		}
	}
}
