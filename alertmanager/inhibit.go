package alertmanager

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// inhibitions returns the rules that keep quiet what follows from another alert.
func inhibitions() []inhibition {
	return slices.Concat(exporterDown(), channelDown(), []inhibition{providerDown(), explained()}, moreUrgent())
}

// exporterDown inhibits whatever is computed from counts. Nothing is counted while
// the exporter is down, so this includes the installation's own rules: every alert
// of ours has the label rule.
func exporterDown() []inhibition {
	source := []string{is(rules.ExporterDown), present(expr.Job)}
	target := []string{
		present(catalog.LabelRule), present(expr.Job), unequal(catalog.LabelSeverity, string(settings.Emergency)),
		unequal(catalog.LabelAlertName, rules.ExporterDown.Name), unequal(catalog.LabelAlertName, rules.Watchdog.Name),
	}
	return []inhibition{
		{
			Name:           "exporter-down",
			SourceMatchers: source,
			TargetMatchers: append(target, equal(expr.Instance, "")),
			Equal:          names(expr.Job),
		}, {
			// What one exporter reports about itself holds while another one is down.
			Name:           "exporter-down-itself",
			SourceMatchers: append(source, present(expr.Instance)),
			TargetMatchers: append(target, present(expr.Instance)),
			Equal:          names(expr.Job, expr.Instance),
		},
	}
}

func channelDown() []inhibition {
	source := []string{is(rules.ChannelDown), present(catalog.LabelChannel)}
	return []inhibition{
		{
			Name:           "channel-down",
			SourceMatchers: source,
			TargetMatchers: warningAbout(catalog.LabelChannel),
			Equal:          names(catalog.LabelChannel),
		}, {
			// A channel that is down burns its budgets, and its providers fail and seem
			// to be down as well: one fault, one page. Other critical alerts, such as an
			// exhausted quota or a stuck queue, still notify, since they may be the cause.
			// So do the installation's own critical rules, which may notify other people.
			Name:           "channel-down-follows",
			SourceMatchers: source,
			TargetMatchers: []string{
				matches(catalog.LabelAlertName,
					rules.ProviderDown.Name, rules.ErrorRateHigh.Name, settings.Prefix+".+BudgetBurn"),
				unequal(catalog.LabelSeverity, string(settings.Emergency)), present(catalog.LabelChannel),
			},
			Equal: names(catalog.LabelChannel),
		},
	}
}

func providerDown() inhibition {
	return inhibition{
		Name: "provider-down",
		SourceMatchers: []string{
			is(rules.ProviderDown), present(catalog.LabelChannel), present(catalog.LabelProvider),
		},
		TargetMatchers: warningAbout(catalog.LabelChannel, catalog.LabelProvider),
		Equal:          names(catalog.LabelChannel, catalog.LabelProvider),
	}
}

// explained inhibits what insights finds odd on a channel while an alert of the rules says
// what is wrong there. Both compare with the past, and one fault is to notify once.
func explained() inhibition {
	return inhibition{
		Name: "anomaly-explained",
		SourceMatchers: []string{
			matches(catalog.LabelAlertName, rules.VolumeLow.Name, rules.VolumeHigh.Name, rules.DeliveryRatioDrop.Name,
				rules.EngagementDrop.Name),
			present(catalog.LabelChannel),
		},
		TargetMatchers: append(warningAbout(catalog.LabelChannel), is(rules.AnomalyDetected)),
		Equal:          names(catalog.LabelChannel),
	}
}

// moreUrgent inhibits the less urgent of two alerts about one fault, which have one
// name. Both sides may lack any of the labels, on purpose: an alert and its more
// urgent sister come from one expression and have the same labels.
func moreUrgent() []inhibition {
	return []inhibition{
		over("more-urgent", settings.Warning, settings.Critical, settings.Emergency),
		over("more-urgent-page", settings.Critical, settings.Emergency),
		over("more-urgent-info", settings.Info, settings.Warning, settings.Critical, settings.Emergency),
	}
}

// over inhibits the alerts of one severity by those of the same name at others.
func over(name string, target settings.Severity, sources ...settings.Severity) inhibition {
	var urgent []string
	for _, s := range sources {
		urgent = append(urgent, string(s))
	}
	return inhibition{
		Name:           name,
		SourceMatchers: []string{oneOf(catalog.LabelSeverity, urgent...), present(catalog.LabelRule)},
		TargetMatchers: []string{
			severity(target), present(catalog.LabelRule), unequal(catalog.LabelAlertName, rules.Watchdog.Name),
		},
		Equal: sameFault(),
	}
}

// is matches an alert by name.
func is(a rules.Alert) string { return equal(catalog.LabelAlertName, a.Name) }

// warningAbout matches our warnings that have the labels.
func warningAbout(labels ...*catalog.Label) []string {
	all := []string{severity(settings.Warning), present(catalog.LabelRule)}
	for _, l := range labels {
		all = append(all, present(l))
	}
	return all
}

// sameFault returns the labels that tell one fault of an alert from another: those
// of everything that an alert can read.
func sameFault() []string {
	all := names(catalog.LabelAlertName, expr.Job, expr.Instance)
	var of []string
	for _, m := range rules.ShortNames() {
		for _, l := range m.Labels() {
			if !slices.Contains(all, l.Name) {
				of = append(of, l.Name)
			}
		}
	}
	return append(all, sortedOnce(of)...)
}
