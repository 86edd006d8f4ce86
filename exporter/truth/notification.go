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
	provider string
	retries  uint32
	fault    string // of a failure or bounce
	// ended says when the duration that the event ends was over; for sent, when
	// durations begin. measured says that the producer timed it itself.
	ended    int64
	measured bool
}

// Most notifications have no more than usualFacts events.
const usualFacts = 4

// countNotification counts an event of a notification.
func (p *partition) countNotification(x *entry) {
	id := message{x.NotificationID, x.UserID}
	n := p.notifications[id]
	if n == nil {
		n = &notification{began: p.now, facts: make([]fact, 0, usualFacts)}
		p.notifications[id] = n
	}
	for i := range n.facts {
		if n.facts[i].id == x.ID {
			p.add(catalog.EventsDuplicate, 1)
			return
		}
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
		x.at = x.own
		switch {
		case x.Type == catalog.EventSent:
			n.context = x.own
		case x.Type != catalog.EventSuppressed && x.Change != "opt_in":
			p.add(catalog.EventsOrphan, 1)
		}
		return false
	}
	x.at = n.context.or(x.own)
	p.countConflicts(n, x)
	window, shorter := p.options.StageWindows[stageOf(x.Event)]
	if !shorter {
		window = p.options.AttributionWindow
	}
	return x.Time > sent.time+int64(window)
}

// countConflicts counts the fields on which an event contradicts sent.
func (p *partition) countConflicts(n *notification, x *entry) {
	for _, f := range [...]struct{ name, sent, own string }{
		{"channel", n.context.channel, x.own.channel}, {"category", n.context.category, x.own.category},
		{"priority", n.context.priority, x.own.priority}, {"template", n.context.template, x.own.template},
		{"campaign", n.context.campaign, x.own.campaign}, {"experiment", n.context.experiment, x.own.experiment},
		{"variant", n.context.variant, x.own.variant},
	} {
		if x.Type == catalog.EventPreferenceChanged && (f.name == "channel" || f.name == "category") {
			continue // those of the preference, not of the notification
		}
		if f.sent != "" && f.own != "" && f.sent != f.own {
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
		provider: x.provider, retries: x.RetryCount.Value,
	}
	if x.Type == catalog.EventFailed || x.Type == catalog.EventBounced {
		f.fault = p.faultOf(x)
	}
	f.ended, f.measured = durationOf(x.Event)
	return f
}
