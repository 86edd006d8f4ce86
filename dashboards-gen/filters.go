package dashboards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// expression is what a panel can draw: an expr.Expr or a recorded series.
type expression interface {
	Where(...expr.Matcher) expr.Expr
}

// filters are the labels by which the reader narrows a dashboard. Each is a
// variable of the label's name that holds one value, several or all, and each
// offers the values that the choices before it leave.
type filters struct {
	labels []*catalog.Label
	of     expression // the series whose label values are offered
	// also are the series of labels that the former does not have.
	also map[*catalog.Label]expression
}

// narrow applies the reader's choices to every selector that has their labels.
// What knows nothing of a label stays the same whatever is chosen.
func (f filters) narrow(e expression) expr.Expr {
	narrowed := e.Where()
	for _, l := range f.labels {
		if further := narrowed.Where(expr.Var(l)); further.Err() == nil {
			narrowed = further
		}
	}
	return narrowed
}

// source is the data source that the reader chose: every query goes there.
var source = &common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}

// variables are the choices at the top of the dashboard: the data source first,
// then the filters, on which all is chosen until the reader says otherwise.
func (f filters) variables() ([]sdk.VariableModel, error) {
	list := []sdk.VariableModel{{
		Type: sdk.VariableTypeDatasource, Name: "datasource", Label: new("Data source"),
		Description: new("Prometheus, or what answers like it"),
		Query:       &sdk.StringOrMap{String: source.Type},
		// Not the first by name, which Grafana takes otherwise.
		Current: &sdk.VariableOption{
			Text:  sdk.StringOrArrayOfString{String: new("default")},
			Value: sdk.StringOrArrayOfString{String: new("default")},
		},
	}}
	for i, l := range f.labels {
		from := f.of
		if other, ok := f.also[l]; ok {
			from = other
		}
		offered := filters{labels: f.labels[:i]}.narrow(from)
		if err := offered.Err(); err != nil {
			return nil, fmt.Errorf("variable %s: %w", l.Name, err)
		}
		query := fmt.Sprintf("label_values(%s, %s)", offered, l.Name)
		list = append(list, sdk.VariableModel{
			Type: sdk.VariableTypeQuery, Name: l.Name, Label: new(heading(l)), Description: &l.Doc,
			Datasource: source, Query: &sdk.StringOrMap{String: &query}, Definition: &query,
			Multi: new(true), IncludeAll: new(true), AllValue: new(".*"), AllowCustomValue: new(false),
			Current: &sdk.VariableOption{
				Text:  sdk.StringOrArrayOfString{ArrayOfString: []string{"All"}},
				Value: sdk.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
			},
			Sort: new(sdk.VariableSortAlphabeticalAsc),
			// A channel of last month is offered when the range reaches there.
			Refresh: new(sdk.VariableRefreshOnTimeRangeChanged),
		})
	}
	return list, nil
}

// only leads to the same dashboard narrowed to one value of a label, with the
// other choices and the time range kept. The value is one of Grafana's
// variables for what was clicked.
func (f filters) only(uid string, l *catalog.Label, value string) sdk.DashboardLink {
	address := "/d/" + uid + "?${datasource:queryparam}&${__url_time_range}&var-" + l.Name + "=" + value
	for _, other := range f.labels {
		if other != l {
			address += "&${" + other.Name + ":queryparam}"
		}
	}
	return link("Only "+value, address)
}

// link is a link in a panel to what was clicked.
func link(title, address string) sdk.DashboardLink {
	return sdk.DashboardLink{Title: title, Type: sdk.DashboardLinkTypeLink, Url: &address, Tags: []string{}}
}
