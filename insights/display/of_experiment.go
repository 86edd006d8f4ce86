package display

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"belfry/insights/experiment"
)

// OfExperiment shows what an experiment has come to. Its users and those of the plan are
// the users of all arms.
func OfExperiment(j experiment.Judged) Experiment {
	e := Experiment{
		Name: j.Experiment, Verdict: string(j.Verdict),
		Reason: strings.Join(append([]string{Sentence(j.Reason)}, Sentences(j.Reasons)...), " "),
	}
	if j.Started != nil {
		e.Started = *j.Started
	}
	if len(j.Users) > 0 {
		users := 0.0
		for _, n := range j.Users {
			users += n
		}
		e.Users = &users
	}
	if j.PlannedUsers > 0 {
		e.Planned = new(float64(j.PlannedUsers))
	}
	for _, c := range j.Comparisons {
		e.Comparisons = append(e.Comparisons, compared(c))
	}
	return e
}

// compared shows the effect that decides: the adjusted one where there is one, with
// the interval that is valid at every look.
func compared(c experiment.Comparison) Comparison {
	shown := Comparison{
		Arm: c.Arm, Metric: c.Metric, Primary: c.Role == experiment.Primary, Unit: Points,
		Effect: c.Deciding(), Relative: c.Relative.Effect, Chance: c.Bayes.ChanceToWin, PValue: c.PAdjusted,
		Reason: strings.Join(c.Reasons, "; "),
	}
	if c.Kind == experiment.Mean {
		shown.Unit = Number
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

// Sentence returns a reason as a sentence, and nothing for none.
func Sentence(reason string) string {
	if reason == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(reason)
	reason = string(unicode.ToUpper(first)) + reason[size:]
	if strings.HasSuffix(reason, ".") {
		return reason
	}
	return reason + "."
}

// Sentences returns a sentence for each reason that is not empty.
func Sentences(reasons []string) (all []string) {
	for _, r := range reasons {
		if r != "" {
			all = append(all, Sentence(r))
		}
	}
	return all
}
