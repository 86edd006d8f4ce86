package panel

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Filters let the reader filter a dashboard by labels. Each label has a variable of
// its name, which holds one value, several or all; that of the currency holds one. It offers
// the values that the choices before it leave.
type Filters struct {
	Labels []*catalog.Label
	// From is the series whose label values the variables offer.
	From Expression
	// Also has other series for labels that From does not have.
	Also map[*catalog.Label]Expression
}

// narrow applies the reader's choices to every selector that has their labels,
// and leaves all others alone.
func (f Filters) narrow(e Expression) expr.Expr {
	narrowed := e.Where()
	for _, l := range f.Labels {
		if further := narrowed.Where(expr.Var(l)); further.Err() == nil {
			narrowed = further
		}
	}
	return narrowed
}

// source refers to the data source that the reader chose. Every query goes there.
var source = &common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}

// variables returns the choices at the top of the dashboard: the data source, then
// the filters. By default all values are chosen.
func (f Filters) variables() ([]sdk.VariableModel, error) {
	list := []sdk.VariableModel{sourceVariable()}
	for i, l := range f.Labels {
		if l == catalog.LabelCurrency {
			v, err := currencyVariable(Filters{Labels: f.Labels[:i]})
			if err != nil {
				return nil, fmt.Errorf("variable %s: %w", l.Name, err)
			}
			list = append(list, v)
			continue
		}
		from := f.From
		if other, ok := f.Also[l]; ok {
			from = other
		}
		offered := Filters{Labels: f.Labels[:i]}.narrow(from)
		if err := offered.Err(); err != nil {
			return nil, fmt.Errorf("variable %s: %w", l.Name, err)
		}
		if slices.Contains(l.Values, catalog.Unknown) { // which has a series even if nobody sends it
			offered = offered.Where(expr.Ne(l, catalog.Unknown))
		}
		list = append(list, labelVariable(l, offered))
	}
	return list, nil
}

// currencyVariable offers the currencies that occur in the time range, one at a time, since
// sums of several mean nothing: that of the greatest cost first.
func currencyVariable(before Filters) (sdk.VariableModel, error) {
	in := func(of rules.Volume) expr.Expr {
		return expr.Sum(expr.SumOverTime(InRange(of), expr.Range)).By(catalog.LabelCurrency)
	}
	alone := in(rules.ValueVolume).Mul(expr.Num(0)) // of currencies that nothing cost
	occurring := before.narrow(in(rules.CostVolume).Or(alone))
	v := answerVariable(catalog.LabelCurrency.Name, "sort_desc("+occurring.String()+")")
	v.Description = &catalog.LabelCurrency.Doc
	return v, occurring.Err()
}

func sourceVariable() sdk.VariableModel {
	// Without it Grafana takes the first by name.
	chosen := sdk.StringOrArrayOfString{String: new("default")}
	return sdk.VariableModel{
		Type: sdk.VariableTypeDatasource, Name: "datasource", Label: new("Data source"),
		Description: new("Prometheus, or a compatible server"),
		Query:       &sdk.StringOrMap{String: source.Type},
		Current:     &sdk.VariableOption{Text: chosen, Value: chosen},
	}
}

func labelVariable(l *catalog.Label, from expr.Expr) sdk.VariableModel {
	query := fmt.Sprintf("label_values(%s, %s)", from, l.Name)
	return sdk.VariableModel{
		Type: sdk.VariableTypeQuery, Name: l.Name, Label: new(Heading(l.Name)), Description: &l.Doc,
		Datasource: source, Query: &sdk.StringOrMap{String: &query}, Definition: &query,
		Multi: new(true), IncludeAll: new(true), AllValue: new(".*"), AllowCustomValue: new(false),
		Current: &sdk.VariableOption{
			Text:  sdk.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value: sdk.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		},
		Sort: new(sdk.VariableSortAlphabeticalAsc),
		// A time range in the last month offers the channels of the last month.
		Refresh: new(sdk.VariableRefreshOnTimeRangeChanged),
	}
}
