package truth

import (
	"cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// entry is one event on its way into the books.
type entry struct {
	*event.Event
	// own is what the event itself says of its context.
	own context
	// at is the context under which it counts; what is empty is unknown.
	at context
	// provider is that of the event, or of the latest event of the notification
	// that named one.
	provider string
}

// context is the labels that a sent event lends to the later ones.
type context struct {
	channel, category, priority, template, campaign string
	experiment, variant, platform, deviceType       string
}

func (p *partition) contextOf(e *event.Event) context {
	return context{
		channel: p.value(catalog.LabelChannel, e.Channel), category: p.value(catalog.LabelCategory, e.Category),
		priority: p.value(catalog.LabelPriority, e.Priority), template: p.value(catalog.LabelTemplate, e.Template),
		campaign: p.value(catalog.LabelCampaign, e.Campaign), experiment: p.value(catalog.LabelExperiment, e.Experiment),
		variant: p.value(catalog.LabelVariant, e.Variant), platform: p.value(catalog.LabelPlatform, e.Platform),
		deviceType: p.value(catalog.LabelDeviceType, e.DeviceType),
	}
}

// or fills in what c does not say.
func (c context) or(other context) context {
	return context{
		channel: cmp.Or(c.channel, other.channel), category: cmp.Or(c.category, other.category),
		priority: cmp.Or(c.priority, other.priority), template: cmp.Or(c.template, other.template),
		campaign: cmp.Or(c.campaign, other.campaign), experiment: cmp.Or(c.experiment, other.experiment),
		variant: cmp.Or(c.variant, other.variant), platform: cmp.Or(c.platform, other.platform),
		deviceType: cmp.Or(c.deviceType, other.deviceType),
	}
}

// countOutside counts an event that belongs to no notification: a report of a
// component, a change of preference, or the wish to be forgotten.
func (p *partition) countOutside(e *event.Event) {
	if _, seen := p.outside[e.ID]; seen {
		p.add(catalog.EventsDuplicate, 1)
		return
	}
	p.outside[e.ID] = p.now
	x := &entry{Event: e}
	switch e.Type {
	case catalog.EventPerformance:
		p.route(e.System.Component)
		p.countSystem(&e.System)
	case catalog.EventForget:
		p.forget(e)
	default:
		p.route(e.UserID)
		x.own, x.provider = p.contextOf(e), p.value(catalog.LabelProvider, e.Provider)
		x.at = x.own
	}
	p.countEvent(x)
}

// countEvent counts what is about the event itself, whatever it means for its
// notification.
func (p *partition) countEvent(x *entry) {
	at := x.at
	if x.Type == catalog.EventPreferenceChanged {
		at = x.own
		p.add(catalog.PreferenceChangesTotal, 1, at.channel, at.category, x.Change)
		p.add(catalog.Events, 1, x.Type.String(), at.channel, at.category, "", "")
	} else {
		p.add(catalog.Events, 1, x.Type.String(), at.channel, at.category, at.priority, x.provider)
	}
	if x.Type == catalog.EventFailed || x.Type == catalog.EventBounced {
		p.add(catalog.Errors, 1, at.channel, x.provider, p.value(catalog.LabelErrorCode, x.ErrorCode), p.faultOf(x.Event))
	}
	for _, action := range x.Actions {
		p.add(catalog.Actions, 1, at.channel, p.value(catalog.LabelAction, action))
	}
	for step, took := range x.Steps {
		if took.Known {
			p.observe(catalog.Processing, took.Value, catalog.Step(step).String(), at.channel)
		}
	}
	if render := x.Steps[catalog.StepRender]; render.Known {
		p.observe(catalog.TemplateRender, render.Value, at.template)
	}
	p.countMoney(x, at)
	p.nameTemplate(x, at)
}

func (p *partition) countMoney(x *entry, at context) {
	if x.Cost.Currency != "" {
		p.add(catalog.Cost, x.Cost.Amount, at.channel, x.provider, p.value(catalog.LabelCurrency, x.Cost.Currency))
	}
	if x.Type == catalog.EventConverted && x.Value.Currency != "" {
		currency := p.value(catalog.LabelCurrency, x.Value.Currency)
		p.add(catalog.ConversionValue, x.Value.Amount, at.channel, at.campaign, currency)
	}
}

// nameTemplate remembers the latest name of a template: of the one that the
// event names, else of its notification's.
func (p *partition) nameTemplate(x *entry, at context) {
	switch template := cmp.Or(x.own.template, at.template); {
	case x.TemplateName == "", template == "", template == catalog.Unknown, template == catalog.Other:
	default:
		p.templateNames[template] = p.value(catalog.LabelName, x.TemplateName)
	}
}

// faultOf is whose fault a failure or bounce is: what the configuration says of
// its error code, else the recipient's where an address bounces hard.
func (p *partition) faultOf(e *event.Event) string {
	if fault, listed := p.options.Faults[e.ErrorCode]; listed {
		return fault
	}
	if e.BounceType == "hard" {
		return "recipient"
	}
	return catalog.Unknown
}
