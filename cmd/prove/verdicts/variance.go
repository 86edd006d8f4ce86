package verdicts

import (
	"fmt"
	"math"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/truth"
	"belfry/insights/experiment"
)

// compareVariance compares how much of the variance of opens the past of users removes
// with what follows from the simulator's own count. It is more than nothing: who opened
// more before opens more.
func (p proof) compareVariance(j experiment.Judged, counted *truth.Truth) (wrong []string) {
	moments := counted.Totals(catalog.ExperimentMoments, catalog.LabelExperiment, catalog.LabelVariant,
		catalog.LabelOutcome, catalog.LabelMoment)
	for _, c := range j.Comparisons {
		if c.Metric != "open" || c.Role != experiment.Primary {
			continue
		}
		if c.Adjusted == nil {
			wrong = append(wrong, fmt.Sprintf("opens of %s are not adjusted for the past of users", j.Experiment))
			continue
		}
		found := c.Adjusted.VarianceRemoved
		want := removed(opensOf(moments, j.Experiment, j.Control), opensOf(moments, j.Experiment, c.Arm))
		fmt.Fprintf(p.out, "%s %s: the past of users removes %.1f %% of the variance of opens\n", j.Experiment, c.Arm,
			100*found)
		if !(found > 0) || !(math.Abs(found-want) <= tolerance) {
			wrong = append(wrong, fmt.Sprintf("%s %s: the past of users removes %v of the variance of opens, %v is "+
				"true", j.Experiment, c.Arm, found, want))
		}
	}
	return wrong
}

// opens holds the moments of an arm's users: n, and the sums of y (opens), of x (sends),
// of c (the user's past) and of their products.
type opens struct{ n, y, yy, x, xx, xy, c, cc, cy, cx float64 }

func opensOf(moments map[string]float64, id, arm string) opens {
	of := func(moment string) float64 { return moments[strings.Join([]string{id, arm, "open", moment}, ",")] }
	return opens{of("n"), of("y"), of("yy"), of("x"), of("xx"), of("xy"), of("c"), of("cc"), of("cy"), of("cx")}
}

// linearised returns the sums of squares and products of z and c, where the mean of
// z = (y - ratio*x)/mean(x) is 0 and its variance is that of opens per send.
// Source: Deng, Knoblich, Lu: Applying the delta method in metric analytics, KDD 2018.
func (o opens) linearised() (zz, cc, cz float64) {
	ratio, mean := o.y/o.x, o.x/o.n
	zz = (o.yy - 2*ratio*o.xy + ratio*ratio*o.xx) / (mean * mean)
	return zz, o.cc - o.c*o.c/o.n, (o.cy - ratio*o.cx) / mean
}

// removed returns the share of the variance of the difference of two arms that c
// explains, with one slope for both: the adjusted outcome is z - slope*c.
// Source: Deng, Xu, Kohavi, Walker, WSDM 2013, equation 4.
func removed(a, b opens) float64 {
	c, n := a.c+b.c, a.n+b.n
	_, _, czA := a.linearised()
	_, _, czB := b.linearised()
	slope := (czA + czB) / (a.cc + b.cc - c*c/n)
	var plain, adjusted float64
	for _, o := range []opens{a, b} {
		zz, cc, cz := o.linearised()
		plain += zz / (o.n * (o.n - 1))
		adjusted += (zz - 2*slope*cz + slope*slope*cc) / (o.n * (o.n - 1))
	}
	return 1 - adjusted/plain
}
