package cases

import (
	"math"
	"sort"
	"time"
)

// Shown says what cases show of a rule by asking for it by name.
type Shown struct {
	Value bool // the recorded series has a value, or the alert fires
	Text  bool // the alert fires with the expected labels and annotations
	Quiet bool // the alert does not fire
}

// Or returns what either shows.
func (s Shown) Or(other Shown) Shown {
	return Shown{s.Value || other.Value, s.Text || other.Text, s.Quiet || other.Quiet}
}

// Shows returns what the case shows of a rule.
func (r *Run) Shows(rule *Rule) Shown {
	var shown Shown
	for k, subjects := range r.subjects {
		switch i := rule.index; {
		case !anyOf(subjects, map[int]bool{i: true}):
		case k < len(r.AlertTests):
			fires := len(r.outcomes[i].firing[r.AlertTests[k].step]) > 0
			shown = shown.Or(Shown{Value: fires, Text: fires, Quiet: !fires})
		default:
			t := &r.ExprTests[k-len(r.AlertTests)]
			there := r.outcomes[i].there(rule.Alert, t.at)
			shown = shown.Or(Shown{Value: there && len(t.want) > 0, Quiet: !there})
		}
	}
	return shown
}

// lookback limits the age of a series' latest sample, as in Prometheus.
const lookback = 5 * time.Minute

// there reports whether the rule has a recorded value or a firing alert at a time.
func (o *outcome) there(alert bool, at time.Time) bool {
	now := at.UnixMilli()
	for _, s := range o.series {
		if alert && s.labels.Get("alertstate") != "firing" {
			continue
		}
		next := sort.Search(len(s.samples), func(i int) bool { return s.samples[i].t > now })
		if next == 0 {
			continue
		}
		latest := s.samples[next-1]
		if now-latest.t < lookback.Milliseconds() && math.Float64bits(latest.v) != math.Float64bits(stale) {
			return true
		}
	}
	return false
}
