package display

import (
	"gonum.org/v1/gonum/stat/distuv"

	"belfry/insights/experiment"
)

// z95 is the 97.5 % quantile of the normal distribution.
var z95 = distuv.UnitNormal.Quantile(0.975)

// proportion returns the 95 % interval of a share that was counted, see
// [experiment.ScoreInterval], and nil where there is none.
func proportion(successes, of *float64) *Range {
	if successes == nil || of == nil || !(*of > 0) || !(*successes >= 0) || *successes > *of {
		return nil
	}
	i := experiment.ScoreInterval(*successes, *of, z95)
	return &Range{Low: i[0], High: i[1], Level: "95 % interval"}
}
