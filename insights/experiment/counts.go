package experiment

import (
	"math"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/strictjson"
)

// whole returns a sum as a number of users: adding up leaves a fraction of rounding.
func whole(sum float64) strictjson.Count { return strictjson.Count(math.Round(sum)) }

// armCounts reads the sums of an arm.
type armCounts struct {
	arm             string
	moments, stages query.Vector
}

func (c armCounts) find(outcome, moment string) (float64, bool) {
	return c.moments.Find(query.Labels{
		catalog.LabelVariant.Name: c.arm, catalog.LabelOutcome.Name: outcome, catalog.LabelMoment.Name: moment,
	})
}

// moment returns a sum, 0 if there is none.
func (c armCounts) moment(outcome, moment string) float64 {
	value, _ := c.find(outcome, moment)
	return value
}

// reached returns how many users reached a stage.
func (c armCounts) reached(stage catalog.Stage) float64 {
	value, _ := c.stages.Find(query.Labels{
		catalog.LabelVariant.Name: c.arm, catalog.LabelStage.Name: stage.String(),
	})
	return value
}

// metrics returns those that the plan names. Without users an arm has none.
func (c armCounts) metrics(p Plan) map[string]Metric {
	all := map[string]Metric{}
	n := whole(c.moment("open", "n"))
	if n == 0 {
		return all
	}
	t := p.Trial()
	for _, name := range t.metrics() {
		m := measured(name)
		switch m.Kind {
		case Proportion:
			all[name] = Metric{Kind: Proportion, N: n, X: whole(c.reached(m.stage))}
		case Mean:
			all[name] = c.mean(m.outcome, p)
		case Ratio:
			all[name] = c.ratio(m.outcome, p)
		}
	}
	return all
}

// mean reads an outcome y per user.
func (c armCounts) mean(outcome string, p Plan) Metric {
	m := Metric{Kind: Mean, N: whole(c.moment(outcome, "n")), Sum: c.moment(outcome, "y"),
		SumSquares: c.moment(outcome, "yy"), Outcomes: new(whole(c.reached(catalog.StageConverted)))}
	if covariate := c.covariate(outcome, p); covariate != nil {
		covariate.CrossDen = 0
		m.Covariate = covariate
	}
	return m
}

// ratio reads an outcome y per send x.
func (c armCounts) ratio(outcome string, p Plan) Metric {
	return Metric{Kind: Ratio, N: whole(c.moment(outcome, "n")),
		NumSum: c.moment(outcome, "y"), NumSumSq: c.moment(outcome, "yy"),
		DenSum: c.moment(outcome, "x"), DenSumSq: c.moment(outcome, "xx"), Cross: c.moment(outcome, "xy"),
		Covariate: c.covariate(outcome, p)}
}

// covariate reads the sums with c, how often users engaged before. An exporter that does
// not know it shows none.
func (c armCounts) covariate(outcome string, p Plan) *Covariate {
	if _, known := c.find(outcome, "cc"); !known || p.VarianceReduction == None {
		return nil
	}
	return &Covariate{Sum: c.moment(outcome, "c"), SumSquares: c.moment(outcome, "cc"),
		CrossNum: c.moment(outcome, "cy"), CrossDen: c.moment(outcome, "cx")}
}
