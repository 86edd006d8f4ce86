package panel

import (
	"fmt"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/rules"
	"belfry/rules/expr"
)

// InRange returns the increases that add up to a volume over the time range of the
// dashboard: those of five minutes up to [longest], and of days of UTC over more. So a view
// of a year reads 365 samples of a series and not 105,120.
func InRange(of rules.Volume) expr.Recorded {
	return of.Increase5m.Varied(fine, tileVariable)
}

// Period is how titles and legends call the time range, such as "7 days".
const Period = "$" + periodVariable

const (
	periodVariable, tileVariable = "period", "tile"

	// The ends of the names of increases, of five minutes and of days.
	fine, daily = "5m", "_day"
	// longest is the longest time range in seconds over which increases of five minutes are
	// read: 36 days, a month with what a picker adds to it.
	longest = 36 * 24 * 60 * 60
)

// periodVariables returns the hidden variables that a dashboard needs which follows the
// time range. Prometheus computes them from its length, and reads no series for it.
func periodVariables(content string) []sdk.VariableModel {
	var list []sdk.VariableModel
	for _, v := range []struct{ name, query, before string }{
		{periodVariable, periodQuery, "the time range"}, {tileVariable, tileQuery, fine},
	} {
		if strings.Contains(content, "$"+v.name) {
			list = append(list, hiddenVariable(v.name, v.query, v.before))
		}
	}
	return list
}

// hiddenVariable returns a variable that the answer to a query decides, by the label of its
// name. Before there is an answer it has the other value.
func hiddenVariable(name, query, before string) sdk.VariableModel {
	v := answerVariable(name, query)
	v.Hide = new(sdk.VariableHideHideVariable)
	chosen := sdk.StringOrArrayOfString{String: &before}
	v.Current = &sdk.VariableOption{Text: chosen, Value: chosen}
	return v
}

// answerVariable returns a variable of one value, which offers the values of the label of its
// name in the order of the answer to a query.
func answerVariable(name, query string) sdk.VariableModel {
	query = "query_result(" + query + ")"
	return sdk.VariableModel{
		Type: sdk.VariableTypeQuery, Name: name, Label: new(strings.ToUpper(name[:1]) + name[1:]),
		Datasource: source, Query: &sdk.StringOrMap{String: &query}, Definition: &query,
		Regex: new(fmt.Sprintf(`/%s="([^"]+)"/`, name)),
		Multi: new(false), IncludeAll: new(false), AllowCustomValue: new(false),
		Sort: new(sdk.VariableSortDisabled), Refresh: new(sdk.VariableRefreshOnTimeRangeChanged),
	}
}

var (
	tileQuery = fmt.Sprintf(`label_replace(vector($__range_s) > %d, %q, %q, "", "") or on () `+
		`label_replace(vector(1), %[2]q, %[4]q, "", "")`, longest, tileVariable, daily, fine)

	periodQuery = span(2*24*60*60, 24*60*60, "days") + " or on () " + span(2*60*60, 60*60, "h") +
		" or on () " + span(0, 60, "min")
)

// span names the time range by its length in a unit of seconds, if it is at least so long.
func span(least, unit int, name string) string {
	return fmt.Sprintf(
		`label_replace(count_values("n", round((vector($__range_s) >= %d) / %d)), %q, "$1 %s", "n", "(.*)")`,
		least, unit, periodVariable, name)
}
