package alertmanager

import (
	"fmt"
	"strings"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// inhibitions silence what follows from another alert.
func inhibitions() []inhibition {
	// While the exporter is down nothing is counted, so whatever is computed from
	// its counts is guesswork, the installation's own rules included: every alert
	// of ours carries the label rule.
	exporterDown := []string{
		present("rule"), present("job"), unequal("severity", string(rules.Emergency)),
		unequal("alertname", rules.ExporterDown.Name), unequal("alertname", rules.Watchdog.Name),
	}
	channelDown := []string{equal("alertname", rules.ChannelDown.Name), present("channel")}
	return []inhibition{
		{
			Name:           "exporter-down",
			SourceMatchers: []string{equal("alertname", rules.ExporterDown.Name), present("job")},
			TargetMatchers: append(exporterDown, equal("instance", "")),
			Equal:          []string{"job"},
		}, {
			// What one exporter says of itself holds while another one is down.
			Name:           "exporter-down-itself",
			SourceMatchers: []string{equal("alertname", rules.ExporterDown.Name), present("job"), present("instance")},
			TargetMatchers: append(exporterDown, present("instance")),
			Equal:          []string{"job", "instance"},
		}, {
			Name:           "channel-down",
			SourceMatchers: channelDown,
			TargetMatchers: []string{severity(rules.Warning), present("rule"), present("channel")},
			Equal:          []string{"channel"},
		}, {
			// A channel that is down burns its budgets, and its providers, which
			// seem to be down as well, err: one fault, one page. What else is critical,
			// such as an exhausted quota or a stuck queue, is told as well: it
			// may be the cause. So are the installation's own critical rules,
			// which may be told to others.
			Name:           "channel-down-follows",
			SourceMatchers: channelDown,
			TargetMatchers: []string{
				fmt.Sprintf("alertname=~%q", strings.Join([]string{rules.ProviderDown.Name, rules.ErrorRateHigh.Name, rules.Prefix + ".+BudgetBurn"}, "|")),
				unequal("severity", string(rules.Emergency)), present("channel"),
			},
			Equal: []string{"channel"},
		}, {
			Name:           "provider-down",
			SourceMatchers: []string{equal("alertname", rules.ProviderDown.Name), present("channel"), present("provider")},
			TargetMatchers: []string{severity(rules.Warning), present("rule"), present("channel"), present("provider")},
			Equal:          []string{"channel", "provider"},
		}, {
			// The same thing at fault twice. Of these labels both sides may lack
			// any, which is meant here: an alert and its more urgent sister come
			// from one expression and have the same.
			Name:           "more-urgent",
			SourceMatchers: []string{oneOf("severity", string(rules.Critical), string(rules.Emergency)), present("rule")},
			TargetMatchers: []string{severity(rules.Warning), present("rule")},
			Equal:          sameFault,
		},
	}
}

// sameFault are the labels that tell one fault from another of the same alert.
var sameFault = []string{
	"alertname", expr.Job.Name, expr.Instance.Name, catalog.LabelPartition.Name,
	catalog.LabelChannel.Name, catalog.LabelProvider.Name, catalog.LabelCategory.Name, catalog.LabelService.Name,
	catalog.LabelQueue.Name, catalog.LabelComponent.Name, catalog.LabelNode.Name,
	catalog.LabelExperiment.Name, catalog.LabelVariant.Name, catalog.LabelSeries.Name,
	catalog.LabelCurrency.Name, catalog.LabelReport.Name,
}
