package display

import (
	"fmt"

	"belfry/insights/recommend"
)

// OfRecommendation shows a recommendation.
func OfRecommendation(r recommend.Recommendation) Recommendation {
	level := "90 % interval"
	if r.Evidence == recommend.Randomised {
		level = "at every look"
	}
	p := Recommendation{
		Kind: r.Kind, Subject: r.Subject, Text: r.Text, Evidence: r.Evidence, Basis: r.Basis, Queries: r.Queries,
		Effect: *estimated("Difference", Points, &r.Effect, level),
		Rate:   estimated("Engaged", Share, r.Rate, level),
		Rest:   estimated("Engaged elsewhere", Share, r.RestRate, level),
		Gain:   estimated("Gain in "+r.Unit+" a month", Count, r.GainPerMonth, level),
	}
	if r.Channel != "" {
		p.Subject = fmt.Sprintf("%s by %s: %s", r.Dimension.Name(), r.Channel, r.Subject)
	}
	if r.Test != nil {
		p.Test = fmt.Sprintf("%s users in each of two arms", Write(float64(r.Test.PerArm), Count))
	}
	return p
}

func estimated(name string, unit Unit, e *recommend.Estimate, level string) *Figure {
	if e == nil {
		return nil
	}
	return &Figure{Name: name, Unit: unit, Value: &e.Value, Range: &Range{Low: e.Low, High: e.High, Level: level}}
}
