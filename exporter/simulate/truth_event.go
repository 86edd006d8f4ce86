package simulate

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// attributionWindow is how long after sent an event still changes stages.
const attributionWindow = 7 * 24 * time.Hour

// enter books one message: the facts of its event, the record of its
// notification, whether it repeats an earlier message, and when it was received.
func (t *Truth) enter(e *event.Event, r *record, duplicate bool, received int64) {
	t.Events++
	t.To = time.Unix(0, received).UTC()
	t.people.pass(e.Key(), received)
	switch {
	case duplicate:
		t.add(catalog.EventsDuplicate, 1)
	case e.Type == catalog.EventPerformance:
		t.enterSystem(e)
	case e.NotificationID == "":
		t.enterChange(e)
	default:
		t.enterNotification(e, r, received)
	}
}

// enterChange books a change of preference under its own labels.
func (t *Truth) enterChange(e *event.Event) {
	t.add(catalog.Events, 1, e.Type.String(), label(e.Channel), label(e.Category), label(""), label(""))
	t.add(catalog.PreferenceChangesTotal, 1, label(e.Channel), label(e.Category), e.Change)
}

// entry is one event of a notification on its way into the books.
type entry struct {
	*event.Event
	of *record
	// received is when the stream got it.
	received int64
	// labels and provider hold for the event; what is empty is unknown.
	labels   attributes
	provider string
	// first says that the event's own stage is reached for the first time.
	first bool
	// trial is the user's part in the experiment that the event is inside of,
	// nil for none.
	trial *trial
}

func (t *Truth) enterNotification(e *event.Event, r *record, received int64) {
	own := attributesOf(e)
	switch {
	case e.Type == catalog.EventSent:
		r.sentSeen, r.sent, r.sentTime, r.sentAt = true, own, e.Time, e.Time
		if e.SentAt != 0 {
			r.sentAt = e.SentAt
		}
	case r.sentSeen:
		for field := range r.sent.conflicts(own) {
			t.add(catalog.ContextConflicts, 1, field)
		}
	case e.Type != catalog.EventSuppressed:
		t.add(catalog.EventsOrphan, 1)
	}
	if e.Provider != "" {
		r.provider = e.Provider
	}
	if e.Time < r.newest {
		t.add(catalog.EventsOutOfOrder, 1)
	}
	r.newest = max(r.newest, e.Time)

	n := &entry{Event: e, of: r, received: received, labels: r.sent.over(own), provider: r.provider}
	t.enterEvent(n)
	if r.sentSeen && e.Time-r.sentTime > int64(attributionWindow) {
		t.add(catalog.EventsLate, 1)
		return
	}
	n.trial = t.people.enter(n)
	t.enterSituation(n)
	n.first = r.reach(stageOf(e))
	t.enterStages(n)
	n.trial.earn(e)
	t.enterObjective(n)
	t.enterDurations(n)
}

// enterEvent books what is about the event itself and not about its notification.
func (t *Truth) enterEvent(n *entry) {
	channel, provider := label(n.labels.channel), label(n.provider)
	if n.Type == catalog.EventPreferenceChanged {
		t.enterChange(n.Event)
	} else {
		t.add(catalog.Events, 1, n.Type.String(), channel, label(n.labels.category), label(n.labels.priority), provider)
	}
	if n.Template != "" && n.TemplateName != "" {
		t.set(catalog.TemplateInfo, 1, n.Template, n.TemplateName)
	}
	if n.Type == catalog.EventFailed || n.Type == catalog.EventBounced {
		t.add(catalog.Errors, 1, channel, provider, label(n.ErrorCode), fault(n.Event))
	}
	if n.RetryCount.Known && n.RetryCount.Value > n.of.retries {
		t.add(catalog.Retries, float64(n.RetryCount.Value-n.of.retries), channel, provider)
		n.of.retries = n.RetryCount.Value
	}
	for i, took := range n.Steps {
		if took.Known {
			t.observe(catalog.Processing, took.Value, catalog.Steps[i], channel)
		}
	}
	if render := n.Steps[1]; render.Known {
		t.observe(catalog.TemplateRender, render.Value, label(n.labels.template))
	}
	for _, action := range n.Actions {
		t.add(catalog.Actions, 1, channel, action)
	}
	if n.Cost.Currency != "" {
		t.add(catalog.Cost, n.Cost.Amount, channel, provider, n.Cost.Currency)
	}
	if n.Type == catalog.EventConverted && n.Value.Currency != "" {
		t.add(catalog.ConversionValue, n.Value.Amount, channel, label(n.labels.campaign), n.Value.Currency)
	}
}

// fault is whose fault a failure or bounce is.
func fault(e *event.Event) string {
	if known := faults[e.ErrorCode]; known != "" {
		return known
	}
	if e.BounceType == "hard" {
		return byRecipient
	}
	return byUnknown
}
