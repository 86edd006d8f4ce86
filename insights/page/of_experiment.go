package page

import (
	"strings"

	"belfry/insights/experiment"
)

// OfExperiment shows what an experiment has come to.
func OfExperiment(t experiment.Trial, r experiment.Result) Experiment {
	e := Experiment{
		Name: r.Experiment, Verdict: string(r.Verdict), Started: t.Started,
		Reason: strings.Join(append([]string{sentence(r.Reason)}, sentences(r.Reasons)...), " "),
	}
	users := 0.0
	for _, arm := range t.Arms {
		users += float64(arm.Users)
	}
	if len(t.Arms) > 0 {
		e.Users = &users
	}
	if t.PlannedUsers > 0 {
		e.Planned = new(float64(t.PlannedUsers))
	}
	for _, c := range r.Comparisons {
		e.Comparisons = append(e.Comparisons, compared(c, t.Arms[c.Arm].Metrics[c.Metric].Kind))
	}
	return e
}

// compared shows the effect that decides: the adjusted one where there is one, with
// the interval that is valid at every look.
func compared(c experiment.Comparison, kind experiment.Kind) Comparison {
	shown := Comparison{
		Arm: c.Arm, Metric: c.Metric, Primary: c.Role == experiment.Primary, Unit: Points,
		Effect: c.Effect, Relative: c.Relative.Effect, Chance: c.Bayes.ChanceToWin, PValue: c.PAdjusted,
		Reason: strings.Join(c.Reasons, "; "),
	}
	if kind == experiment.Mean {
		shown.Unit = Number
	}
	if c.Adjusted != nil {
		shown.Effect = &c.Adjusted.Effect
	}
	if shown.PValue == nil {
		shown.PValue = c.Sequential.PValue
	}
	if ci := c.Sequential.CI; ci != nil {
		shown.Range = &Range{Low: ci[0], High: ci[1], Level: "at every look"}
	}
	if shown.Effect == nil && shown.Reason == "" {
		shown.Reason = "there is not enough data"
	}
	return shown
}

// sentence returns a reason as a sentence.
func sentence(reason string) string {
	if reason == "" {
		return ""
	}
	reason = strings.ToUpper(reason[:1]) + reason[1:]
	if strings.HasSuffix(reason, ".") {
		return reason
	}
	return reason + "."
}

func sentences(reasons []string) (all []string) {
	for _, r := range reasons {
		all = append(all, sentence(r))
	}
	return all
}
