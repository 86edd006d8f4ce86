package alertmanager

import (
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// inhibitions silence what follows from another alert.
func inhibitions() []inhibition {
	// While the exporter is down nothing is counted, so whatever is computed from
	// its counts is guesswork, the installation's own rules included: every alert
	// of ours carries the label rule.
	exporterDown := []string{
		present(catalog.LabelRule), present(expr.Job), unequal(catalog.LabelSeverity, string(settings.Emergency)),
		unequal(catalog.LabelAlertName, rules.ExporterDown.Name), unequal(catalog.LabelAlertName, rules.Watchdog.Name),
	}
	channelDown := []string{equal(catalog.LabelAlertName, rules.ChannelDown.Name), present(catalog.LabelChannel)}
	return []inhibition{
		{
			Name:           "exporter-down",
			SourceMatchers: []string{equal(catalog.LabelAlertName, rules.ExporterDown.Name), present(expr.Job)},
			TargetMatchers: append(exporterDown, equal(expr.Instance, "")),
			Equal:          names(expr.Job),
		}, {
			// What one exporter says of itself holds while another one is down.
			Name:           "exporter-down-itself",
			SourceMatchers: []string{equal(catalog.LabelAlertName, rules.ExporterDown.Name), present(expr.Job), present(expr.Instance)},
			TargetMatchers: append(exporterDown, present(expr.Instance)),
			Equal:          names(expr.Job, expr.Instance),
		}, {
			Name:           "channel-down",
			SourceMatchers: channelDown,
			TargetMatchers: []string{severity(settings.Warning), present(catalog.LabelRule), present(catalog.LabelChannel)},
			Equal:          names(catalog.LabelChannel),
		}, {
			// A channel that is down burns its budgets, and its providers, which
			// seem to be down as well, err: one fault, one page. What else is critical,
			// such as an exhausted quota or a stuck queue, is told as well: it
			// may be the cause. So are the installation's own critical rules,
			// which may be told to others.
			Name:           "channel-down-follows",
			SourceMatchers: channelDown,
			TargetMatchers: []string{
				matches(catalog.LabelAlertName, rules.ProviderDown.Name, rules.ErrorRateHigh.Name, settings.Prefix+".+BudgetBurn"),
				unequal(catalog.LabelSeverity, string(settings.Emergency)), present(catalog.LabelChannel),
			},
			Equal: names(catalog.LabelChannel),
		}, {
			Name:           "provider-down",
			SourceMatchers: []string{equal(catalog.LabelAlertName, rules.ProviderDown.Name), present(catalog.LabelChannel), present(catalog.LabelProvider)},
			TargetMatchers: []string{severity(settings.Warning), present(catalog.LabelRule), present(catalog.LabelChannel), present(catalog.LabelProvider)},
			Equal:          names(catalog.LabelChannel, catalog.LabelProvider),
		}, {
			// The same thing at fault twice. Of these labels both sides may lack
			// any, which is meant here: an alert and its more urgent sister come
			// from one expression and have the same.
			Name:           "more-urgent",
			SourceMatchers: []string{oneOf(catalog.LabelSeverity, string(settings.Critical), string(settings.Emergency)), present(catalog.LabelRule)},
			TargetMatchers: []string{severity(settings.Warning), present(catalog.LabelRule)},
			Equal:          sameFault,
		},
	}
}

// sameFault are the labels that tell one fault from another of the same alert.
var sameFault = names(
	catalog.LabelAlertName, expr.Job, expr.Instance, catalog.LabelPartition,
	catalog.LabelChannel, catalog.LabelProvider, catalog.LabelCategory, catalog.LabelService,
	catalog.LabelQueue, catalog.LabelComponent, catalog.LabelNode,
	catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelSeries,
	catalog.LabelCurrency, catalog.LabelReport,
)
