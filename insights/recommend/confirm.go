package recommend

import "belfry/insights/experiment"

// confirm sizes the experiment that would confirm a difference of two proportions, as
// `belfry insights samplesize` does. It is nil for a difference that no experiment of
// a possible size can find.
func confirm(baseline, effect float64) *Test {
	size, err := experiment.SampleSize(experiment.DefaultSize(baseline, effect))
	if err != nil {
		return nil
	}
	return &Test{Baseline: baseline, Effect: effect, PerArm: int(size.PerArm), Total: int(size.Total)}
}
