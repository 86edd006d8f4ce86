// Package display says in words and figures what the answers of insights are: numbers with
// their units, intervals, changes and verdicts. The insights page and the reports show the
// same, in the same words.
//
// Texts may hold anything, such as the names that others gave: whoever writes markup escapes
// them. A figure that is nil is one that is not known; its Reason says why.
package display

import "time"

// Section holds what one question has to say.
type Section[T any] struct {
	// Note says in words what a reader must know of the items, or why there are none.
	Note string
	// Failed reports that the question could not be answered, for the reason in Note.
	Failed  bool
	Items   []T
	Queries []string
}

// Overview shows the figures of a period beside those of the period before.
type Overview struct {
	Section[Figure]
	From, To time.Time
	// Channels holds a row of figures for each channel. All have the same names, in the
	// same order.
	Channels []Channel
}

// Channel holds the figures of a channel.
type Channel struct {
	Name    string
	Figures []Figure
}

// Unit says how a number is written.
type Unit string

// The units.
const (
	Count   Unit = "count"
	Share   Unit = "share"   // 0 to 1, written as a percentage
	Seconds Unit = "seconds" // written with a fitting unit
	Points  Unit = "points"  // a difference of shares, written in percentage points
	Number  Unit = "number"  // anything else, three significant digits
	// Probability is one of chance, such as a p-value, and never written as 0.
	Probability Unit = "probability"
)

// Money returns the unit of an amount in a currency, such as "EUR".
func Money(currency string) Unit { return Unit(currency) }

// Range holds an interval, whose Level says what it promises, such as "95 % interval".
type Range struct {
	Low, High float64
	Level     string
}

// Good says which way a figure should move.
type Good int

// The directions.
const (
	NotJudged Good = 0
	Up        Good = 1
	Down      Good = -1
)

// Figure shows a number.
type Figure struct {
	Name string
	Unit Unit
	// Value is nil where it is not known, and Reason says why.
	Value  *float64
	Reason string
	// Range is nil for a number that was counted and is not an estimate.
	Range *Range
	// Previous holds the figure of the period before, nil if it is not known.
	Previous *float64
	Good     Good
	History  History
}

// History holds a series for a sparkline, in the order of time.
type History []Point

// Point holds a value, with what was expected where that is known. A nil Value is a
// gap.
type Point struct {
	At        time.Time
	Value     *float64
	Low, High *float64
	// Odd marks a value that is an anomaly.
	Odd bool
}

// Experiment shows what is known about an experiment.
type Experiment struct {
	Name string
	// Verdict holds the verdict's name, such as "ship", and Reason what led to it.
	Verdict, Reason string
	Started         time.Time // zero if not known
	Users           *float64
	// Planned holds how many users the plan asks for, nil without a plan.
	Planned     *float64
	Comparisons []Comparison
}

// Comparison shows the effect of an arm on a metric, against control.
type Comparison struct {
	Arm, Metric string
	Primary     bool
	// Unit is that of the effect: Points for a share of users.
	Unit   Unit
	Effect *float64
	Reason string // why there is no effect
	Range  *Range
	// Relative holds the effect as a share of control's value.
	Relative *float64
	// Chance holds the probability to beat control.
	Chance *float64
	PValue *float64
	// History holds the effect with its interval over time.
	History History
}

// Watch shows a watched series, and whether it is as expected.
type Watch struct {
	Series, Channel string
	Unit            Unit
	// State is a word such as "normal", "anomaly" or "warm-up", and Reason explains it.
	State, Reason string
	Anomalous     bool
	// Known reports whether there is enough history to judge.
	Known   bool
	Since   time.Time // of the anomaly; zero without
	Value   *float64
	Range   *Range
	History History
}

// Forecast shows what a series is expected to become.
type Forecast struct {
	Series, Channel string
	Unit            Unit
	// Model names the chosen model, and Error its error in the backtest in words.
	Model, Error string
	Reason       string // why there is no forecast
	Steps        []Step
	// History ends with what has been measured, and Ahead is the forecast with its
	// interval.
	History, Ahead History
}

// Step holds the forecast for one point in time.
type Step struct {
	Horizon string // such as "1 day"
	At      time.Time
	Mean    float64
	// Inner and Outer hold the intervals of 80 % and 95 %.
	Inner, Outer Range
}

// Recommendation shows what to test, or to ship.
type Recommendation struct {
	Kind, Subject, Text string
	Evidence            string
	Basis               []string
	// Rate compares the subject with the others; both may be nil.
	Rate, Rest *Figure
	Effect     Figure
	Gain       *Figure
	Test       string // the size of the confirming test in words
	Queries    []string
}
