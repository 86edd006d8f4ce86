package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// countNotification books an event of a notification on everything that it
// changes. n is the notification's record before the event.
func (s *State) countNotification(e *event.Event, n *Notification) {
	if n.Newest != 0 && e.Time < n.Newest {
		s.outOfOrder.Add(1)
	}
	n.Newest = max(n.Newest, e.Time)
	if p := s.provider.Of(e.Provider); p != metrics.None {
		n.Provider = p
	}
	own := s.own(e)
	b := booking{at: s.complete(s.contextOf(e, n, own)), provider: s.provider.OrUnknown(n.Provider)}
	itself := b.at
	if e.Type == catalog.EventPreferenceChanged {
		itself = s.complete(own) // what changes is the user's preference, not the notification
	}
	s.countRetries(e, n, itself.Channel, b.provider)
	s.countEvent(e, own.Template, itself, b.provider)
	if s.isLate(e, n) {
		s.late.Add(1)
		return
	}
	if e.Change == optIn {
		return
	}
	s.touchUser(e, &b)
	s.countStages(e, n, b)
	s.observeDurations(e, n, b)
}

// optIn is the change of preference that is no stage of the notification that it
// names; to opt out is one.
const optIn = "opt_in"

// contextOf is the context in which an event of a notification counts: that of
// sent, and what the event itself adds to it.
func (s *State) contextOf(e *event.Event, n *Notification, own Context) Context {
	switch {
	case n.Sent:
		if e.Type == catalog.EventPreferenceChanged {
			own.Channel, own.Category = metrics.None, metrics.None // those of the preference
		}
		return s.merge(n.Context, own)
	case e.Type == catalog.EventSent:
		n.Sent, n.Context, n.SentTime, n.SentAt = true, own, e.Time, orTime(e.SentAt, e.Time)
	case e.Type != catalog.EventSuppressed && e.Change != optIn:
		s.orphan.Add(1)
	}
	return own
}

// isLate reports whether the event came after the attribution window of the
// stage that it means; without a sent nobody can tell.
func (s *State) isLate(e *event.Event, n *Notification) bool {
	return n.Sent && e.Time-n.SentTime > s.windows[stage(e)]
}

// booking is the labels under which one event counts; none of them is
// metrics.None but campaign and experiment, whose families are left out then.
type booking struct {
	at       Context
	provider metrics.Symbol
	// user is nil when the event does not touch the user's record, and arm when
	// it touches no experiment in it.
	user *User
	arm  *ExperimentUser
}

// own is the context that the event itself carries.
func (s *State) own(e *event.Event) Context {
	return Context{
		Channel: s.channel.Of(e.Channel), Category: s.category.Of(e.Category), Priority: s.priority.Of(e.Priority),
		Template: s.template.Of(e.Template), Campaign: s.campaign.Of(e.Campaign),
		Platform: s.platform.Of(e.Platform), DeviceType: s.deviceType.Of(e.DeviceType),
		Experiment: s.experiment.Of(e.Experiment), Variant: s.variant.Of(e.Variant),
	}
}

// merge fills what sent did not carry from the event's own context. Where both
// carry a field sent wins, and a difference is counted as a conflict.
func (s *State) merge(sent, own Context) Context {
	for i, f := range [...]struct{ sent, own *metrics.Symbol }{
		// In the order of catalog.LabelField.
		{&sent.Channel, &own.Channel}, {&sent.Category, &own.Category}, {&sent.Priority, &own.Priority},
		{&sent.Template, &own.Template}, {&sent.Campaign, &own.Campaign},
		{&sent.Experiment, &own.Experiment}, {&sent.Variant, &own.Variant},
	} {
		switch {
		case *f.sent == metrics.None:
			*f.sent = *f.own
		case *f.own != metrics.None && *f.own != *f.sent:
			s.conflicts.Add(1, metrics.Symbol(i))
		}
	}
	if sent.Platform == metrics.None {
		sent.Platform = own.Platform
	}
	if sent.DeviceType == metrics.None {
		sent.DeviceType = own.DeviceType
	}
	return sent
}

