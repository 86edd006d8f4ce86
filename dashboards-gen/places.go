package dashboards

import (
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// The uids of the dashboards that no alert links to.
const (
	templatesUID = "belfry-templates"
	phoneUID     = "belfry-phone"
)

// place is a dashboard that a link leads to.
type place struct{ uid, title string }

// Where a panel leads to when its reader wants to know more.
var (
	toOperations     = place{rules.Operations, "Operations"}
	toPerformance    = place{rules.Performance, "Performance"}
	toEngagement     = place{rules.Engagement, "Engagement"}
	toTemplates      = place{templatesUID, "Templates & campaigns"}
	toDeliverability = place{rules.Deliverability, "Deliverability"}
	toObjectives     = place{rules.SLOs, "SLO & alerts"}
	toAnomalies      = place{rules.Anomalies, "Anomalies & forecasts"}
	toItself         = place{rules.Belfry, "Belfry itself"}
)

// to is the link to the place with the time range and the reader's choices kept,
// but for the labels that the clicked series has, which it is narrowed to. The
// place ignores what it has no choice for.
func (f filters) to(there place, clicked []*catalog.Label, value func(*catalog.Label) string) sdk.DashboardLink {
	address := "/d/" + there.uid + "?${datasource:queryparam}&${__url_time_range}"
	for _, l := range clicked {
		address += "&var-" + l.Name + "=" + value(l)
	}
	for _, l := range f.labels {
		if !slices.Contains(clicked, l) {
			address += "&${" + l.Name + ":queryparam}"
		}
	}
	return link(there.title, address)
}

// fieldLabel is Grafana's variable for the label's value on the clicked series.
func fieldLabel(l *catalog.Label) string { return "${__field.labels." + l.Name + "}" }

// runbookOf leads to the runbook of the alert with the name.
func runbookOf(name string) sdk.DashboardLink {
	runbook := link("Runbook", rules.RunbookURL(name))
	runbook.TargetBlank = true
	return runbook
}

// dataLinks are where a click on one of the panel's series leads: to the same
// dashboard with nothing but it, and to those that go into it.
func (p panel) dataLinks(d Dashboard) []sdk.DashboardLink {
	var list []sdk.DashboardLink
	shared := p.shared(d.filters)
	if slices.ContainsFunc(p.queries, func(q query) bool { return slices.Contains(q.of.Where().Labels(), catalog.LabelAlertName) }) {
		list = append(list, runbookOf(fieldLabel(catalog.LabelAlertName)))
	}
	for _, l := range shared {
		list = append(list, d.filters.only(d.UID, l, fieldLabel(l)))
	}
	for _, there := range p.leads {
		list = append(list, d.filters.to(there, shared, fieldLabel))
	}
	return list
}
