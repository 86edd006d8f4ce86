package experiment

import (
	"cmp"
	"context"
	"slices"
	"time"

	"belfry/insights/query"
)

// Judged is an experiment as it stands: its plan, what it shows, and where that is from.
type Judged struct {
	Result
	query.Answer
	// Status says whether Prometheus had the data. If it had none, the verdict is
	// collecting, or invalid where it could not be asked.
	Status  query.Status `json:"status"`
	Started *time.Time   `json:"started"`
	Ends    *time.Time   `json:"ends"`
	Control string       `json:"control"`
	Primary string       `json:"primary"`
	// Users counts the users of each arm.
	Users map[string]float64 `json:"users"`
	// PlannedUsers counts the planned users of all arms; 0 if none are planned.
	PlannedUsers int `json:"planned_users"`
	// Plan is the plan's fingerprint.
	Plan string `json:"plan"`
	// Trial holds the counts, as the input of `belfry insights abtest`.
	Trial Trial `json:"-"`
}

// Watch reads and judges the experiments of the plans, and those that only the exporter's
// configuration declares. It returns one result per experiment, sorted by name, whatever
// happens to the others; the error is about the declared ones.
func Watch(ctx context.Context, s *query.Source, plans []Plan, now time.Time) ([]Judged, error) {
	declared, err := Declared(ctx, s, now)
	for _, d := range declared {
		if !slices.ContainsFunc(plans, func(p Plan) bool { return p.Name == d.Name }) {
			plans = append(slices.Clone(plans), d)
		}
	}
	all := make([]Judged, 0, len(plans))
	for _, p := range plans {
		all = append(all, watch(ctx, s, p, now))
	}
	slices.SortStableFunc(all, func(a, b Judged) int { return cmp.Compare(a.Experiment, b.Experiment) })
	return all, err
}

func watch(ctx context.Context, s *query.Source, p Plan, now time.Time) Judged {
	r, err := Read(ctx, s, p, now)
	j := Judged{Result: Judge(r.Trial), Answer: r.Answer, Status: r.Status, Control: p.Control, Primary: p.Primary,
		Users: map[string]float64{}, PlannedUsers: p.PlannedUsers, Plan: p.Fingerprint(), Trial: r.Trial}
	if !p.Started.IsZero() {
		j.Started = &p.Started.Time
	}
	if p.Ends != nil {
		j.Ends = &p.Ends.Time
	}
	for name, arm := range r.Trial.Arms {
		j.Users[name] = float64(arm.Users)
	}
	switch {
	case err != nil:
		j.withhold("Prometheus could not be read: " + err.Error())
	case r.Status.State == query.Stale:
		j.withhold("the data is stale: " + r.Status.Reason)
	case !r.Status.Usable():
		j.withhold(r.Status.Reason)
	}
	if p.Ends == nil {
		j.withoutHorizon()
	}
	return j
}

// withhold replaces the verdicts by collecting: from no data, or old data, nothing is
// concluded.
func (j *Judged) withhold(reason string) {
	j.Verdict, j.Reason = Collecting, reason
	j.DetectableEffect, j.DaysLeft = nil, nil
	for i := range j.Arms {
		j.Arms[i] = ArmVerdict{Arm: j.Arms[i].Arm, Verdict: Collecting, Reason: reason}
	}
}

// withoutHorizon leaves out the test of a fixed horizon: without a declared end, its
// p-value would be wrong at every look.
func (j *Judged) withoutHorizon() {
	for i := range j.Comparisons {
		j.Comparisons[i].Z, j.Comparisons[i].PValue = nil, nil
	}
}

// OfArm returns the first of some experiments that has an arm, and what it says of the arm; nil if
// none has it.
func OfArm(all []Judged, arm string) (*Judged, *ArmVerdict) {
	for i := range all {
		for k := range all[i].Arms {
			if all[i].Arms[k].Arm == arm {
				return &all[i], &all[i].Arms[k]
			}
		}
	}
	return nil, nil
}
