package truth

import (
	"cmp"

	"belfry/exporter/catalog"
)

// message identifies a notification to one user: providers give one id to several
// recipients.
type message struct{ notification, user string }

// notification collects what events said of one notification to one user.
type notification struct {
	began int64 // when the stream got its first event
	facts []fact
	// context and situation come from its first sent event. They are valid once
	// there is one.
	context   context
	situation situation
}

// fact keeps what one event said, as far as later events of its notification
// depend on it. Times are nanoseconds since 1970.
type fact struct {
	id    string
	kind  catalog.EventType
	stage catalog.Stage // that the event means by itself
	time  int64
	// counts says that the event may change stages: it is neither late, nor an
	// opt-in, nor a program's.
	counts bool
	// engages says that a person did it, not a program.
	engages  bool
	context  context // that it carried
	provider string
	retries  uint32
	// fault says whose a failure or bounce is, and channel under which it counts.
	fault, channel string
	// ended says when the duration that the event ends was over; for sent, when
	// durations begin. measured says that the producer timed it itself.
	ended    int64
	measured bool
}

const (
	// Most notifications have no more than usualFacts events.
	usualFacts = 4
	// maxIDs limits how many event ids of a notification are remembered, the latest.
	maxIDs = 256
)

// countNotification counts an event of a notification.
func (p *partition) countNotification(x *entry) {
	id := message{x.NotificationID, x.UserID}
	n := p.notifications[id]
	if n == nil {
		n = &notification{began: p.latest, facts: make([]fact, 0, usualFacts)}
		p.notifications[id] = n
	}
	for i := max(0, len(n.facts)-maxIDs); i < len(n.facts); i++ {
		if n.facts[i].id == x.ID {
			p.add(catalog.EventsDuplicate, 1)
			return
		}
	}
	if len(n.facts) >= maxIDs {
		p.add(catalog.EventIDsForgotten, 1)
	}
	p.route(x.UserID)
	newest, retries, provider := n.latest()
	x.own, x.provider = p.contextOf(x.Event), cmp.Or(p.value(catalog.LabelProvider, x.Provider), provider)
	late := p.settle(n, x)
	if x.Time < newest {
		p.add(catalog.EventsOutOfOrder, 1)
	}
	p.countEvent(x)
	p.countRetries(x, retries)
	n.facts = append(n.facts, p.factOf(x, !late && x.Change != "opt_in" && !pretended(x.Event)))
	if late {
		p.add(catalog.EventsLate, 1)
	}
	if n.facts[len(n.facts)-1].counts {
		p.countStages(n, x)
	}
}

// latest returns the greatest event time and retry count so far, and the provider
// named last.
func (n *notification) latest() (newest int64, retries uint32, provider string) {
	for i := range n.facts {
		f := &n.facts[i]
		newest, retries, provider = max(newest, f.time), max(retries, f.retries), f.provider
	}
	return newest, retries, provider
}

// sent returns the first sent event, nil if there is none so far.
func (n *notification) sent() *fact {
	for i := range n.facts {
		if f := &n.facts[i]; f.kind == catalog.EventSent {
			return f
		}
	}
	return nil
}

// settle finds the context under which an event counts, and counts orphans and
// conflicts with sent. It reports whether the event is late. Call it before the
// event is added to the facts.
func (p *partition) settle(n *notification, x *entry) (late bool) {
	sent := n.sent()
	if sent == nil {
		x.at = x.carried().or(n.remembered()).or(x.own)
		switch {
		case x.Type == catalog.EventSent:
			p.countConflicts(x.own, n.remembered())
			n.context = x.at
		case x.Type != catalog.EventSuppressed && x.Change != "opt_in":
			p.add(catalog.EventsOrphan, 1)
		}
		return false
	}
	x.at = n.context.or(x.carried())
	p.countConflicts(n.context, x.carried())
	if (n.context.experiment == "") != (n.context.variant == "") { // the other half may be known now
		n.context.experiment, n.context.variant = x.at.experiment, x.at.variant
	}
	window, shorter := p.options.StageWindows[stageOf(x.Event)]
	if !shorter {
		window = p.options.AttributionWindow
	}
	return x.Time > sent.time+int64(window)
}

// remembered returns what the events so far carried; the first one decides.
func (n *notification) remembered() (all context) {
	for i := range n.facts {
		all = all.or(n.facts[i].context)
	}
	return all
}

// carried returns what an event says of its notification. Channel and category of a
// preference change are those of the preference.
func (x *entry) carried() context {
	c := x.own
	if x.Type == catalog.EventPreferenceChanged {
		c.channel, c.category = "", ""
	}
	return c
}

// countConflicts counts the fields on which sent and another event differ.
func (p *partition) countConflicts(sent, other context) {
	for _, f := range [...]struct{ name, sent, other string }{
		{"channel", sent.channel, other.channel}, {"category", sent.category, other.category},
		{"priority", sent.priority, other.priority}, {"template", sent.template, other.template},
		{"campaign", sent.campaign, other.campaign}, {"experiment", sent.experiment, other.experiment},
		{"variant", sent.variant, other.variant},
	} {
		if f.sent != "" && f.other != "" && f.sent != f.other {
			p.add(catalog.ContextConflicts, 1, f.name)
		}
	}
}

// countRetries counts what the retry count has grown over the highest so far.
func (p *partition) countRetries(x *entry, highest uint32) {
	channel := x.at.channel
	if x.Type == catalog.EventPreferenceChanged {
		channel = x.own.channel
	}
	if x.RetryCount.Value > highest {
		p.add(catalog.Retries, float64(x.RetryCount.Value-highest), channel, x.provider)
	}
}

// factOf extracts what later events depend on.
func (p *partition) factOf(x *entry, counts bool) fact {
	f := fact{
		id: x.ID, kind: x.Type, stage: stageOf(x.Event), time: x.Time, counts: counts, engages: engages(x.Event),
		context: x.carried(), provider: x.provider, retries: x.RetryCount.Value,
	}
	if x.Type == catalog.EventFailed || x.Type == catalog.EventBounced {
		f.fault, f.channel = p.faultOf(x), x.at.channel
	}
	f.ended, f.measured = durationOf(x.Event)
	return f
}
