package panel

import (
	"fmt"
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// Destination identifies a dashboard that a link opens, or one panel of it.
type Destination struct {
	UID, Title string
	// Panel holds the key of the panel; empty for the whole dashboard.
	Panel string
}

// At returns the destination of one panel of the dashboard.
func (to Destination) At(key, title string) Destination {
	return Destination{to.UID, to.Title + ": " + title, key}
}

// view returns what an address needs to open the panel alone.
func (to Destination) view() string {
	if to.Panel == "" {
		return ""
	}
	return fmt.Sprintf("&viewPanel=%d", rules.PanelID(to.UID, to.Panel))
}

// open returns the address of a dashboard, filtered by the labels that were clicked.
// It keeps the time range and the reader's other choices. The dashboard ignores
// choices that it does not offer.
func (f Filters) open(uid string, clicked []*catalog.Label, value func(*catalog.Label) string) string {
	address := "/d/" + uid + "?${datasource:queryparam}&${__url_time_range}"
	for _, l := range clicked {
		address += "&var-" + l.Name + "=" + value(l)
	}
	for _, l := range f.Labels {
		if !slices.Contains(clicked, l) {
			address += "&${" + l.Name + ":queryparam}"
		}
	}
	return address
}

// only returns a link to the same dashboard, filtered by one value of a label. The
// value is Grafana's variable for what was clicked.
func (d Dashboard) only(l *catalog.Label, value string) sdk.DashboardLink {
	address := d.Filters.open(d.UID, []*catalog.Label{l}, func(*catalog.Label) string { return value })
	return link("Only "+value, address)
}

// link returns a link from what was clicked.
func link(title, address string) sdk.DashboardLink {
	return sdk.DashboardLink{Title: title, Type: sdk.DashboardLinkTypeLink, Url: &address, Tags: []string{}}
}

// fieldLabel returns Grafana's variable for the label's value on the clicked series.
func fieldLabel(l *catalog.Label) string { return "${__field.labels." + l.Name + "}" }

// runbookOf returns a link to the runbook of the alert with the name.
func runbookOf(name string) sdk.DashboardLink {
	l := link("Runbook", rules.RunbookURL(name))
	l.TargetBlank = true
	return l
}

// dataLinks returns the links of the panel's series: to an alert's runbook, to the
// same dashboard filtered by the series, and to the dashboards with details.
func (p Panel) dataLinks(d Dashboard) []sdk.DashboardLink {
	var list []sdk.DashboardLink
	shared := p.shared(d.Filters)
	if p.has(ofAlerts) {
		shared = nil
	}
	named := func(q Query) bool { return slices.Contains(q.labels(), catalog.LabelAlertName) }
	if slices.ContainsFunc(p.Queries, named) {
		list = append(list, runbookOf(fieldLabel(catalog.LabelAlertName)))
	}
	for _, l := range shared {
		list = append(list, d.only(l, fieldLabel(l)))
	}
	for _, to := range p.LeadsTo {
		list = append(list, link(to.Title, d.Filters.open(to.UID, shared, fieldLabel)+to.view()))
	}
	return list
}