// complete replaces what nobody carried by unknown.
func (s *State) complete(c Context) Context {
	c.Channel, c.Category, c.Priority = s.channel.OrUnknown(c.Channel), s.category.OrUnknown(c.Category), s.priority.OrUnknown(c.Priority)
	c.Template = s.template.OrUnknown(c.Template)
	c.Platform, c.DeviceType = s.platform.OrUnknown(c.Platform), s.deviceType.OrUnknown(c.DeviceType)
	c.Variant = s.variant.OrUnknown(c.Variant)
	return c
}

// countRetries books what the retry count grows over the notification's highest.
func (s *State) countRetries(e *event.Event, n *Notification, channel, provider metrics.Symbol) {
	if e.RetryCount.Known && e.RetryCount.Value > n.Retries {
		s.retries.Add(float64(e.RetryCount.Value-n.Retries), channel, provider)
		n.Retries = e.RetryCount.Value
	}
}

// countEvent books what belongs to an event itself, whatever it means for its
// notification. named is the template that the event names, if any.
func (s *State) countEvent(e *event.Event, named metrics.Symbol, at Context, provider metrics.Symbol) {
	switch e.Type {
	case catalog.EventPreferenceChanged:
		s.events.Add(1, metrics.Symbol(e.Type), at.Channel, at.Category, s.priority.Unknown, s.provider.Unknown)
		s.preferences.Add(1, at.Channel, at.Category, s.change.Of(e.Change))
	default:
		s.events.Add(1, metrics.Symbol(e.Type), at.Channel, at.Category, at.Priority, provider)
	}
	if e.Type == catalog.EventFailed || e.Type == catalog.EventBounced {
		code := s.errorCode.OrUnknown(s.errorCode.Of(e.ErrorCode))
		s.errors.Add(1, at.Channel, provider, code, s.faultOf(e))
	}
	for _, action := range e.Actions {
		s.actions.Add(1, at.Channel, s.action.OrUnknown(s.action.Of(action)))
	}
	for step, took := range e.Steps {
		if took.Known {
			s.processing.Observe(took.Value, metrics.Symbol(step), at.Channel)
		}
	}
	if took := e.Steps[stepRender]; took.Known {
		s.render.Observe(took.Value, at.Template)
	}
	if named == metrics.None {
		named = at.Template
	}
	if e.TemplateName != "" && named != s.template.Unknown && named != s.template.Other {
		s.nameTemplate(named, s.templateName.Of(e.TemplateName))
	}
	s.countMoney(e, at, provider)
}

// stepRender is the index of "render" in catalog.Steps.
const stepRender = 1

// nameTemplate shows the latest name of a template and hides the one before.
func (s *State) nameTemplate(template, name metrics.Symbol) {
	before, named := s.templateNames[template]
	if named && before == name {
		return
	}
	if named {
		s.templateInfo.Hide(template, before)
	}
	s.templateNames[template] = name
	s.templateInfo.Set(1, template, name)
}

// faultOf says whose fault a failed or bounced event is: what the
// configuration says of its error code, else the recipient's for an address
// that bounces hard.
func (s *State) faultOf(e *event.Event) metrics.Symbol {
	if name, ok := s.opts.Faults[e.ErrorCode]; ok {
		return s.fault.Of(name)
	}
	if stage(e) == catalog.StageBouncedHard {
		return s.fault.Of("recipient")
	}
	return s.fault.Unknown
}

// countMoney books the event's cost and, for a conversion, its value.
func (s *State) countMoney(e *event.Event, at Context, provider metrics.Symbol) {
	if e.Cost.Currency != "" {
		s.cost.Add(e.Cost.Amount, at.Channel, provider, s.currency.Of(e.Cost.Currency))
	}
	if e.Value.Currency != "" && e.Type == catalog.EventConverted {
		s.value.Add(e.Value.Amount, at.Channel, s.campaign.OrUnknown(at.Campaign), s.currency.Of(e.Value.Currency))
	}
}
