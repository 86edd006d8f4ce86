package experiment

import (
	"belfry/exporter/catalog"
)

// Measured describes a metric of running experiments.
type Measured struct {
	Name string
	Kind Kind
	// Doc says what it measures.
	Doc string
	// Bad is the direction that does harm, where it is a guardrail.
	Bad string

	outcome string        // of a ratio or a mean: value of catalog.LabelOutcome
	stage   catalog.Stage // of a proportion
}

// Metrics lists what the plan of an experiment can name.
//
// Ratios are per send, and a user's engagement before the experiment reduces their
// variance; proportions count users, each once, and are exact however often a user was
// sent something.
var Metrics = []Measured{
	{Name: "open", Kind: Ratio, Doc: "opens per send", Bad: Down, outcome: "open"},
	{Name: "click", Kind: Ratio, Doc: "clicks per send", Bad: Down, outcome: "click"},
	{Name: "conversion", Kind: Ratio, Doc: "conversions per send", Bad: Down, outcome: "conversion"},
	{Name: "value", Kind: Mean, Doc: "value of conversions per user", Bad: Down, outcome: "value"},
	{Name: "open_users", Kind: Proportion, Doc: "users who opened", Bad: Down, stage: catalog.StageOpened},
	{Name: "click_users", Kind: Proportion, Doc: "users who clicked", Bad: Down, stage: catalog.StageClicked},
	{Name: "conversion_users", Kind: Proportion, Doc: "users who converted", Bad: Down, stage: catalog.StageConverted},
	{Name: "opt_out", Kind: Proportion, Doc: "users who opted out", Bad: Up, stage: catalog.StageOptedOut},
	{Name: "complaint", Kind: Proportion, Doc: "users who complained", Bad: Up, stage: catalog.StageComplained},
	{Name: "bounce", Kind: Proportion, Doc: "users with a hard bounce", Bad: Up, stage: catalog.StageBouncedHard},
	{Name: "soft_bounce", Kind: Proportion, Doc: "users with a soft bounce", Bad: Up, stage: catalog.StageBouncedSoft},
}

// measured returns the metric of a name. The zero value has no kind.
func measured(name string) Measured {
	for _, m := range Metrics {
		if m.Name == name {
			return m
		}
	}
	return Measured{}
}
