package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

func sloDeliveries(tile expr.Window) expr.Tally {
	return expr.NewTally("notification_slo_delivered", expr.CountOf(catalog.DeliveryLatency), tile)
}

func sloDelivered(tile expr.Window) expr.Expr {
	return expr.Sum(sloDeliveries(tile).Increase()).Keeping(perChannel...)
}

func sloStages(tile expr.Window) expr.Tally {
	return expr.NewTally("notification_slo_stage", catalog.SLOStages, tile)
}

// sentStage matches what the delivery objective is a share of.
var sentStage = expr.Eq(catalog.LabelSLOStage, "sent")

func sloSent(tile expr.Window) expr.Expr {
	return expr.Sum(sloStages(tile).Increase(sentStage)).Keeping(perChannel...)
}

// sloErrors adds up what was lost, less what was recovered. A channel may have
// either without the other.
func sloErrors(tile expr.Window) expr.Expr {
	stages := sloStages(tile)
	recovered := stages.Increase(expr.Eq(catalog.LabelSLOStage, "recovered"), notRecipient)
	failures := stages.Increase(lost, notRecipient)
	errors := expr.Sum(failures.Or(expr.Num(0).Sub(recovered))).Keeping(perChannel...)
	return expr.ZeroFill(errors, expr.Sum(stages.Last.Where(sentStage)).Keeping(perChannel...))
}

// bad1m, total1m, bad5m and total5m return the increases per minute and per five.
func (s SLO) bad1m() expr.Recorded   { return increase(objectives, s.bad, "1m", s.Bad("1m")) }
func (s SLO) total1m() expr.Recorded { return increase(objectives, s.total, "1m", s.Total("1m")) }
func (s SLO) bad5m() expr.Recorded   { return s.coarse(s.bad, s.Bad, s.bad1m()) }
func (s SLO) total5m() expr.Recorded { return s.coarse(s.total, s.Total, s.total1m()) }

// coarse returns a tile of five minutes. It does not add up five tiles of a
// minute: one may be recorded just after the others have been added up, and would
// be lost.
func (s SLO) coarse(what string, count func(expr.Window) expr.Expr, fine expr.Recorded) expr.Recorded {
	if s.Tallies == nil {
		return increase(objectiveTiles, what, "5m", expr.SumOverTime(fine, "5m"))
	}
	return increase(objectiveTiles, what, "5m", count("5m"))
}

func increase(g group, what, over string, of expr.Expr) expr.Recorded {
	return g.series(catalog.UnitNone, "notification_"+what+":increase"+over, of)
}

// tiles returns the series that are recorded every five minutes.
func (s SLO) tiles() []expr.Recorded {
	return append(s.tallied(objectiveTiles, "5m"), s.total5m(), s.bad5m())
}

func (s SLO) tallied(g group, tile expr.Window) []expr.Recorded {
	if s.Tallies == nil {
		return nil
	}
	var all []expr.Recorded
	for _, t := range s.Tallies(tile) {
		all = append(all, g.of(t)...)
	}
	return all
}
