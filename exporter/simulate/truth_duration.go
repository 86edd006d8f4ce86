package simulate

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// enterDurations books how long it took from sent to a stage, once, when the
// stage is first reached, or when sent comes after it.
func (t *Truth) enterDurations(n *entry) {
	r := n.of
	switch {
	case !n.first:
	case n.Type == catalog.EventSent:
		t.enterPending(n)
	case n.Type == catalog.EventDelivered:
		t.enterLatency(n)
	case n.Type == catalog.EventOpened && !n.Machine:
		t.enterTimeTo(catalog.TimeToOpen, n, n.OpenedAt, n.TimeToOpen, &r.openedAt)
	case n.Type == catalog.EventClicked:
		t.enterTimeTo(catalog.TimeToClick, n, n.ClickedAt, n.TimeToClick, &r.clickedAt)
	case n.Type == catalog.EventConverted:
		t.enterTimeTo(catalog.TimeToConvert, n, n.ConvertedAt, n.TimeToConvert, &r.convertedAt)
	}
}

// enterLatency books a first delivery: by the provider's own measurement, else
// by the two times that it names, else by the timestamps of the two events.
func (t *Truth) enterLatency(n *entry) {
	r := n.of
	values := []string{label(n.labels.channel), label(n.provider), label(n.labels.priority)}
	switch {
	case n.DeliveryLatency.Known:
		t.observe(catalog.DeliveryLatency, n.DeliveryLatency.Value, values...)
	case n.DeliveredAt != 0 && n.SentAt != 0:
		t.observeBetween(catalog.DeliveryLatency, n.SentAt, n.DeliveredAt, values...)
	case r.sentSeen:
		t.observeBetween(catalog.DeliveryLatency, r.sentTime, n.Time, values...)
	default:
		r.deliveredAt, r.deliveredBy = n.Time, label(n.provider)
	}
}

// enterTimeTo books a reaction: from the time sent to the reaction's own time,
// else to its event's timestamp. Where sent has not come, the producer's own
// measurement counts, and without one the reaction waits for sent.
func (t *Truth) enterTimeTo(h catalog.Histogram, n *entry, at int64, measured event.Seconds, pending *int64) {
	if at == 0 {
		at = n.Time
	}
	channel, category := label(n.labels.channel), label(n.labels.category)
	switch {
	case n.of.sentSeen:
		t.observeBetween(h, n.of.sentAt, at, channel, category)
	case measured.Known && measured.Value > 0:
		t.observe(h, measured.Value, channel, category)
	default:
		*pending = at
	}
}

// enterPending books what waited for sent, under the labels of sent. A
// delivery keeps the provider that delivered.
func (t *Truth) enterPending(n *entry) {
	r := n.of
	channel, category := label(n.labels.channel), label(n.labels.category)
	if r.deliveredAt != 0 {
		t.observeBetween(catalog.DeliveryLatency, r.sentTime, r.deliveredAt, channel, r.deliveredBy, label(n.labels.priority))
	}
	for _, waiting := range []struct {
		h  catalog.Histogram
		at int64
	}{{catalog.TimeToOpen, r.openedAt}, {catalog.TimeToClick, r.clickedAt}, {catalog.TimeToConvert, r.convertedAt}} {
		if waiting.at != 0 {
			t.observeBetween(waiting.h, r.sentAt, waiting.at, channel, category)
		}
	}
}

// observeBetween observes the time between two times; one that would be
// negative is clock skew.
func (t *Truth) observeBetween(h catalog.Histogram, from, to int64, values ...string) {
	if to < from {
		t.add(catalog.EventsClockSkew, 1)
		return
	}
	t.observe(h, time.Duration(to-from).Seconds(), values...)
}
