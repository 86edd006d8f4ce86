package verdicts

import (
	"context"
	"fmt"
	"math"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/truth"
	"belfry/insights/query"
	"belfry/rules"
)

// counts lists what experiments are judged by.
var counts = []struct {
	counter catalog.Counter
	volume  rules.Volume
	by      []*catalog.Label
}{
	{catalog.ExperimentMoments, rules.ExperimentMomentVolume, []*catalog.Label{
		catalog.LabelExperiment, catalog.LabelVariant, catalog.LabelOutcome, catalog.LabelMoment}},
	{catalog.ExperimentUsers, rules.ExperimentUserVolume, []*catalog.Label{
		catalog.LabelStage, catalog.LabelExperiment, catalog.LabelVariant}},
	{catalog.ExperimentCrossovers, rules.CrossoverVolume, []*catalog.Label{catalog.LabelExperiment}},
}

// tolerance bounds, as a ratio, how far sums of money may be apart.
const tolerance = 1e-9

// compareCounts compares what was recorded of experiments with the simulator's own count.
// It returns one line for each difference.
func (p proof) compareCounts(ctx context.Context, source *query.Source, counted *truth.Truth) ([]string, error) {
	var wrong []string
	figures := 0
	for _, c := range counts {
		found, err := source.Increase(ctx, c.volume, p.from(), until, c.by)
		if err != nil {
			return nil, err
		}
		got := map[string]float64{}
		for _, v := range found.Values {
			var key []string
			for _, l := range c.by {
				key = append(key, v.Labels.Of(l))
			}
			got[strings.Join(key, ",")] = v.Value
		}
		want := counted.Totals(c.counter, c.by...)
		figures += len(want)
		for key, n := range want {
			if !(math.Abs(got[key]-n) <= tolerance*n) { // NaN is wrong, too
				wrong = append(wrong, fmt.Sprintf("%s{%s}: insights reads %v, %v is true",
					c.counter.Name, key, got[key], n))
			}
			delete(got, key)
		}
		for key, n := range got {
			if n != 0 {
				wrong = append(wrong, fmt.Sprintf("%s{%s}: insights reads %v, nothing is true", c.counter.Name, key, n))
			}
		}
	}
	fmt.Fprintf(p.out, "%d figures of experiments compared with the simulator's\n", figures)
	return wrong, nil
}
