package fold

import (
	"cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// attribution says what one event means and under which labels it counts. Only
// campaign and experiment can be metrics.None; their families are left out then.
type attribution struct {
	// stage is the one that the event means for its notification. engages says
	// whether a person did it, and fault whose fault a failure or bounce is.
	stage   catalog.Stage
	engages bool
	fault   metrics.Symbol

	at       Context
	provider metrics.Symbol
	// template holds the one that the event itself names, metrics.None for none.
	template metrics.Symbol

	// user stays nil if the event does not touch the user's record, and arm if it
	// touches no experiment in it.
	user *User
	arm  *ExperimentUser
}

// countNotification counts an event of a notification wherever it changes a
// number. n is the notification's record before the event.
func (s *State) countNotification(e *event.Event, n *Notification) {
	if s.asBefore && (e.Type == catalog.EventClicked || e.Type == catalog.EventConverted) {
		e.Machine = false
	}
	if n.Newest != 0 && e.Time < n.Newest {
		s.add(catalog.EventsOutOfOrder, 1)
	}
	n.Newest = max(n.Newest, e.Time)
	if p := s.labels.of(catalog.LabelProvider, e.Provider); p != metrics.None {
		n.Provider = p
	}
	own := s.own(e)
	a := attribution{
		stage: stageOf(e), at: s.complete(s.contextOf(e, n, own)),
		provider: s.labels.orUnknown(catalog.LabelProvider, n.Provider), template: own.Template,
	}
	a.engages = engages(e, a.stage)
	if e.Type == catalog.EventFailed || e.Type == catalog.EventBounced {
		a.fault = s.faultOf(e, a)
	}
	itself := a
	if e.Type == catalog.EventPreferenceChanged {
		itself.at = s.complete(own) // it is about the user's preference, not the notification
	}
	s.countRetries(e, n, itself.at.Channel, a.provider)
	s.countEvent(e, itself)
	// Without its sent event nothing says whether it is late.
	if n.Sent && e.Time-n.SentTime > s.windows[a.stage] {
		s.add(catalog.EventsLate, 1)
		return
	}
	if e.Change == catalog.OptIn || e.Machine && onlyPeople(a.stage) && !s.asBefore {
		return // opting out is a stage of the notification, opting in is not
	}
	s.touchUser(e, &a)
	s.countStages(e, n, a)
	s.observeDurations(e, n, a)
}

// contextOf returns the context in which an event of a notification counts: that of
// sent, completed by what the event itself carries. As long as sent has not come it
// is what the event itself carries, completed by what earlier ones did. Experiment and
// variant may come in two events, of which sent can be one.
func (s *State) contextOf(e *event.Event, n *Notification, own Context) Context {
	carried := own
	if e.Type == catalog.EventPreferenceChanged {
		carried.Channel, carried.Category = metrics.None, metrics.None // those of the preference
	}
	switch {
	case n.Sent:
		at := s.merge(n.Context, carried)
		n.Context.learnArm(at)
		return at
	case e.Type == catalog.EventSent:
		n.Sent, n.SentTime, n.SentAt = true, e.Time, orTime(e.SentAt, e.Time)
		n.Context = s.merge(own, n.Context)
		return n.Context
	case e.Type != catalog.EventSuppressed && e.Change != catalog.OptIn:
		s.add(catalog.EventsOrphan, 1)
	}
	if s.asBefore {
		return own
	}
	at := carried.or(n.Context).or(own)
	n.Context = n.Context.or(carried)
	return at
}

// own returns the context that the event itself carries.
func (s *State) own(e *event.Event) Context {
	c := Context{
		Channel:    s.labels.of(catalog.LabelChannel, e.Channel),
		Category:   s.labels.of(catalog.LabelCategory, e.Category),
		Priority:   s.labels.of(catalog.LabelPriority, e.Priority),
		Template:   s.labels.of(catalog.LabelTemplate, e.Template),
		Campaign:   s.labels.of(catalog.LabelCampaign, e.Campaign),
		Platform:   s.labels.of(catalog.LabelPlatform, e.Platform),
		DeviceType: s.labels.of(catalog.LabelDeviceType, e.DeviceType),
		Experiment: s.armLabel(catalog.LabelExperiment, e.Experiment),
		Variant:    s.armLabel(catalog.LabelVariant, e.Variant),
		Country:    metrics.None, AppVersion: metrics.None,
	}
	if s.countries {
		c.Country = s.labels.of(catalog.LabelCountry, e.Country)
	}
	if s.versions {
		c.AppVersion = s.labels.of(catalog.LabelAppVersion, e.AppVersion)
	}
	return c
}

// armLabel returns the symbol of an experiment or a variant, metrics.None for unknown,
// which is neither.
func (s *State) armLabel(l *catalog.Label, value string) metrics.Symbol {
	if value == catalog.Unknown {
		return metrics.None
	}
	return s.labels.of(l, value)
}

// fieldNames lists the values of catalog.LabelField in the order in which merge
// compares the fields.
var fieldNames = [...]string{"channel", "category", "priority", "template", "campaign", "experiment", "variant"}

const numFields = len(fieldNames)

// merge fills what sent did not carry from the context of another event. If both
// carry a field sent wins, and a difference counts as a conflict.
func (s *State) merge(sent, other Context) Context {
	for i, f := range [numFields]struct{ sent, other metrics.Symbol }{
		{sent.Channel, other.Channel}, {sent.Category, other.Category}, {sent.Priority, other.Priority},
		{sent.Template, other.Template}, {sent.Campaign, other.Campaign},
		{sent.Experiment, other.Experiment}, {sent.Variant, other.Variant},
	} {
		if f.sent != metrics.None && f.other != metrics.None && f.sent != f.other {
			s.add(catalog.ContextConflicts, 1, s.constants.fields[i])
		}
	}
	return sent.or(other)
}

// complete replaces missing values by unknown.
func (s *State) complete(c Context) Context {
	c.Channel = s.labels.orUnknown(catalog.LabelChannel, c.Channel)
	c.Category = s.labels.orUnknown(catalog.LabelCategory, c.Category)
	c.Priority = s.labels.orUnknown(catalog.LabelPriority, c.Priority)
	c.Template = s.labels.orUnknown(catalog.LabelTemplate, c.Template)
	c.Platform = s.labels.orUnknown(catalog.LabelPlatform, c.Platform)
	c.DeviceType = s.labels.orUnknown(catalog.LabelDeviceType, c.DeviceType)
	c.Variant = s.labels.orUnknown(catalog.LabelVariant, c.Variant)
	c.Country = s.labels.orUnknown(catalog.LabelCountry, c.Country)
	c.AppVersion = s.labels.orUnknown(catalog.LabelAppVersion, c.AppVersion)
	return c
}

// countRetries counts by how much the retry count exceeds the highest so far.
func (s *State) countRetries(e *event.Event, n *Notification, channel, provider metrics.Symbol) {
	if e.RetryCount.Known && e.RetryCount.Value > n.Retries {
		s.add(catalog.Retries, float64(e.RetryCount.Value-n.Retries), channel, provider)
		n.Retries = e.RetryCount.Value
	}
}

// faultOf returns whose fault a failure or bounce is. The error code decides;
// otherwise a hard bounce is the recipient's fault.
func (s *State) faultOf(e *event.Event, a attribution) metrics.Symbol {
	provider := cmp.Or(e.Provider, s.labels[catalog.LabelProvider.Index()].Name(a.provider))
	if fault, ok := s.faultOfCode(e, provider); ok {
		return s.labels.of(catalog.LabelFault, fault)
	}
	if a.stage == catalog.StageBouncedHard {
		return s.constants.faultRecipient
	}
	return s.labels.known(catalog.LabelFault, "")
}
