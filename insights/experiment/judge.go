package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The minima below which nothing is decided.
const (
	leastUsers    = 150
	leastOutcomes = 10
	leastTime     = 72 * time.Hour
)

// The p-values of the sample ratio below which a trial is invalid, or warned about.
const (
	mismatch   = 0.001
	suspicious = 0.01
)

// Judge compares every variant with control on every metric, and says what to do.
// It never fails: of data that cannot be, it says that it is invalid.
func Judge(t Trial) Result {
	r := Result{Experiment: t.Experiment, Reasons: []string{}, Arms: []ArmVerdict{}, Comparisons: []Comparison{}}
	if err := t.Check(); err != nil {
		r.Verdict, r.Reason = Invalid, "the counts cannot be right: "+firstLine(err)
		for _, arm := range t.variants() {
			r.Arms = append(r.Arms, ArmVerdict{Arm: arm, Verdict: Invalid, Reason: r.Reason})
		}
		return r
	}
	t = t.complete()
	j := &judge{trial: &t, Result: &r, compared: map[string]map[string]*comparing{}}
	j.compareAll()
	j.correct()
	untrusted := j.untrusted()
	for _, arm := range t.variants() {
		a := j.progress(arm)
		a.Arm = arm
		a.Verdict, a.Reason = j.decide(arm, untrusted)
		j.settle(&a)
		r.Arms = append(r.Arms, a)
	}
	j.overall()
	for _, arm := range t.variants() {
		for _, metric := range t.metrics() {
			r.Comparisons = append(r.Comparisons, *j.compared[arm][metric].Comparison)
		}
	}
	return r
}

// judge holds what is known while a trial is judged.
type judge struct {
	*Result
	trial    *Trial
	compared map[string]map[string]*comparing // by arm and metric
}

func (j *judge) compareAll() {
	for _, arm := range j.trial.variants() {
		j.compared[arm] = map[string]*comparing{}
		for _, metric := range j.trial.metrics() {
			j.compared[arm][metric] = j.trial.compare(arm, metric)
		}
	}
}

// correct corrects the sequential p-values for the number of comparisons. A comparison
// without one counts as 1: how many there are was decided before the data.
func (j *judge) correct() {
	byRole := map[Role][]*Comparison{}
	for _, arm := range j.trial.variants() {
		for _, metric := range j.trial.metrics() {
			c := j.compared[arm][metric].Comparison
			byRole[c.Role] = append(byRole[c.Role], c)
		}
	}
	uncorrected := func(p []float64) []float64 { return p }
	for role, method := range map[Role]func([]float64) []float64{
		Primary: Holm, Secondary: BenjaminiHochberg, Safety: uncorrected,
	} {
		p := make([]float64, len(byRole[role]))
		for i, c := range byRole[role] {
			p[i] = 1
			if c.Sequential.PValue != nil {
				p[i] = *c.Sequential.PValue
			}
		}
		for i, adjusted := range method(p) {
			if c := byRole[role][i]; c.Sequential.PValue != nil {
				c.PAdjusted = finite(adjusted)
			}
		}
	}
}

// untrusted says why the numbers cannot be trusted, or returns "".
func (j *judge) untrusted() string {
	t := j.trial
	if reason := j.mismatched(); reason != "" {
		return reason
	}
	if reason := j.crossed(); reason != "" {
		return reason
	}
	if t.DataGap {
		if t.GapReason != "" {
			return t.GapReason
		}
		return "counts are missing for a part of the time"
	}
	for _, arm := range t.variants() {
		for _, metric := range t.metrics() {
			control := t.Arms[t.Control].Metrics[metric]
			if reason := imbalance(metric, arm, control, t.Arms[arm].Metrics[metric]); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// mismatched tests the sample ratio.
func (j *judge) mismatched() string {
	t := j.trial
	var users, shares []float64
	var sizes []string
	for i, arm := range slices.Sorted(maps.Keys(t.Arms)) {
		users = append(users, float64(t.Arms[arm].Users))
		shares = append(shares, t.PlannedSplit[arm])
		sizes = append(sizes, fmt.Sprintf("%s %.0f (planned %s)", arm, users[i], percent(shares[i])))
	}
	chi2, p, ok := sampleRatio(users, shares)
	if !ok {
		j.warn("the sample ratio was not tested: an arm of the planned split expects fewer than %d users",
			leastExpected)
		return ""
	}
	j.SRM = SampleRatio{finite(chi2), finite(p)}
	if p < mismatch {
		return fmt.Sprintf("the arms' sizes do not fit the planned split (p %s): %s; users are assigned or lost "+
			"unevenly", probability(p), strings.Join(sizes, ", "))
	}
	if p < suspicious {
		j.warn("the arms' sizes fit the planned split badly (p %s): %s; watch the assignment", probability(p),
			strings.Join(sizes, ", "))
	}
	return ""
}

// crossed counts users who were seen in several arms.
func (j *judge) crossed() string {
	const share, least = 0.01, 10
	crossed, users := float64(j.trial.CrossoverUsers), 0.0
	for _, arm := range j.trial.Arms {
		crossed += float64(arm.CrossoverUsers)
		users += float64(arm.Users)
	}
	if crossed < least || crossed <= share*users {
		return ""
	}
	return fmt.Sprintf("%.0f of %.0f users were seen in more than one arm, more than 1 %%: assignment does not stick",
		crossed, users)
}

func (j *judge) warn(format string, args ...any) {
	j.Reasons = append(j.Reasons, fmt.Sprintf(format, args...))
}
