package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// The durations that are measured from sent, once per notification.
const (
	toDelivery = iota
	toOpen
	toClick
	toConvert
	numDurations
)

// durations holds the family of each duration.
var durations = [numDurations]catalog.Histogram{
	toDelivery: catalog.DeliveryLatency, toOpen: catalog.TimeToOpen,
	toClick: catalog.TimeToClick, toConvert: catalog.TimeToConvert,
}

// durationOf returns the duration that the first event of a stage ends,
// numDurations for the stages that end none.
func durationOf(s catalog.Stage) int {
	switch s {
	case catalog.StageDelivered:
		return toDelivery
	case catalog.StageOpened:
		return toOpen
	case catalog.StageClicked:
		return toClick
	case catalog.StageConverted:
		return toConvert
	default:
		return numDurations
	}
}

// observeDurations observes the duration that the event ends or, if it is sent,
// those that waited for it.
func (s *State) observeDurations(e *event.Event, n *Notification, a attribution) {
	if e.Type == catalog.EventSent {
		s.observePending(n, a)
		return
	}
	d := durationOf(a.stage)
	if d == numDurations || n.Observed&(1<<d) != 0 {
		return
	}
	n.Observed |= 1 << d
	if d == toDelivery {
		s.observeDelivery(e, n, a)
		return
	}
	end, claimed := e.Time, event.Seconds{}
	switch d {
	case toOpen:
		end, claimed = orTime(e.OpenedAt, e.Time), e.TimeToOpen
	case toClick:
		end, claimed = orTime(e.ClickedAt, e.Time), e.TimeToClick
	case toConvert:
		end, claimed = orTime(e.ConvertedAt, e.Time), e.TimeToConvert
	}
	switch {
	case n.Sent:
		s.observeBetween(d, n.SentAt, end, a.at.Channel, a.at.Category)
	case claimed.Known:
		s.observe(durations[d], claimed.Value, a.at.Channel, a.at.Category)
	default:
		n.Pending[d] = end
	}
}

// observeDelivery observes the first delivery: the latency that the producer
// measured, else the two times that it names, else the time between the events.
func (s *State) observeDelivery(e *event.Event, n *Notification, a attribution) {
	n.DeliveryProvider = a.provider
	set := []metrics.Symbol{a.at.Channel, a.provider, a.at.Priority}
	switch {
	case e.DeliveryLatency.Known:
		s.observe(catalog.DeliveryLatency, e.DeliveryLatency.Value, set...)
	case e.SentAt > 0 && e.DeliveredAt > 0:
		s.observeBetween(toDelivery, e.SentAt, e.DeliveredAt, set...)
	case n.Sent:
		s.observeBetween(toDelivery, n.SentTime, e.Time, set...)
	default:
		n.Pending[toDelivery] = e.Time
	}
}

// observePending observes the durations whose events came before sent, under the
// labels of sent.
func (s *State) observePending(n *Notification, a attribution) {
	for d, end := range n.Pending {
		switch {
		case end == 0:
		case d == toDelivery:
			s.observeBetween(d, n.SentTime, end, a.at.Channel, n.DeliveryProvider, a.at.Priority)
		default:
			s.observeBetween(d, n.SentAt, end, a.at.Channel, a.at.Category)
		}
		n.Pending[d] = 0
	}
}

// observeBetween observes the time between two times. A negative one means that a
// clock is wrong; it is counted and left out.
func (s *State) observeBetween(d int, from, to int64, set ...metrics.Symbol) {
	if to < from {
		s.add(catalog.EventsClockSkew, 1)
		return
	}
	s.observe(durations[d], float64(to-from)/1e9, set...)
}

func orTime(own, otherwise int64) int64 {
	if own > 0 {
		return own
	}
	return otherwise
}
