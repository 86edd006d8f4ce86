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

// durationOf is the duration that the first event of a stage ends; numDurations
// for the stages that end none.
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

// observeDurations observes what the event makes known: the duration that it
// ends, or, when it is sent, those that waited for it.
func (s *State) observeDurations(e *event.Event, n *Notification, b booking) {
	if e.Type == catalog.EventSent {
		s.observePending(n, b)
		return
	}
	d := durationOf(stage(e))
	if d == numDurations || n.Observed&(1<<d) != 0 {
		return
	}
	n.Observed |= 1 << d
	if d == toDelivery {
		s.observeDelivery(e, n, b)
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
		s.observe(d, end-n.SentAt, b.at.Channel, b.at.Category)
	case claimed.Known && claimed.Value > 0:
		s.timeTo[d].Observe(claimed.Value, b.at.Channel, b.at.Category)
	default:
		n.Pending[d] = end
	}
}

// observeDelivery observes the first delivery: the producer's own latency,
// else its own two times, else the difference of the two events.
func (s *State) observeDelivery(e *event.Event, n *Notification, b booking) {
	n.DeliveryProvider = b.provider
	labels := []metrics.Symbol{b.at.Channel, b.provider, b.at.Priority}
	switch {
	case e.DeliveryLatency.Known:
		s.timeTo[toDelivery].Observe(e.DeliveryLatency.Value, labels...)
	case e.SentAt > 0 && e.DeliveredAt > 0:
		s.observe(toDelivery, e.DeliveredAt-e.SentAt, labels...)
	case n.Sent:
		s.observe(toDelivery, e.Time-n.SentTime, labels...)
	default:
		n.Pending[toDelivery] = e.Time
	}
}

// observePending observes the durations of events that came before sent, under
// the labels of sent.
func (s *State) observePending(n *Notification, b booking) {
	for d, end := range n.Pending {
		switch {
		case end == 0:
		case d == toDelivery:
			s.observe(d, end-n.SentTime, b.at.Channel, n.DeliveryProvider, b.at.Priority)
		default:
			s.observe(d, end-n.SentAt, b.at.Channel, b.at.Category)
		}
		n.Pending[d] = 0
	}
}

// observe adds one computed duration in nanoseconds; a negative one is a clock
// that is wrong somewhere, counted and left out.
func (s *State) observe(d int, nanoseconds int64, set ...metrics.Symbol) {
	if nanoseconds < 0 {
		s.skew.Add(1)
		return
	}
	s.timeTo[d].Observe(float64(nanoseconds)/1e9, set...)
}

func orTime(own, otherwise int64) int64 {
	if own > 0 {
		return own
	}
	return otherwise
}
