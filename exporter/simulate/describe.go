package simulate

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// How often producers report something wrong.
const (
	// Share of events with another context than sent.
	contradictions = 0.003
	// Share of phones whose clock is behind.
	wrongPhones = 0.004
)

// describe fills in the facts of a step as its producer reports them, and returns the
// producer. It leaves out what the producer does not report, so that e is exactly
// what can be read from the message. A duplicate gets the same facts.
func (s *Simulator) describe(e *event.Event, l *lifecycle, st *step) *producer {
	p := l.reporter(st)
	s.dice.at(l.key, 1+uint64(st.number))
	y := &e.System
	*e = event.Event{
		System:  event.System{Queues: y.Queues[:0], DeadLetters: y.DeadLetters[:0], Services: y.Services[:0]},
		Actions: e.Actions[:0],
	}
	e.Type = st.kind
	e.Time = s.timestamp(p, l, st.at)
	high, low := mix(l.key, 2*uint64(st.number)), mix(l.key, 2*uint64(st.number)+1)
	e.ID = string(appendULID(s.scratch[:0], st.at/int64(time.Millisecond), high, low))
	e.UserID = l.userID
	if st.kind != catalog.EventPreferenceChanged || st.named {
		e.NotificationID = l.notificationID
	}
	switch st.kind {
	case catalog.EventPerformance:
		s.measure(&e.System, l, st.at)
	case catalog.EventPreferenceChanged:
		s.describeChange(e, l)
	case catalog.EventSent, catalog.EventSuppressed:
		s.repeatContext(e, l, knowsAll)
		s.describeSending(e, l, st, p)
	case catalog.EventDelivered, catalog.EventFailed, catalog.EventBounced, catalog.EventDeferred:
		s.repeatContext(e, l, p.knows)
		s.describeAttempt(e, l, st, p)
	default:
		s.repeatContext(e, l, p.knows)
		s.describeReaction(e, l, st, p)
	}
	if p.knows > knowsNothing && s.dice.chance(contradictions) {
		s.contradict(e, l)
	}
	return p
}

// reporter returns who reports a step.
func (l *lifecycle) reporter(st *step) *producer {
	switch st.kind {
	case catalog.EventPerformance:
		return &monitorAgent
	case catalog.EventPreferenceChanged:
		return &preferenceCenter
	case catalog.EventSent, catalog.EventSuppressed:
		return l.channel.sender
	case catalog.EventDelivered, catalog.EventFailed, catalog.EventBounced, catalog.EventDeferred:
		return l.channel.providers[st.provider].reporter
	case catalog.EventConverted:
		return &checkout
	case catalog.EventComplained:
		return &feedbackLoop
	default:
		return l.channel.tracker
	}
}

// instance returns which of a producer's instances has the notification.
func (l *lifecycle) instance(p *producer) int { return int(l.key>>8) % p.instances }

// clockTime returns what the producer's clock shows at a time, in its precision.
func (p *producer) clockTime(l *lifecycle, t int64) int64 {
	if l.instance(p) == 0 {
		t += int64(p.ahead)
	}
	return t - t%int64(p.clock.precision)
}

// timestamp returns the envelope's time: when the producer reports, which is not
// always when it happened.
func (s *Simulator) timestamp(p *producer, l *lifecycle, at int64) int64 {
	if p.batches > 0 {
		at += int64(s.dice.between(0, p.batches))
	}
	return p.clockTime(l, at)
}

// repeatContext fills in as much of the context as the producer knows.
func (s *Simulator) repeatContext(e *event.Event, l *lifecycle, k knowledge) {
	if k == knowsNothing {
		return
	}
	e.Channel, e.Template = l.channel.name, l.template.id
	if k == knowsSome {
		return
	}
	e.Category, e.Priority = l.template.category, l.template.priority
	e.TemplateName, e.Campaign = l.template.name, l.campaign
	e.Platform, e.DeviceType = s.deviceOf(l.user).platform, s.deviceOf(l.user).form
	e.Timezone, e.Country = s.zoneOf(l.user).name, s.zoneOf(l.user).country
	if e.Platform != "" {
		e.AppVersion = appVersions[l.user%len(appVersions)]
	}
	if l.experiment != nil {
		e.Experiment, e.Variant = l.experiment.ID, l.arm.Name
	}
}

// describeChange fills in a preference change. One in ten is for all categories.
func (s *Simulator) describeChange(e *event.Event, l *lifecycle) {
	e.Change, e.Channel = l.change, l.channel.name
	switch {
	case s.dice.chance(0.1):
	case e.NotificationID != "":
		e.Category = l.template.category
	default:
		e.Category = marketing
	}
}

// contradict replaces a field of the context by another value.
func (s *Simulator) contradict(e *event.Event, l *lifecycle) {
	switch e.Type {
	case catalog.EventPerformance, catalog.EventPreferenceChanged, catalog.EventSent, catalog.EventSuppressed:
		return
	}
	d := s.dice
	switch choice := d.IntN(6); {
	case e.Experiment != "" && d.chance(0.4):
		e.Variant = other([]string{"control", "b", "green"}, e.Variant)
	case l.campaign != "" && d.chance(0.4):
		e.Campaign = other(evergreens, l.campaign)
	case choice == 0:
		e.Channel = other(catalog.Channels, l.channel.name)
	case choice == 1:
		e.Category = other([]string{transactional, marketing}, l.template.category)
	case choice == 2:
		e.Priority = other(catalog.Priorities, l.template.priority)
	case choice == 3:
		e.Template, e.TemplateName = templates[d.IntN(len(templates))].id, ""
	case choice == 4:
		e.Experiment, e.Variant = "exp_old", "control"
	default:
		e.Campaign = evergreens[0] // of a notification that may belong to none
	}
}

// other returns the first of values that differs from one.
func other(values []string, one string) string {
	for _, v := range values {
		if v != one {
			return v
		}
	}
	return one
}
