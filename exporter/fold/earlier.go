package fold

import (
	"math"
	"slices"

	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// Earlier versions kept one record for all recipients of a notification id. Until
// those records expire, a user's first event continues the one of its id, so that
// nothing counts twice and no delivery becomes an orphan.

// CountAsBefore makes events mean what they meant to the version that kept such
// records, or ends that: a program's clicks are those of a person, what an orphan
// carried is not remembered, only codes of the configuration have a fault, and no value
// is repaired. Use it to fold again what that version has shown, so that no counter
// falls.
func (s *State) CountAsBefore(yes bool) {
	s.asBefore = yes
	s.decoder.ReadAsBefore(yes)
}

// RememberAll makes the fold remember every event id of a notification and every label
// value, as versions before MaxEvents did, or ends that. Use it like CountAsBefore.
func (s *State) RememberAll(yes bool) {
	s.table.KeepValues(yes)
	s.maxEvents = MaxEvents
	if yes {
		s.maxEvents = math.MaxInt
	}
}

// codeOf returns what the label error_code shows of an event.
func (s *State) codeOf(e *event.Event) string {
	if s.asBefore {
		return e.ErrorCode
	}
	return s.faults.Shown(e.ErrorCode)
}

// faultOfCode returns whose fault the event's error code is, if anything says it.
func (s *State) faultOfCode(e *event.Event, provider string) (fault string, ok bool) {
	if s.asBefore {
		fault, ok = s.opts.Faults[e.ErrorCode]
		return fault, ok
	}
	return s.faults.Of(e.ErrorCode, provider)
}

// inherit continues the record that an earlier version kept of the notification
// id, if any. n is the new record of the event's user.
func (s *State) inherit(e *event.Event, n *Notification) {
	earlier := s.records.Earlier(xxh3.HashString128(e.NotificationID).Bytes(), s.clock.Latest)
	if earlier == nil {
		return
	}
	defer func() { s.salt.events(n.Events) }()
	shared := earlier.shared()
	switch whose := s.recipientOf(e, earlier); {
	case whose == another && e.Type == catalog.EventSent:
		n.Events = shared.Events // a notification of its own
	case whose == another:
		*n = shared
	default:
		*n = *earlier
		*earlier = shared
	}
	s.keep(n)
}

// recipient says to whom a record of an earlier version belongs.
type recipient uint8

const (
	unclear recipient = iota
	same              // the user of the event
	another
)

// recipientOf returns whether an earlier record belongs to the event's user: then
// its time of sending is among the user's sends. Only the first recipient's was
// remembered.
func (s *State) recipientOf(e *event.Event, earlier *Notification) recipient {
	if !earlier.Sent {
		return unclear
	}
	u := s.hear(s.pseudonyms.Of(e.UserID))
	switch {
	case slices.Contains(u.Sends, earlier.SentAt):
		return same
	case e.Type == catalog.EventSent, len(u.Sends) > 0 && (len(u.Sends) < maxRecent || u.Sends[0] <= earlier.SentAt):
		return another
	default:
		return unclear
	}
}

// shared returns what a record says about every recipient of its id: how and when
// it was sent, and which events were counted.
func (n *Notification) shared() Notification {
	all := newNotification()
	all.Provider, all.Events = n.Provider, slices.Clone(n.Events)
	if n.Sent {
		all.Sent, all.Context, all.SentTime, all.SentAt = true, n.Context, n.SentTime, n.SentAt
		all.Hour, all.Weekday, all.Recent = n.Hour, n.Weekday, n.Recent
		all.Stages = n.Stages & (1 << catalog.StageSent)
	}
	return all
}

// keep lets the values to which a record refers live as long as it does from now on.
func (s *State) keep(n *Notification) {
	touch := func(l *catalog.Label, sym metrics.Symbol) {
		if sym != metrics.None {
			s.labels[l.Index()].Touch(sym)
		}
	}
	c := &n.Context
	touch(catalog.LabelCategory, c.Category)
	touch(catalog.LabelTemplate, c.Template)
	touch(catalog.LabelCampaign, c.Campaign)
	touch(catalog.LabelExperiment, c.Experiment)
	touch(catalog.LabelVariant, c.Variant)
	touch(catalog.LabelProvider, n.Provider)
	touch(catalog.LabelProvider, n.DeliveryProvider)
	touch(catalog.LabelProvider, n.SLOProvider)
}
