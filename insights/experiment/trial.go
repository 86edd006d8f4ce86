package experiment

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/insights/strictjson"
)

// Defaults of a trial.
const (
	// DefaultAlpha bounds the probability of a wrong winner, over all looks.
	DefaultAlpha = 0.05
	// Power is the probability of finding an effect of the size that was planned for.
	Power = 0.8
	// DefaultPlannedUsers is where the confidence sequence is narrowest, in users of
	// both arms.
	DefaultPlannedUsers = 5000
	// DefaultMargin is how much worse a guardrail may get, as a share of control.
	DefaultMargin = 0.1
	// ComplaintMargin is what complaints may get worse absolutely, as a share of users.
	ComplaintMargin = 0.001
)

// Trial holds what is planned and what was counted. It is the input of
// `belfry insights abtest`, see README.md.
type Trial struct {
	Experiment string `json:"experiment"`
	Control    string `json:"control"`
	// PlannedSplit holds the share of users per arm; all arms are equal if it is empty.
	PlannedSplit map[string]float64 `json:"planned_split,omitempty"`
	// PlannedUsers is N*: the users planned for a comparison, control and one variant.
	PlannedUsers strictjson.Count `json:"planned_users,omitempty"`
	// TargetEffect is the smallest difference of the primary metric that matters. 0
	// means that none is declared.
	TargetEffect float64 `json:"target_effect,omitempty"`
	Alpha        float64 `json:"alpha,omitempty"`
	// ConversionWindow is how long a user's outcome may take after the exposure.
	ConversionWindow model.Duration `json:"conversion_window,omitempty"`
	// DataGap says that counts are missing, and GapReason which.
	DataGap   bool      `json:"data_gap,omitempty"`
	GapReason string    `json:"data_gap_reason,omitempty"`
	Started   time.Time `json:"started,omitzero"`
	Now       time.Time `json:"now,omitzero"`

	Primary    string      `json:"primary"`
	Secondary  []string    `json:"secondary,omitempty"`
	Guardrails []Guardrail `json:"guardrails,omitempty"`

	Arms map[string]Arm `json:"arms"`
	// CrossoverUsers were seen in several arms, where it is not known of which.
	CrossoverUsers strictjson.Count `json:"crossover_users,omitempty"`
}

// Guardrail is a metric that a variant must not harm.
type Guardrail struct {
	Metric string `json:"metric"`
	// MarginRelative, a share of control, and MarginAbsolute say how much worse the
	// metric may get. With both, the larger one counts. Without any it is DefaultMargin,
	// and for complaints also ComplaintMargin.
	MarginRelative *float64 `json:"margin_relative,omitempty"`
	MarginAbsolute *float64 `json:"margin_absolute,omitempty"`
	// Bad is the direction that does harm: up, the default, or down.
	Bad string `json:"bad,omitempty"`
}

// The directions of a guardrail.
const (
	Up   = "up"
	Down = "down"
)

// Arm holds what was counted of an arm's users.
type Arm struct {
	Users strictjson.Count `json:"users"`
	// CrossoverUsers were seen in another arm, too.
	CrossoverUsers strictjson.Count `json:"crossover_users,omitempty"`
	// YoungUsers were exposed less than a conversion window ago.
	YoungUsers strictjson.Count  `json:"young_users,omitempty"`
	Metrics    map[string]Metric `json:"metrics"`
}

// Kind says how users make up a metric.
type Kind string

// The kinds of metrics.
const (
	// Proportion is the share of users with an outcome: X of N.
	Proportion Kind = "proportion"
	// Mean is the mean over users.
	Mean Kind = "mean"
	// Ratio is a ratio of two sums over users, such as opens per send.
	Ratio Kind = "ratio"
)

// Metric holds sums over N users. Its kind says which.
type Metric struct {
	Kind Kind             `json:"kind"`
	N    strictjson.Count `json:"n"`

	X strictjson.Count `json:"x,omitempty"`

	Sum        float64 `json:"sum,omitempty"`
	SumSquares float64 `json:"sum_squares,omitempty"`
	// Outcomes counts the users of a mean whose outcome is not 0, where that is known.
	Outcomes *strictjson.Count `json:"outcomes,omitempty"`

	NumSum   float64 `json:"num_sum,omitempty"`
	NumSumSq float64 `json:"num_sumsq,omitempty"`
	DenSum   float64 `json:"den_sum,omitempty"`
	DenSumSq float64 `json:"den_sumsq,omitempty"`
	Cross    float64 `json:"cross,omitempty"`

	Covariate *Covariate `json:"covariate,omitempty"`
}

// Covariate holds the sums over users of c, which was known before the exposure: Σc,
// Σc², Σc·numerator (of a mean, its outcome) and, of a ratio, Σc·denominator.
type Covariate struct {
	Sum        float64 `json:"sum"`
	SumSquares float64 `json:"sum_squares"`
	CrossNum   float64 `json:"cross_num"`
	CrossDen   float64 `json:"cross_den,omitempty"`
}

// complete returns the trial with its defaults filled in.
func (t Trial) complete() Trial {
	if t.Alpha == 0 {
		t.Alpha = DefaultAlpha
	}
	if t.PlannedUsers == 0 {
		t.PlannedUsers = DefaultPlannedUsers
	}
	total := 0.0
	for _, share := range t.PlannedSplit {
		total += share
	}
	split := map[string]float64{}
	for arm := range t.Arms {
		split[arm] = 1 / float64(len(t.Arms))
		if total > 0 {
			split[arm] = t.PlannedSplit[arm] / total
		}
	}
	t.PlannedSplit = split
	return t
}

// variants returns the names of all arms but control, sorted.
func (t *Trial) variants() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.Arms)), func(arm string) bool { return arm == t.Control })
}

// guardrail returns the guardrail on a metric, if there is one.
func (t *Trial) guardrail(metric string) (Guardrail, bool) {
	i := slices.IndexFunc(t.Guardrails, func(g Guardrail) bool { return g.Metric == metric })
	if i < 0 {
		return Guardrail{}, false
	}
	return t.Guardrails[i], true
}

// metrics returns all metrics: the primary, the secondary ones, the guardrails, and
// those that nobody declared, sorted.
func (t *Trial) metrics() []string {
	declared := append([]string{t.Primary}, t.Secondary...)
	for _, g := range t.Guardrails {
		declared = append(declared, g.Metric)
	}
	more := map[string]bool{}
	for _, arm := range t.Arms {
		for metric := range arm.Metrics {
			more[metric] = !slices.Contains(declared, metric)
		}
	}
	maps.DeleteFunc(more, func(_ string, undeclared bool) bool { return !undeclared })
	return append(declared, slices.Sorted(maps.Keys(more))...)
}

// margin returns how much worse the metric may get than a control of this value.
func (g Guardrail) margin(control float64) float64 {
	relative, absolute := g.MarginRelative, g.MarginAbsolute
	if relative == nil && absolute == nil {
		relative = new(DefaultMargin)
		if slices.Contains([]string{"complaint", "complaints", "complained"}, g.Metric) {
			absolute = new(ComplaintMargin)
		}
	}
	margin := 0.0
	if relative != nil {
		margin = *relative * max(control, -control)
	}
	if absolute != nil {
		margin = max(margin, *absolute)
	}
	return margin
}

// harm returns the sign of an effect that does harm.
func (g Guardrail) harm() float64 {
	if g.Bad == Down {
		return -1
	}
	return 1
}
