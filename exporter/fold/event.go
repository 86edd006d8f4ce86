package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// countEvent counts the event itself, regardless of what it means for its
// notification.
func (s *State) countEvent(e *event.Event, a attribution) {
	at := &a.at
	switch e.Type {
	case catalog.EventPreferenceChanged:
		priority, provider := s.labels.known(catalog.LabelPriority, ""), s.labels.known(catalog.LabelProvider, "")
		s.add(catalog.Events, 1, metrics.Symbol(e.Type), at.Channel, at.Category, priority, provider)
		s.add(catalog.PreferenceChangesTotal, 1, at.Channel, at.Category, s.labels.of(catalog.LabelChange, e.Change))
	default:
		s.add(catalog.Events, 1, metrics.Symbol(e.Type), at.Channel, at.Category, at.Priority, a.provider)
	}
	if e.Type == catalog.EventFailed || e.Type == catalog.EventBounced {
		code := s.labels.known(catalog.LabelErrorCode, s.codeOf(e))
		s.add(catalog.Errors, 1, at.Channel, a.provider, code, a.fault)
	}
	if !e.Machine || s.asBefore {
		for _, action := range e.Actions {
			s.add(catalog.Actions, 1, at.Channel, s.labels.known(catalog.LabelAction, action))
		}
	}
	for step, took := range e.Steps {
		if took.Known {
			s.observe(catalog.Processing, took.Value, metrics.Symbol(step), at.Channel)
		}
	}
	if took := e.Steps[catalog.StepRender]; took.Known {
		s.table.Summary(catalog.TemplateRender).Observe(took.Value, at.Template)
	}
	s.nameTemplate(e, a)
	s.countMoney(e, a)
}

// nameTemplate shows the latest name of a template and hides the one before.
// The template is the one that the event names, else its notification's.
func (s *State) nameTemplate(e *event.Event, a attribution) {
	template, templates := a.template, s.labels[catalog.LabelTemplate.Index()]
	if template == metrics.None {
		template = a.at.Template
	}
	if e.TemplateName == "" || template == templates.Unknown || template == templates.Other {
		return
	}
	name := s.labels.of(catalog.LabelName, e.TemplateName)
	before, named := s.templateNames[template]
	if named && before == name {
		return
	}
	info := s.table.Gauge(catalog.TemplateInfo)
	if named {
		info.Hide(template, before)
	}
	s.templateNames[template] = name
	info.Set(1, template, name)
}

// countMoney counts the event's cost and, for a person's conversion, its value.
func (s *State) countMoney(e *event.Event, a attribution) {
	if e.Cost.Currency != "" {
		currency := s.labels.of(catalog.LabelCurrency, e.Cost.Currency)
		s.add(catalog.Cost, e.Cost.Amount, a.at.Channel, a.provider, currency)
	}
	if e.Value.Currency != "" && e.Type == catalog.EventConverted && !e.Machine {
		campaign := s.labels.orUnknown(catalog.LabelCampaign, a.at.Campaign)
		currency := s.labels.of(catalog.LabelCurrency, e.Value.Currency)
		s.add(catalog.ConversionValue, e.Value.Amount, a.at.Channel, campaign, currency)
	}
}
