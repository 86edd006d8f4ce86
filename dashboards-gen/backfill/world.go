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

// The platform of package simtime: what its other free labels hold, and which
// values occur together. A template belongs to one channel, a provider carries one channel,
// a code is an error of one provider.
var (
	categories = []string{"transactional", "marketing", "security", "billing", "social", "digest"}
	currencies = []string{"USD"}
	faultOf    = map[string]string{
		"mailbox_full": "recipient", "unknown_user": "recipient", "throttled": "platform", "timeout": "provider", "rejected": "provider",
	}
	experiments = []string{"exp_subject", "exp_cta"} // the simulator's
)

const (
	templates = 60
	campaigns = 30
)

// last are labels whose values depend on others, in the order in which they are
// settled. All other labels come first.
var last = []*catalog.Label{
	catalog.LabelAlertName, catalog.LabelRule, catalog.LabelTemplate, catalog.LabelCampaign, catalog.LabelChannel, catalog.LabelCategory, catalog.LabelPriority,
	catalog.LabelProvider, catalog.LabelErrorCode, catalog.LabelFault, catalog.LabelVariant, catalog.LabelControl, catalog.LabelDeviceType, catalog.LabelName,
}

// sets are the label sets that the kind has on the typical platform.
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

// of is a label's value in a row, or "".
func of(row []labels.Label, l *catalog.Label) string {
	for _, pair := range row {
		if pair.Name == l.Name {
			return pair.Value
		}
	}
	return ""
}

// values are those of a label beside what the row holds already.
func (k Kind) values(l *catalog.Label, row []labels.Label) []string {
	switch l {
	case expr.Le:
		return k.bounds()
	case expr.Job:
		if k.Name == expr.Up.Name {
			return []string{rules.Job, "belfry-alerts", rules.InsightsJob}
		}
		return []string{rules.Job}
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
		if c := of(row, catalog.LabelChannel); c != "" { // each channel carries some
			return categories[len(c)%3 : len(c)%3+4]
		}
		return categories
	case catalog.LabelProvider:
		return providersOf(of(row, catalog.LabelChannel))
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
		if c := of(row, catalog.LabelCategory); c != "" { // a category has one priority
			return catalog.Priorities[slices.Index(categories, c)%4:][:1]
		}
		return catalog.Priorities
	case catalog.LabelErrorCode:
		return slices.Sorted(maps.Keys(faultOf))
	case catalog.LabelFault:
		if code := of(row, catalog.LabelErrorCode); code != "" {
			return []string{faultOf[code]}
		}
		return []string{"recipient", "provider", "platform", "none"}
	case catalog.LabelVariant:
		return []string{"control", "b"}
	case catalog.LabelControl:
		return []string{strconv.FormatBool(of(row, catalog.LabelVariant) == "control")}
	case catalog.LabelDeviceType:
		if of(row, catalog.LabelPlatform) == "web" {
			return []string{"mobile", "desktop", "tablet"}
		}
		return []string{"mobile", "tablet"}
	case catalog.LabelRule:
		return ruleNames(of(row, catalog.LabelAlertName))
	case catalog.LabelStage:
		if slices.Contains(k.Labels, catalog.LabelHour) {
			return []string{"sent", "delivered", "engaged", "converted"} // what is booked on hours
		}
	case catalog.LabelCurrency:
		return currencies
	case catalog.LabelPlanned:
		return []string{"20000"}
	case expr.AlertState:
		return []string{"firing"}
	}
	if !l.Free() {
		return slices.DeleteFunc(slices.Clone(l.Values), func(v string) bool { return v == catalog.Unknown || v == catalog.Other })
	}
	return numbered(l.Name+"-", min(l.Limit, 4))
}

// providersOf are those of a channel, or all.
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

// channelsOf are the channels beside a template, a campaign or a provider.
func channelsOf(row []labels.Label) []string {
	for _, l := range []*catalog.Label{catalog.LabelTemplate, catalog.LabelCampaign} {
		if name := of(row, l); name != "" {
			return []string{catalog.Channels[len(catalog.Channels)*int(hash(name)%1000)/1000]}
		}
	}
	return catalog.Channels
}

// bounds are the values of le, as Prometheus 3 writes them.
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

// alertNames are some alerts that fire for a while.
func alertNames() []string {
	var names []string
	for i, a := range rules.Alerts() {
		if i%8 == 3 && !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}

// ruleNames are the ids of the rules of an alert, or of all.
func ruleNames(alert string) []string {
	var ids []string
	for _, a := range rules.Alerts() {
		if (alert == "" || a.Name == alert) && !slices.Contains(ids, a.ID()) {
			ids = append(ids, a.ID())
		}
	}
	return ids
}
