package panel

import (
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Rank returns the rank of a severity: the higher, the more urgent. Ranks up to the next
// severity's have its word and color, too.
func Rank(s settings.Severity) float64 {
	return float64(1 + slices.Index(catalog.LabelSeverity.Values, string(s)))
}

// SeverityColumn returns a column that shows ranks as severities. It stands first and has
// the most urgent on top.
func SeverityColumn(ranks Expression) Column {
	c := Column{Title: Heading(catalog.LabelSeverity.Name), Of: ranks, Unit: "none", Ahead: true, Width: 105}
	for _, s := range settings.Severities() {
		result := sdk.ValueMappingResult{Text: &s, Color: new(meanings[catalog.LabelSeverity][s])}
		c.words = append(c.words, between(Rank(settings.Severity(s)), result))
	}
	c.words = append(c.words, between(0, plain(dash))) // of other rules
	return c
}

// between shows a text in place of values from a rank up to the next.
func between(rank float64, text sdk.ValueMappingResult) sdk.ValueMapping {
	return sdk.ValueMapping{RangeMap: &sdk.RangeMap{
		Type:    sdk.MappingTypeRangeToText,
		Options: sdk.DashboardRangeMapOptions{From: &rank, To: new(rank + 0.99), Result: text},
	}}
}

// bareNames shows the names of alerts without the prefix that all have.
var bareNames = []sdk.ValueMapping{{RegexMap: &sdk.RegexMap{
	Type: sdk.MappingTypeRegexToText,
	Options: sdk.DashboardRegexMapOptions{
		Pattern: "/^" + settings.Prefix + "(.+)$/", Result: sdk.ValueMappingResult{Text: new("$1")},
	},
}}}

// ofAlerts reports whether an expression reads alerts. Not all have a channel or a provider:
// a link that filters by what is missing leads to an empty dashboard.
func ofAlerts(e expr.Expr) bool {
	return slices.ContainsFunc(e.Series(), func(name string) bool {
		return name == expr.Alerts.Name || name == expr.AlertsForState.Name || name == catalog.AlertCondition.Name
	})
}
