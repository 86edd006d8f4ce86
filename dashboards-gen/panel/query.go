package panel

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Query describes one query of a panel.
type Query struct {
	Of Expression
	// Legend names the series. By default their labels do.
	Legend string
	// Objective queries are drawn dashed: the other series are held to them.
	Objective bool
	// Warning objectives require attention, all others action.
	Warning bool
	// Unit, Decimals and Limit replace the panel's for this query.
	Unit     string
	Decimals *float64
	Limit    *Limit
	// Color is a fixed color. By default the names of the series decide.
	Color string
}

// Of returns a query for each of the expressions.
func Of(expressions ...Expression) []Query {
	list := make([]Query, len(expressions))
	for i, e := range expressions {
		list[i] = Query{Of: e}
	}
	return list
}

// Expression can be queried: an expr.Expr or a recorded series.
type Expression interface {
	Where(...expr.Matcher) expr.Expr
}

// labels returns the labels of the series that the query returns.
func (q Query) labels() []*catalog.Label { return q.Of.Where().Labels() }

// targets returns the panel's queries, filtered by the reader's choices.
func (p Panel) targets(f Filters) ([]variants.Dataquery, error) {
	if p.Unfiltered {
		f = Filters{}
	}
	var targets []variants.Dataquery
	var mistakes []error
	reads := p.Draw.reads()
	for i, q := range p.Queries {
		e := f.narrow(p.withoutIdle(q))
		switch {
		case reads.single && i == 0: // the others are what it is compared with
			e = orReason(e)
		case q.Objective && !reads.instant:
			e = p.whileDrawn(e, f)
		}
		if err := e.Err(); err != nil {
			mistakes = append(mistakes, fmt.Errorf("query %s: %w", refID(i), err))
		}
		target := prometheus.Dataquery{
			RefId: new(refID(i)), Datasource: source, Expr: e.String(), LegendFormat: new(p.legend(q)),
			Format: &reads.format, Instant: &reads.instant, Range: new(!reads.instant),
			EditorMode: new(prometheus.QueryEditorModeCode),
		}
		if p.Every != "" {
			target.Interval = &p.Every
		}
		targets = append(targets, target)
	}
	return targets, errors.Join(mistakes...)
}

// refID returns Grafana's name for a panel's i-th query: A, B, C …
func refID(i int) string { return string(rune('A' + i)) }

// legend returns the pattern that names the query's series.
func (p Panel) legend(q Query) string {
	if q.Legend != "" {
		return q.Legend
	}
	if labels := q.labels(); len(labels) > 0 {
		return Legend(labels...)
	}
	return p.Title
}

// Legend returns the pattern that names a series by the values of its labels.
func Legend(labels ...*catalog.Label) string {
	list := make([]string, len(labels))
	for i, l := range labels {
		list[i] = "{{" + l.Name + "}}"
	}
	return strings.Join(list, " ")
}

// shared returns the labels of the filters that every series of the panel has.
func (p Panel) shared(f Filters) []*catalog.Label {
	return slices.DeleteFunc(slices.Clone(f.Labels), func(l *catalog.Label) bool {
		return slices.ContainsFunc(p.Queries, func(q Query) bool {
			return !q.Objective && !slices.Contains(q.labels(), l)
		})
	})
}

// overrides returns the settings of single queries.
func (p Panel) overrides() []sdk.DashboardFieldConfigSourceOverrides {
	list := []sdk.DashboardFieldConfigSourceOverrides{}
	for i, q := range p.Queries {
		own := q.properties()
		if q.Limit != nil && p.Words != nil {
			own = append(own, property("mappings", mappings(p.Words, q.Limit)))
		}
		if len(own) > 0 {
			list = append(list, override("byFrameRefID", refID(i), own...))
		}
	}
	return list
}

func (q Query) properties() []sdk.DynamicConfigValue {
	var list []sdk.DynamicConfigValue
	if q.Unit != "" {
		list = append(list, property("unit", q.Unit))
	}
	if q.Decimals != nil {
		list = append(list, property("decimals", *q.Decimals))
	}
	if q.Limit != nil {
		list = append(list, property("thresholds", q.Limit.steps()))
	}
	if q.Color != "" && !q.Objective { // lines color objectives themselves
		list = append(list, property("color", fixed(q.Color)))
	}
	return list
}

// override changes the series or columns that match.
func override(
	matcher, which string, properties ...sdk.DynamicConfigValue,
) sdk.DashboardFieldConfigSourceOverrides {
	return sdk.DashboardFieldConfigSourceOverrides{
		Matcher: sdk.MatcherConfig{Id: matcher, Options: which}, Properties: properties,
	}
}

// property returns one setting of an override.
func property(id string, value any) sdk.DynamicConfigValue {
	return sdk.DynamicConfigValue{Id: id, Value: value}
}
