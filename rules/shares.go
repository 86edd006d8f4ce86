package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// stageRate returns notifications per second that reached one of the stages.
func stageRate(over expr.Window, by []*catalog.Label, stages ...catalog.Stage) expr.Expr {
	return expr.Sum(expr.Rate(catalog.Stages, over, expr.Stage(stages...))).Keeping(by...)
}

// outcomes returns notifications per second that were delivered, failed or bounced, by
// channel and provider.
func outcomes(over expr.Window) expr.Expr {
	return stageRate(over, perProvider,
		catalog.StageDelivered, catalog.StageFailed, catalog.StageBouncedHard, catalog.StageBouncedSoft)
}

// errorRate returns notifications per second that count against the objective.
func errorRate(over expr.Window, by []*catalog.Label) expr.Expr {
	return expr.Sum(expr.Rate(catalog.SLOStages, over, lost, notRecipient)).Keeping(by...)
}

// missing returns the share of sent that is not in arrived. It compares with the least
// that was being sent in the last two minutes, because outcomes lag behind:
// compared with what is sent now, every rise in traffic would look like loss
// until they catch up, and compared with what was sent earlier, every fall would.
// While more arrives than is sent, as when a queue drains, nothing is missing.
func missing(arrived expr.Expr, sent expr.Recorded) expr.Expr {
	steadily := expr.MinOverTime(sent, "2m").Ge(expr.Num(minSent))
	return expr.ClampMin(expr.Num(1).Sub(arrived.Div(steadily)), 0)
}

// capped returns a / b where the two are counted at different times: what is delivered
// now was sent before. It ends at 1, which it would pass while a backlog drains or a
// provider takes over what another was sent.
func capped(a, b expr.Operand) expr.Expr { return expr.ClampMax(expr.Ratio(a, b), 1) }

// shareOfSent declares the share of what was sent in 5 minutes that reached a
// stage.
func shareOfSent(g group, what string, part Rates, by []*catalog.Label) expr.Recorded {
	return g.ratio(what, "5m", capped(expr.Sum(part.Rate5m).Keeping(by...), expr.Sum(Sent.Rate5m).Keeping(by...)))
}

// shareOf declares the share of the notifications at one stage that also reached
// another, within an hour or a day.
func shareOf(
	v Volume, g group, what string, over expr.Window, part, whole catalog.Stage, by []*catalog.Label,
) expr.Recorded {
	of := map[expr.Window]expr.Recorded{"1h": v.Increase1h, "1d": v.Increase1d}[over]
	return g.ratio("notification_"+what, over, capped(reached(part, of, by...), reached(whole, of, by...)))
}

// reached narrows a series by stage to one stage, without the label.
func reached(stage catalog.Stage, of expr.Recorded, by ...*catalog.Label) expr.Expr {
	return expr.Sum(of.Where(expr.Stage(stage))).Keeping(by...)
}

// stepBuckets returns the buckets of the times that a step of processing took.
func stepBuckets(step string, over expr.Window, by ...*catalog.Label) expr.Expr {
	rate := expr.Rate(expr.BucketsOf(catalog.Processing), over, expr.Eq(catalog.LabelStep, step))
	return expr.Sum(rate).Keeping(append(by, expr.Le)...)
}
