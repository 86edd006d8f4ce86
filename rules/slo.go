package rules

import (
	"math"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// deliveryObjective is the share of sent notifications that must not be lost by
// our own or a provider's fault, over 30 days.
const deliveryObjective = 0.995

// errorBudget is the share that may be lost.
var errorBudget = rounded(1 - deliveryObjective)

// fastBurn is how many times faster than allowed the budget must burn for the
// fast pair of windows to page: 2 % of a month's budget in one hour, as in the
// multiwindow, multi-burn-rate alerts of the SRE workbook, chapter 5.
const fastBurn = 14.4

var (
	// lost are the stages that count against the objective.
	lost = expr.Re(catalog.LabelSLOStage, "failed|bounced")
	// notRecipient leaves out what no operator can mend, such as a mailbox that
	// does not exist.
	notRecipient = expr.Ne(catalog.LabelFault, "recipient")
)

// Notifications per minute and per 5 minutes, by channel. Errors are those lost
// less those that a later attempt delivered after all, so they can be below 0
// for a while. Recorded once per minute and per 5 minutes, increases tile the
// time, and longer windows are their sums.
var (
	SLOSentIncrease1m   = expr.Record("notification_slo_sent:increase1m", sloIncrease(expr.Eq(catalog.LabelSLOStage, "sent")))
	SLOErrorsIncrease1m = expr.Record("notification_slo_errors:increase1m", sloErrors())
	SLOSentIncrease5m   = expr.Record("notification_slo_sent:increase5m", expr.SumOverTime(SLOSentIncrease1m, "5m"))
	SLOErrorsIncrease5m = expr.Record("notification_slo_errors:increase5m", expr.SumOverTime(SLOErrorsIncrease1m, "5m"))
)

// Errors per sent, by channel.
var (
	SLOErrorRatio5m = expr.Record("notification_slo_errors_per_sent:ratio_rate5m", sloErrorRatio("5m"))
	SLOErrorRatio1h = expr.Record("notification_slo_errors_per_sent:ratio_rate1h", sloErrorRatio("1h"))
)

// ErrorBudgetRemaining is the share of the 30-day error budget that is left, by
// channel: 1 is all of it, below 0 the objective is missed.
var ErrorBudgetRemaining = expr.Record("notification_error_budget_remaining:ratio",
	expr.Num(1).Sub(expr.Ratio(
		expr.SumOverTime(SLOErrorsIncrease5m, "30d"), expr.SumOverTime(SLOSentIncrease5m, "30d"),
	).Div(expr.Num(errorBudget))))

func sloErrorRatio(over expr.Window) expr.Expr {
	return expr.Ratio(expr.SumOverTime(SLOErrorsIncrease1m, over), expr.SumOverTime(SLOSentIncrease1m, over))
}

func sloIncrease(where ...expr.Matcher) expr.Expr {
	return expr.Sum(expr.Increase(catalog.SLOStages, "1m", where...)).Keeping(perChannel...)
}

// sloErrors is 0, not missing, on a channel that sends and loses nothing, and
// does not need any recovery to subtract.
func sloErrors() expr.Expr {
	failures := sloIncrease(lost, notRecipient)
	recovered := sloIncrease(expr.Eq(catalog.LabelSLOStage, "recovered"), notRecipient)
	return expr.ZeroFill(failures.Sub(recovered).Or(failures), SLOSentIncrease1m)
}

// rounded rounds to six decimals, so that 1 - 0.995 is 0.005 in a query.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }
