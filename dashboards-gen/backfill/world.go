package backfill

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"

	"belfry/exporter/catalog"
	"belfry/nats"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/simtime"
)

// Values of free labels on the platform of package simtime. A template belongs to
// one channel, a provider carries one channel, a code is an error of one provider.
var (
	categories = []string{"transactional", "marketing", "security", "billing", "social", "digest"}
	currencies = []string{"USD"}
	faultOf    = map[string]string{
		"mailbox_full": "recipient", "unknown_user": "recipient", "throttled": "platform", "timeout": "provider",
		"rejected": "provider",
	}
	experiments = []string{"exp_subject", "exp_cta"} // as in the simulator
)

const (
	templates = 60
	campaigns = 30
)

// last lists the labels whose values depend on others, in the order in which they
// are assigned. All other labels come first.
var last = []*catalog.Label{
	catalog.LabelAlertName, catalog.LabelRule, catalog.LabelTemplate, catalog.LabelCampaign, catalog.LabelChannel,
	catalog.LabelCategory, catalog.LabelPriority,
	catalog.LabelProvider, catalog.LabelErrorCode, catalog.LabelFault, catalog.LabelVariant, catalog.LabelControl,
	catalog.LabelDeviceType, catalog.LabelName,
}

// sets returns the label sets that the kind has on the typical platform.
func (k Kind) sets() [][]labels.Label {
	order := slices.Clone(k.Labels)
	slices.SortStableFunc(order, func(a, b *catalog.Label) int { return slices.Index(last, a) - slices.Index(last, b) })
	rows := [][]labels.Label{{}}
	for _, l := range order {
		var next [][]labels.Label
		for _, row := range rows {
			for _, value := range k.values(l, row) {
				next = append(next, append(slices.Clip(row), labels.Label{Name: l.Name, Value: value}))
			}
		}
		rows = next
	}
	return rows
}

// valueIn returns a label's value in a row, or "".
func valueIn(row []labels.Label, l *catalog.Label) string {
	for _, pair := range row {
		if pair.Name == l.Name {
			return pair.Value
		}
	}
	return ""
}

// values returns the values of a label for a row of other labels.
func (k Kind) values(l *catalog.Label, row []labels.Label) []string {
	switch l {
	case expr.Le:
		return k.bounds()
	case expr.Job:
		if k.Name == expr.Up.Name {
			return []string{rules.Job, "belfry-alerts", rules.InsightsJob}
		}
		return []string{rules.Job}
	case expr.GrafanaHandler:
		return []string{expr.QueryHandler}
	case expr.RuleGroup:
		return []string{"/etc/prometheus/rules/notification-delivery.yaml;notification_delivery"}
	case catalog.LabelPartition:
		return numbered("", nats.DefaultPartitions)
	case catalog.LabelTemplate:
		return numbered("template-", templates)
	case catalog.LabelCampaign:
		return numbered("campaign-", campaigns)
	case catalog.LabelChannel:
		return channelsOf(row)
	case catalog.LabelCategory:
		if c := valueIn(row, catalog.LabelChannel); c != "" { // each channel has some
			return categories[len(c)%3 : len(c)%3+4]
		}
		return categories
	case catalog.LabelProvider:
		return providersOf(valueIn(row, catalog.LabelChannel))
	case catalog.LabelAlertName:
		return alertNames()
	case catalog.LabelExperiment:
		return experiments
	}
	return k.dependent(l, row)
}

func (k Kind) dependent(l *catalog.Label, row []labels.Label) []string {
	switch l {
	case catalog.LabelPriority:
		if c := valueIn(row, catalog.LabelCategory); c != "" { // a category has one priority
			return catalog.Priorities[slices.Index(categories, c)%4:][:1]
		}
		return catalog.Priorities
	case catalog.LabelErrorCode:
		return slices.Sorted(maps.Keys(faultOf))
	case catalog.LabelFault:
		if code := valueIn(row, catalog.LabelErrorCode); code != "" {
			return []string{faultOf[code]}
		}
		return []string{"recipient", "provider", "platform", "none"}
	case catalog.LabelVariant:
		return []string{"control", "b"}
	case catalog.LabelControl:
		return []string{strconv.FormatBool(valueIn(row, catalog.LabelVariant) == "control")}
	case catalog.LabelDeviceType:
		if valueIn(row, catalog.LabelPlatform) == "web" {
			return []string{"mobile", "desktop", "tablet"}
		}
		return []string{"mobile", "tablet"}
	case catalog.LabelRule:
		return ruleNames(valueIn(row, catalog.LabelAlertName))
	case catalog.LabelStage:
		if slices.Contains(k.Labels, catalog.LabelHour) {
			return []string{"sent", "delivered", "engaged", "converted"} // the stages that hours count
		}
	case catalog.LabelCurrency:
		return currencies
	case catalog.LabelPlanned:
		return []string{"20000"}
	case expr.AlertState:
		return []string{"firing"}
	}
	if !l.Free() {
		return slices.DeleteFunc(slices.Clone(l.Values),
			func(v string) bool { return v == catalog.Unknown || v == catalog.Other })
	}
	return numbered(l.Name+"-", min(l.Limit, 4))
}

// providersOf returns the providers of a channel, or all if channel is "".
func providersOf(channel string) []string {
	var all []string
	for _, c := range simtime.Channels {
		if channel == "" || channel == c.Name {
			for _, p := range c.Providers {
				all = append(all, p.Name)
			}
		}
	}
	return all
}

// channelsOf returns the channels of a row's template or campaign, or all.
func channelsOf(row []labels.Label) []string {
	for _, l := range []*catalog.Label{catalog.LabelTemplate, catalog.LabelCampaign} {
		if name := valueIn(row, l); name != "" {
			return []string{catalog.Channels[len(catalog.Channels)*int(hash(name)%1000)/1000]}
		}
	}
	return catalog.Channels
}

// bounds returns the values of le as Prometheus 3 stores them.
func (k Kind) bounds() []string {
	var all []string
	for _, le := range k.Le {
		all = append(all, labels.FormatOpenMetricsFloat(le))
	}
	return append(all, "+Inf")
}

func numbered(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}

// alertNames returns the names of some alerts, which fire for a while.
func alertNames() []string {
	var names []string
	for i, a := range rules.Alerts() {
		if i%8 == 3 && !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}

// ruleNames returns the ids of an alert's rules, or of all rules if alert is "".
func ruleNames(alert string) []string {
	var ids []string
	for _, a := range rules.Alerts() {
		if (alert == "" || a.Name == alert) && !slices.Contains(ids, a.ID()) {
			ids = append(ids, a.ID())
		}
	}
	return ids
}
