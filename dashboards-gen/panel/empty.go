package panel

import (
	"slices"
	"strconv"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

// Why a panel can be empty although notifications are sent. A panel of single values finds
// out which it is; all others can only name them.
const (
	noData     = "Belfry sees no data: check the exporter"
	noInterval = "No complete interval yet"
)

// The values that stand for these reasons. No figure has them, and a gauge shows them as its
// lowest.
const noDataValue, noIntervalValue = -999999, -999998

// orReason returns the newest value or, if there is none, the reason.
func orReason(value expr.Expr) expr.Expr {
	if !counted(value) {
		return value
	}
	exporter := expr.Group(expr.Select(expr.Up, expr.Eq(expr.Job, rules.Job)).Eq(expr.Num(1))).By()
	reason := expr.Vector(noDataValue).Unless(exporter, expr.On())
	if readsTiles(value) {
		// Of what was sent, since there may be none of what the panel counts. Its newest may be
		// five minutes old.
		complete := expr.Group(expr.PresentOverTime(rules.StageVolume.Increase5m, "10m")).By()
		waits := expr.Group(rules.EventRate).By().Mul(expr.Num(noIntervalValue))
		reason = reason.Or(waits.Unless(complete, expr.On()), expr.On())
	}
	return value.Or(reason, expr.On())
}

// counted reports whether the exporter counts what an expression is made of.
func counted(e expr.Expr) bool {
	return slices.ContainsFunc(e.Series(), func(name string) bool {
		if strings.Contains(name, ":notification_") {
			return true // recorded
		}
		i := slices.IndexFunc(catalog.All, func(f *catalog.Family) bool { return strings.HasPrefix(name, f.Name) })
		return i >= 0 && catalog.All[i].Source == catalog.Fold
	})
}

// readsTiles reports whether a series in the expression has a value for each interval of time.
func readsTiles(e expr.Expr) bool {
	return slices.ContainsFunc(e.Series(), func(name string) bool { return strings.Contains(name, ":increase") })
}

// empty returns what the panel says if it has no data.
func (p Panel) empty() string {
	if reads := p.Draw.reads(); reads.single || reads.brief || !p.has(counted) {
		return p.Empty
	}
	text := p.Empty
	if p.has(readsTiles) {
		text += ", or no complete interval yet"
	}
	return text + ". If all is empty: " + noData
}

// sayWhy shows in words why there is no value, in a color that is neither good nor bad: for
// Grafana no value is less than any threshold.
func (p Panel) sayWhy(built *sdk.Panel) {
	if !slices.Contains([]string{"stat", "gauge", "bargauge"}, built.Type) {
		return
	}
	mappings := []sdk.ValueMapping{noValue(p.empty())}
	if p.Draw.reads().single {
		mappings = append(mappings, sdk.ValueMapping{ValueMap: &sdk.ValueMap{
			Type: sdk.MappingTypeValueToText,
			Options: map[string]sdk.ValueMappingResult{
				strconv.Itoa(noDataValue): plain(noData), strconv.Itoa(noIntervalValue): plain(noInterval),
			},
		}})
	}
	built.FieldConfig.Defaults.Mappings = append(built.FieldConfig.Defaults.Mappings, mappings...)
	for _, o := range built.FieldConfig.Overrides {
		for i, own := range o.Properties {
			if own.Id == "mappings" {
				o.Properties[i].Value = append(own.Value.([]sdk.ValueMapping), mappings...)
			}
		}
	}
}

// noValue shows a text in place of a value that is missing.
func noValue(text string) sdk.ValueMapping {
	return sdk.ValueMapping{SpecialValueMap: &sdk.SpecialValueMap{
		Type: sdk.MappingTypeSpecialValue,
		Options: sdk.DashboardSpecialValueMapOptions{
			Match: sdk.SpecialValueMatchNullAndNan, Result: plain(text),
		},
	}}
}

// plain returns a text in the color of text.
func plain(text string) sdk.ValueMappingResult {
	return sdk.ValueMappingResult{Text: &text, Color: new(neutral)}
}

// whileDrawn returns the objective where the panel draws something else. A line alone would
// hide that there is no data.
func (p Panel) whileDrawn(objective expr.Expr, f Filters) expr.Expr {
	var drawn expr.Expr
	for _, q := range p.Queries {
		if q.Objective {
			continue
		}
		if one := expr.Group(f.narrow(q.Of)).By(); drawn.Err() != nil {
			drawn = one
		} else {
			drawn = drawn.Or(one)
		}
	}
	if drawn.Err() != nil { // there are objectives only, or a mistake that is reported elsewhere
		return objective
	}
	return objective.And(drawn, expr.On())
}

// menu returns the links of the panel's title: to runbooks, and from figures that the
// exporter counts to what tells why there may be none.
func (p Panel) menu(d Dashboard) []sdk.DashboardLink {
	if d.UID == rules.Belfry || d.Public || !p.has(counted) {
		return p.runbooks
	}
	exporter := link("No data? Check the exporter", Filters{}.open(rules.Belfry, nil, nil))
	return append(slices.Clone(p.runbooks), exporter)
}

// has reports whether one of the panel's expressions is such.
func (p Panel) has(is func(expr.Expr) bool) bool {
	return slices.ContainsFunc(p.Queries, func(q Query) bool { return is(q.Of.Where()) })
}
