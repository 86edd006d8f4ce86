package experiment

// Verdict says what to do with an arm, or with the experiment.
type Verdict string

// The verdicts, in the order in which they are tried on an arm.
const (
	// Invalid means that the numbers cannot be trusted.
	Invalid Verdict = "invalid"
	// Collecting means that there is not enough data for any decision.
	Collecting Verdict = "collecting"
	// StopHarm means that a guardrail is worse than in control.
	StopHarm Verdict = "stop_harm"
	// Immature means that too many users were exposed too recently to count.
	Immature Verdict = "immature"
	// StopLoser means that the primary metric is worse than in control.
	StopLoser Verdict = "stop_loser"
	// Ship means that the primary metric is better, and no guardrail worse.
	Ship Verdict = "ship"
	// Review means that the primary metric is better, but a guardrail may be worse.
	Review Verdict = "review"
	// NoMeaningfulDifference means that an effect of the target's size is ruled out, or
	// would have shown.
	NoMeaningfulDifference Verdict = "no_meaningful_difference"
	// Continue means that more users are needed.
	Continue Verdict = "continue"
)

// Interval holds a lower and an upper bound.
type Interval [2]float64

// Result is what an experiment shows. It is the output of `belfry insights abtest`,
// see README.md. A figure that cannot be known is nil.
type Result struct {
	Experiment string  `json:"experiment"`
	Verdict    Verdict `json:"verdict"`
	// Reason says in a sentence why.
	Reason string `json:"reason"`
	// Reasons lists what else to know: warnings, and what was not checked.
	Reasons     []string     `json:"reasons"`
	SRM         SampleRatio  `json:"srm"`
	Arms        []ArmVerdict `json:"arms"`
	Comparisons []Comparison `json:"comparisons"`
	// DetectableEffect is the largest of the arms, and DaysLeft the longest.
	DetectableEffect *float64 `json:"detectable_effect"`
	DaysLeft         *float64 `json:"days_left"`
}

// SampleRatio holds the test of the arms' sizes against the planned split.
type SampleRatio struct {
	Chi2   *float64 `json:"chi2"`
	PValue *float64 `json:"p_value"`
}

// ArmVerdict is what to do with a variant.
type ArmVerdict struct {
	Arm     string  `json:"arm"`
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason"`
	// DetectableEffect is the true effect on the primary metric that today's users
	// show with a probability of [Power].
	DetectableEffect *float64 `json:"detectable_effect"`
	// UsersNeeded counts the users of both arms that are missing until an effect of the
	// target's size is found or ruled out, and DaysLeft says how long they take to come.
	UsersNeeded *float64 `json:"users_needed"`
	DaysLeft    *float64 `json:"days_left"`
}

// Comparison compares a variant with control on one metric. Effect, SE, Z, PValue and
// CI are the fixed-horizon test, without adjustment.
type Comparison struct {
	Arm    string `json:"arm"`
	Metric string `json:"metric"`
	Role   Role   `json:"role"`
	// Kind is empty if no arm has the metric.
	Kind   Kind     `json:"kind"`
	Effect *float64 `json:"effect"`
	SE     *float64 `json:"se"`
	// Z is a t statistic for means. For proportions it uses the variance under equality.
	Z        *float64  `json:"z"`
	PValue   *float64  `json:"p_value"`
	CI       *Interval `json:"ci"`
	Newcombe *Interval `json:"newcombe"`
	// Relative is the effect as a share of control.
	Relative Relative `json:"relative"`
	// Adjusted is the effect with less variance, where there is a covariate.
	Adjusted *Adjusted `json:"adjusted"`
	// Sequential is what decides. For a guardrail, each bound is one-sided, and the
	// p-value is about harm.
	Sequential Sequential `json:"sequential"`
	Bayes      Bayes      `json:"bayes"`
	// PAdjusted corrects Sequential's p-value for the number of comparisons: by Holm for
	// the primary metric, by Benjamini and Hochberg for secondary ones.
	PAdjusted *float64 `json:"p_adjusted"`
	// Reasons says why figures are missing.
	Reasons []string `json:"reasons"`
}

// Deciding returns the effect that decides: the adjusted one where there is a covariate;
// nil if it is not known.
func (c Comparison) Deciding() *float64 {
	if c.Adjusted != nil {
		return &c.Adjusted.Effect
	}
	return c.Effect
}

// Role says what a metric is for.
type Role string

// The roles of a metric.
const (
	Primary    Role = "primary"
	Secondary  Role = "secondary"
	Safety     Role = "guardrail"
	Undeclared Role = "undeclared"
)

// Relative is a lift: 0.1 means 10 % more than control.
type Relative struct {
	Effect *float64  `json:"effect"`
	SE     *float64  `json:"se"`
	CI     *Interval `json:"ci"`
}

// Adjusted is an effect after variance reduction.
type Adjusted struct {
	Theta  float64   `json:"theta"`
	Effect float64   `json:"effect"`
	SE     float64   `json:"se"`
	CI     *Interval `json:"ci"`
	// VarianceRemoved is the share of the effect's variance that the covariate explains.
	VarianceRemoved float64 `json:"variance_removed"`
}

// Sequential is valid at every look.
type Sequential struct {
	CI     *Interval `json:"ci"`
	PValue *float64  `json:"p_value"`
}

// Bayes is for display. ChanceToWin is the probability that the arm is better than
// control, and ExpectedLoss what choosing the arm costs on average if it is not, on
// the metric's own scale.
type Bayes struct {
	ChanceToWin  *float64 `json:"chance_to_win"`
	ExpectedLoss *float64 `json:"expected_loss"`
}
