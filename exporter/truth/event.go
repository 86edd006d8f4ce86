package truth

import (
	"cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// entry carries one event and the labels under which it counts.
type entry struct {
	*event.Event
	// own holds the context that the event itself carries.
	own context
	// at holds the context under which it counts. Empty values are unknown.
	at context
	// provider comes from the event, or from the latest event of the notification
	// that named one.
	provider string
}

// context holds the labels that later events inherit from sent, or without it from
// earlier ones.
type context struct {
	channel, category, priority, template, campaign string
	experiment, variant, platform, deviceType       string
	country, appVersion                             string
}

func (p *partition) contextOf(e *event.Event) context {
	c := context{
		channel: p.value(catalog.LabelChannel, e.Channel), category: p.value(catalog.LabelCategory, e.Category),
		priority: p.value(catalog.LabelPriority, e.Priority), template: p.value(catalog.LabelTemplate, e.Template),
		campaign: p.value(catalog.LabelCampaign, e.Campaign), platform: p.value(catalog.LabelPlatform, e.Platform),
		deviceType: p.value(catalog.LabelDeviceType, e.DeviceType),
		experiment: p.value(catalog.LabelExperiment, unlessUnknown(e.Experiment)),
		variant:    p.value(catalog.LabelVariant, unlessUnknown(e.Variant)),
	}
	if p.options.Optional[catalog.CountryStages.Family] {
		c.country = p.value(catalog.LabelCountry, e.Country)
	}
	if p.options.Optional[catalog.AppVersionStages.Family] {
		c.appVersion = p.value(catalog.LabelAppVersion, e.AppVersion)
	}
	return c
}

// unlessUnknown returns the id of an experiment or variant. Unknown is none.
func unlessUnknown(id string) string {
	if id == catalog.Unknown {
		return ""
	}
	return id
}

// or fills in what c does not say. The variant of another experiment says nothing.
func (c context) or(other context) context {
	if cmp.Or(other.experiment, c.experiment) != cmp.Or(c.experiment, other.experiment) {
		other.variant = ""
	}
	return context{
		channel: cmp.Or(c.channel, other.channel), category: cmp.Or(c.category, other.category),
		priority: cmp.Or(c.priority, other.priority), template: cmp.Or(c.template, other.template),
		campaign: cmp.Or(c.campaign, other.campaign), experiment: cmp.Or(c.experiment, other.experiment),
		variant: cmp.Or(c.variant, other.variant), platform: cmp.Or(c.platform, other.platform),
		deviceType: cmp.Or(c.deviceType, other.deviceType), country: cmp.Or(c.country, other.country),
		appVersion: cmp.Or(c.appVersion, other.appVersion),
	}
}

// countOutside counts an event that belongs to no notification: the report of a
// component, a change of preference, or a request to be forgotten.
func (p *partition) countOutside(e *event.Event) {
	if _, seen := p.outside[e.ID]; seen {
		p.add(catalog.EventsDuplicate, 1)
		return
	}
	p.outside[e.ID] = p.latest
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

// countEvent counts the event itself, regardless of what it means for its
// notification.
func (p *partition) countEvent(x *entry) {
	c := x.at
	if x.Type == catalog.EventPreferenceChanged {
		c = x.own
		p.add(catalog.PreferenceChangesTotal, 1, c.channel, c.category, x.Change)
		p.add(catalog.Events, 1, x.Type.String(), c.channel, c.category, "", "")
	} else {
		p.add(catalog.Events, 1, x.Type.String(), c.channel, c.category, c.priority, x.provider)
	}
	if x.Type == catalog.EventFailed || x.Type == catalog.EventBounced {
		code := p.value(catalog.LabelErrorCode, p.faults.Shown(x.ErrorCode))
		p.add(catalog.Errors, 1, c.channel, x.provider, code, p.faultOf(x))
	}
	for _, action := range actions(x.Event) {
		p.add(catalog.Actions, 1, c.channel, p.value(catalog.LabelAction, action))
	}
	for step, took := range x.Steps {
		if took.Known {
			p.observe(catalog.Processing, took.Value, catalog.Step(step).String(), c.channel)
		}
	}
	if render := x.Steps[catalog.StepRender]; render.Known {
		p.observe(catalog.TemplateRender, render.Value, c.template)
	}
	p.countMoney(x, c)
	p.nameTemplate(x, c)
}

// actions returns what a person did.
func actions(e *event.Event) []string {
	if e.Machine {
		return nil
	}
	return e.Actions
}

func (p *partition) countMoney(x *entry, c context) {
	if x.Cost.Currency != "" {
		p.add(catalog.Cost, x.Cost.Amount, c.channel, x.provider, p.value(catalog.LabelCurrency, x.Cost.Currency))
	}
	if x.Type == catalog.EventConverted && !x.Machine && x.Value.Currency != "" {
		currency := p.value(catalog.LabelCurrency, x.Value.Currency)
		p.add(catalog.ConversionValue, x.Value.Amount, c.channel, c.campaign, currency)
	}
}

// nameTemplate remembers the latest name of a template: that of the event, else
// that of its notification.
func (p *partition) nameTemplate(x *entry, c context) {
	switch template := cmp.Or(x.own.template, c.template); {
	case x.TemplateName == "", template == "", template == catalog.Unknown, template == catalog.Other:
	default:
		p.templateNames[template] = p.value(catalog.LabelName, x.TemplateName)
	}
}

// faultOf returns whose fault a failure or bounce is. The error code decides;
// otherwise a hard bounce is the recipient's fault.
func (p *partition) faultOf(x *entry) string {
	if fault, ok := p.faults.Of(x.ErrorCode, cmp.Or(x.Provider, x.provider)); ok {
		return fault
	}
	if x.BounceType == "hard" {
		return "recipient"
	}
	return catalog.Unknown
}
