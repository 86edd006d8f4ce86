package cases

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/rules/simtime"
)

// With returns the rules with an edited one instead of the original, as if they
// were loaded from a file.
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

// Named returns the rule with an ID.
func (rs *Rules) Named(name string) *Rule {
	return rs.All[slices.IndexFunc(rs.All, func(r *Rule) bool { return r.ID == name })]
}

// Each calls do for each evaluation with the input series of that time.
func (r *Run) Each(do func(at time.Time, show func(simtime.Append) error) error) error {
	given, err := r.given()
	if err != nil {
		return err
	}
	scraped := map[*series]*simtime.Series{}
	for t := range r.times() {
		err := do(time.UnixMilli(t), func(add simtime.Append) error {
			for _, all := range given {
				for _, s := range all {
					if scraped[s] == nil {
						scraped[s] = &simtime.Series{Labels: s.labels}
					}
					i := slices.IndexFunc(s.samples, func(x sample) bool { return x.t == t })
					if i < 0 {
						continue
					}
					if err := add(scraped[s], s.samples[i].v); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
