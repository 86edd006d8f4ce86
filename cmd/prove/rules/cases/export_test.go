package cases

import (
	"slices"

	"github.com/prometheus/common/model"
)

// With returns the rules with an edited one in the original's place, as if they
// had been loaded from a file.
func (rs *Rules) With(edited *Rule) *Rules {
	r := *edited
	y := ruleYAML{
		Expr: r.promQL, For: model.Duration(r.For), KeepFiringFor: model.Duration(r.KeepFiringFor),
		Labels: r.Labels, Annotations: r.Annotations,
	}
	if y.Record = r.Name; r.Alert {
		y.Record, y.Alert = "", r.Name
	}
	if err := r.source.Encode(y); err != nil {
		panic(err)
	}
	all := *rs
	all.All = slices.Clone(rs.All)
	all.All[r.index] = &r
	return &all
}
