package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"

	"belfry/rules/expr"
)

// Verdict draws the newest value large with what it means in words below it. Its queries
// are those of [Kept].
var Verdict Visual = verdict{}

type verdict struct{}

// A verdict has no reason in place of a value, which would stand beside the words.
func (verdict) reads() reading { return reading{format: newest.format, instant: true, brief: true} }

func (verdict) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := (number{}).finish(built, p, d); err != nil {
		return err
	}
	options := built.Options.(stat.Options)
	options.TextMode = common.BigValueTextModeValueAndName
	built.Options = options
	return nil
}

// Kept returns the queries that hold a value to a promise. Words say what is promised. Where
// there is no value, neither finds one: what is unknown is neither kept nor broken.
func Kept(of expr.Expr, bad Side, limit float64, words string) []Query {
	kept, broken := of.Lt(expr.Num(limit)), of.Ge(expr.Num(limit))
	if bad == Below {
		kept, broken = of.Ge(expr.Num(limit)), of.Lt(expr.Num(limit))
	}
	where := Legend(of.Labels()...)
	if where != "" {
		where += ", "
	}
	return []Query{
		{Of: kept, Legend: where + "kept: " + words, Color: green},
		{Of: broken, Legend: where + "not kept: " + words, Color: red},
	}
}
