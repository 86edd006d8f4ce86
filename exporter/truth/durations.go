package truth

import (
	"cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// durationOf returns when the duration ended that an event ends, as its
// producer says, and whether the producer has measured how long it took. For a
// sent event it is when durations begin.
func durationOf(e *event.Event) (ended int64, measured bool) {
	switch stageOf(e) {
	case catalog.StageSent:
		return cmp.Or(e.SentAt, e.Time), false
	case catalog.StageDelivered:
		return e.Time, e.DeliveryLatency.Known || e.SentAt != 0 && e.DeliveredAt != 0
	case catalog.StageOpened:
		return cmp.Or(e.OpenedAt, e.Time), e.TimeToOpen.Value > 0
	case catalog.StageClicked:
		return cmp.Or(e.ClickedAt, e.Time), e.TimeToClick.Value > 0
	case catalog.StageConverted:
		return cmp.Or(e.ConvertedAt, e.Time), e.TimeToConvert.Value > 0
	}
	return 0, false
}

// first returns the first event that counts and means a stage.
func (n *notification) first(stage catalog.Stage) *fact {
	for i := range n.facts {
		if f := &n.facts[i]; f.counts && f.stage == stage {
			return f
		}
	}
	return nil
}

// countDurations observes what the latest event makes known: the duration that
// it is the first to end, or if it is the first sent, those that waited for it.
func (p *partition) countDurations(n *notification, x *entry) {
	sent, latest := n.sent(), &n.facts[len(n.facts)-1]
	known := func(end *fact) bool { return end != nil && (end == latest || sent == latest) }
	if end := n.first(catalog.StageDelivered); known(end) {
		p.countLatency(x, sent, end, end == latest)
	}
	for _, d := range [...]struct {
		family catalog.Histogram
		stage  catalog.Stage
		took   event.Seconds // as the latest event says
	}{
		{catalog.TimeToOpen, catalog.StageOpened, x.TimeToOpen},
		{catalog.TimeToClick, catalog.StageClicked, x.TimeToClick},
		{catalog.TimeToConvert, catalog.StageConverted, x.TimeToConvert},
	} {
		end := n.first(d.stage)
		switch {
		case !known(end):
		case sent == nil && end.measured:
			p.observe(d.family, d.took.Value, x.at.channel, x.at.category)
		case sent == nil, end.measured && end != latest: // it waits, or was observed when it came
		default:
			p.observeBetween(d.family, sent.ended, end.ended, x.at.channel, x.at.category)
		}
	}
}

// countLatency observes a first delivery: the provider's own measurement, else
// the two times that it names, else the time between the two events.
func (p *partition) countLatency(x *entry, sent, end *fact, endIsLatest bool) {
	values := []string{x.at.channel, end.provider, x.at.priority}
	switch {
	case end.measured && !endIsLatest: // observed when it came
	case end.measured && x.DeliveryLatency.Known:
		p.observe(catalog.DeliveryLatency, x.DeliveryLatency.Value, values...)
	case end.measured:
		p.observeBetween(catalog.DeliveryLatency, x.SentAt, x.DeliveredAt, values...)
	case sent != nil:
		p.observeBetween(catalog.DeliveryLatency, sent.time, end.time, values...)
	}
}
