// Package recommend finds ways of sending that users answer better than the others:
// an hour of the day, a template, an audience, or a number of sends a week.
//
// [Weigh] compares the ways of sending on one channel, and [Find] keeps what is worth
// acting on. Their evidence is observational: users who are sent a notification at
// nine may differ from those who are sent one at noon. So such a recommendation only
// says "test this", with the size of the test. [Proven] turns an experiment that has
// decided into "ship this".
//
// The package promises that it seldom recommends where there is no difference: with
// the default options in at most one of twenty worlds. It is deterministic, and the
// order of the cells does not matter.
//
//	groups := recommend.Weigh(cells, recommend.Options{Days: 28})
//	for _, r := range recommend.Find(groups) {
//		fmt.Println(r.Text)
//	}
package recommend

import "cmp"

// Dimension names what ways of sending differ in.
type Dimension string

// The dimensions.
const (
	SendHour  Dimension = "send_hour" // the hour of the user's day, 0 to 23
	Template  Dimension = "template"
	Audience  Dimension = "audience"  // platform and device
	Frequency Dimension = "frequency" // how many the user was sent in the 7 days before
)

// Name returns what the dimension is called in a title.
func (d Dimension) Name() string {
	switch d {
	case SendHour:
		return "Hour of the user's day"
	case Template:
		return "Template"
	case Audience:
		return "Audience"
	case Frequency:
		return "Earlier sends in 7 days"
	default:
		return string(d)
	}
}

// Cell counts the notifications of one way of sending in one stratum.
type Cell struct {
	Dimension Dimension
	Channel   string
	// Value names the way of sending within its dimension: "9", "welcome", "3-5".
	Value string
	// Stratum names what is alike within it and could make a difference of its own,
	// such as the day. Cells that differ in nothing else are added up by it.
	Stratum string
	// Delivered and Engaged count notifications. Engaged may not exceed Delivered over
	// all strata; in one of them it can, because an answer can come on the next day.
	Delivered, Engaged float64
}

// Options say how much evidence a recommendation needs. The zero value of a field
// stands for its default.
type Options struct {
	// Days holds the length of the period that the cells cover. Without it, gains are
	// not projected to a month.
	Days float64
	// ChanceBest sets the least probability that the way of sending is the best; 0.95.
	ChanceBest float64
	// MaxLoss limits what is lost on average if another one is better, as a share of
	// the delivered notifications; 0.0025.
	MaxLoss float64
	// MinUnits sets how many notifications a way of sending needs to be compared; 1000.
	MinUnits float64
	// Alpha limits the share of false discoveries among all comparisons; 0.05.
	Alpha float64
	// Floor hides ways of sending with fewer notifications, for privacy; 50. Below 5
	// it is 5.
	Floor float64
}

// The limits of the statistical specification, and the length of a month.
const (
	minChanceBest = 0.95
	maxLoss       = 0.0025
	minUnits      = 1000
	alpha         = 0.05
	defaultFloor  = 50
	leastFloor    = 5
	monthDays     = 30
	// intervalLevel sets the probability of all intervals.
	intervalLevel = 0.9
)

func (o Options) complete() Options {
	o.ChanceBest = cmp.Or(o.ChanceBest, minChanceBest)
	o.MaxLoss = cmp.Or(o.MaxLoss, maxLoss)
	o.MinUnits = cmp.Or(o.MinUnits, minUnits)
	o.Alpha = cmp.Or(o.Alpha, alpha)
	o.Floor = max(cmp.Or(o.Floor, defaultFloor), leastFloor)
	return o
}

// Estimate holds a figure with its 90 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Recommendation says what to do, and why.
type Recommendation struct {
	// Kind is KindTest or KindShip.
	Kind string `json:"kind"`
	// Dimension and Channel are empty for experiments.
	Dimension Dimension `json:"dimension,omitempty"`
	Channel   string    `json:"channel,omitempty"`
	// Subject names the way of sending, or the experiment and its arm.
	Subject string `json:"subject"`
	// Text says all of it in plain English.
	Text string `json:"text"`
	// Evidence is Observational or Randomised.
	Evidence string `json:"evidence"`
	// Basis gives the figures that the evidence consists of, in words.
	Basis []string `json:"basis"`
	// Unit says what N counts: notifications or users.
	Unit string  `json:"unit"`
	N    float64 `json:"n"`
	// Rate holds the shrunk rate of the way of sending, and RestRate that of the
	// others that were compared. Both are nil for experiments.
	Rate     *Estimate `json:"rate,omitempty"`
	RestRate *Estimate `json:"rest_rate,omitempty"`
	// Effect holds the difference: of the rates, or of the arm and its control. Its
	// interval has 90 %, that of an experiment is valid at every look at its own level.
	Effect Estimate `json:"effect"`
	// GainPerMonth counts the further users or notifications that engage in 30 days if
	// all were sent this way. It is nil where the length of the period is not known.
	GainPerMonth *Estimate `json:"gain_per_month"`
	ChanceBest   float64   `json:"chance_best"`
	ExpectedLoss float64   `json:"expected_loss"`
	// PAdjusted holds the p-value of the comparison with the others, adjusted for all
	// comparisons that were made.
	PAdjusted float64 `json:"p_adjusted"`
	// Test sizes the experiment that would confirm it; nil once one has.
	Test *Test `json:"confirming_test"`
	// Queries lists what was asked of Prometheus.
	Queries []string `json:"queries"`
}

// The kinds of recommendations, and of evidence.
const (
	KindTest      = "test"
	KindShip      = "ship"
	Observational = "observational"
	Randomised    = "randomised"

	unitNotifications = "notifications"
	unitUsers         = "users"
)

// Test describes an experiment with two arms, power 0.8 and α 0.05, two-sided.
type Test struct {
	Baseline float64 `json:"baseline"`
	Effect   float64 `json:"effect"`
	PerArm   int     `json:"per_arm"`
	Total    int     `json:"total"`
}
