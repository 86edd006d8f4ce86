package rules

import (
	"math"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// SLO is a service level objective: a share of something that must be good over
// 30 days. Its recorded series and alerts follow from it.
//
// What counts is recorded once a minute and once in five minutes, as an exact
// increase: see [expr.Tally]. Such increases tile the time, so that the ratio over
// any window is a ratio of sums and never an average of ratios.
type SLO struct {
	// Name takes one lower-case word that names the budget: the error budget belongs
	// to the delivery objective. Title is what people call the objective, in the
	// middle of a sentence.
	Name, Title string
	Team        string
	// By lists labels: the objective applies to each of their values.
	By []*catalog.Label
	// Objective sets the share that must be good. Target, if it is set, is a series
	// by the labels that holds it instead.
	Objective float64
	Target    *expr.Recorded
	// Tallies follows the counters that Bad and Total read, in tiles of the given
	// length. It is nil if they read none.
	Tallies func(tile expr.Window) []expr.Tally
	// Total counts, by the labels, what happened in a tile of the given length,
	// and Bad what of it was bad: 0, not missing, where there is a total.
	Bad, Total func(tile expr.Window) expr.Expr
	// bad and total name both in recorded series.
	bad, total string
	// MinBad says how many must be bad within the long window before an alert
	// fires: the guard against low traffic.
	MinBad float64
	// Burns lists the pairs of windows that have alerts.
	Burns []Burn
	// Follows lists alerts about faults that burn the budget. They page instead.
	Follows []Alert
	// Panel names the key of the panel on the dashboard of objectives.
	Panel string
	// First says what to do first when the budget burns, in one line.
	First string
}

// Burn is one pair of windows of the multiwindow, multi-burn-rate alerts of the
// SRE workbook, chapter 5: the long window says that the burn matters, the short
// one that it still goes on. Pairs of one severity are one alert, with the For and
// the Detects of the first.
type Burn struct {
	Long, Short expr.Window
	// Factor says how many times faster than allowed the budget burns.
	Factor   float64
	For      time.Duration
	Severity settings.Severity
	// Detects bounds the time until a total fault is detected.
	Detects time.Duration
}

// burns holds the pairs of the workbook: 2 % of a month's budget in an hour, 5 %
// in six, 10 % in a day, and 10 % in three days.
var burns = []Burn{
	{"1h", "5m", 14.4, 2 * time.Minute, settings.Critical, 10 * time.Minute},
	{"6h", "30m", 6, 2 * time.Minute, settings.Critical, time.Hour},
	{"1d", "2h", 3, time.Hour, settings.Warning, 4 * time.Hour},
	{"3d", "6h", 1, time.Hour, settings.Warning, 12 * time.Hour},
}

// latencyBurns holds the two that page. By default twice as much may be late as
// may be lost, so a total fault takes longer to burn at 14.4 times the pace: 9
// minutes of the hour.
var latencyBurns = []Burn{
	{"1h", "5m", 14.4, 2 * time.Minute, settings.Critical, 15 * time.Minute},
	burns[1],
}

// The windows over which an objective's ratio is recorded: the shorter ones
// from increases per minute, the longer ones from those per five minutes.
var (
	shortWindows = []expr.Window{"5m", "30m", "1h", "2h", "6h"}
	longWindows  = []expr.Window{"1d", "3d", budgetWindow}
)

const (
	// budgetWindow sets the window of an error budget.
	budgetWindow expr.Window = "30d"
	// budgetHistory is how long something must have been counted before there is a budget
	// of it, and budgetBefore the rest of its window.
	budgetHistory, budgetBefore expr.Window = "3d", "27d"
)

var (
	// lost matches the stages that count against the objective.
	lost = expr.Re(catalog.LabelSLOStage, "failed|bounced")
	// notRecipient leaves out what no operator can fix, such as a mailbox that
	// does not exist.
	notRecipient = expr.Ne(catalog.LabelFault, "recipient")
)

// DeliverySLO is the objective that we and our providers lose nothing that is
// sent. Lost is what failed or bounced minus what a later attempt delivered after
// all.
var DeliverySLO = SLO{
	Name: "error", Title: "delivery", Team: "delivery", By: perChannel,
	Target: &deliveryTarget, bad: "slo_errors", total: "slo_sent",
	Tallies: func(tile expr.Window) []expr.Tally { return []expr.Tally{sloStages(tile)} },
	Bad:     sloErrors, Total: sloSent, MinBad: 10, Burns: burns, Panel: PanelBudget,
	Follows: []Alert{ChannelDown, ProviderDown, ErrorRateHigh},
	First: "Look up which provider and error code lose most on the dashboard, and stop the loss: move traffic, " +
		"pause the campaign or roll back.",
}

// latencySLO returns the objective that what is delivered arrives within the
// given seconds, which must be a bucket of the histogram.
func latencySLO(seconds float64) SLO {
	inTime := func(tile expr.Window) expr.Tally {
		le := expr.Re(expr.Le, plain(seconds)+`(\.0)?`) // Prometheus stores 30 as 30.0
		return expr.NewTally("notification_slo_in_time", expr.BucketsOf(catalog.DeliveryLatency), tile, le)
	}
	return SLO{
		Name: "latency", Title: "delivery within " + number(catalog.UnitSeconds, seconds), Team: "delivery",
		By: perChannel, Target: &latencyTarget, bad: "slo_slow", total: "slo_delivered",
		Tallies: func(tile expr.Window) []expr.Tally { return []expr.Tally{sloDeliveries(tile), inTime(tile)} },
		Bad: func(tile expr.Window) expr.Expr {
			// It is not clamped, so that it adds up. It is below 0 only when counters start
			// over and one passes its old value before anybody sees it.
			return sloDelivered(tile).Sub(expr.Sum(inTime(tile).Increase()).Keeping(perChannel...))
		},
		Total: sloDelivered, MinBad: 10, Burns: latencyBurns, Panel: PanelLatency,
		Follows: []Alert{ChannelDown, ProviderDown, ErrorRateHigh, ProcessingLatencyHigh},
		First: "Compare the wait in queues with the time at the providers on the dashboard: pause campaigns if " +
			"queues wait, move traffic if a provider is slow.",
	}
}

// freshnessSLO is the objective that events are counted within a minute: the
// share of minutes in which no partition lagged further behind, or was hidden.
var freshnessSLO = SLO{
	Name: "freshness", Title: "freshness of the figures", Team: "observability",
	Objective: 0.999, bad: "slo_stale", total: "slo_minutes",
	Bad: func(expr.Window) expr.Expr {
		late := expr.MaxOverTime(catalog.StreamLagSeconds, "1m").Gt(expr.Num(freshWithin))
		hidden := expr.MinOverTime(catalog.PartitionExposed, "1m").Eq(expr.Num(0))
		down := exporterUp.Eq(expr.Num(0))
		stale := expr.Group(late).Keeping().Or(expr.Group(hidden).Keeping()).Or(expr.Group(down).Keeping())
		return expr.ZeroFill(stale, sloMinutes("1m"))
	},
	Total: sloMinutes, MinBad: 5, Burns: burns[:2], Panel: PanelFreshness,
	Follows: []Alert{
		ExporterDown, NATSDisconnected, EventStreamStalled, FenceBroken, PartitionHalted, PartitionNotReading,
		PartitionHidden,
	},
	First: "Open /-/ready of the exporter: it says whether it is behind, hidden or stopped, and why.",
}

// freshWithin sets the age in seconds from which on a figure is stale.
const freshWithin = 60

// sloMinutes returns one for the minute that passed.
func sloMinutes(expr.Window) expr.Expr { return expr.Group(exporterUp).Keeping() }

// Ratio returns the share that was bad within one of the recorded windows.
func (s SLO) Ratio(over expr.Window) expr.Recorded {
	bad, total := s.bad1m(), s.total1m()
	if slices.Contains(longWindows, over) {
		bad, total = s.bad5m(), s.total5m()
	}
	g, alerts := objectives, func(b Burn) bool { return b.Long == over || b.Short == over }
	if over != budgetWindow && !slices.ContainsFunc(s.Burns, alerts) {
		g = g.offers("ratios over every window, for an installation's own alerts on slower burns")
	}
	name := "notification_" + s.bad + "_per_" + strings.TrimPrefix(s.total, "slo_") + ":ratio_rate"
	// What turns out good late, or bad long after it was sent, is counted when that is
	// known: more can recover in a window than is lost in it, and more be lost than sent.
	share := expr.ClampMin(capped(expr.SumOverTime(bad, over), expr.SumOverTime(total, over)), 0)
	return g.rateOf(catalog.UnitRatio, name, over, share)
}

// Remaining returns the share of the error budget of 30 days that is left: 1 is all of
// it, and below 0 the objective is missed. It is absent until there are three days of
// history: a bad hour is a small part of 30 days, and most of what has happened on the
// first morning, which would say -1700 %. Three days are the longest window of the alerts
// on the burn rate, which need no budget and work from the first minutes on. A gap takes
// nothing away as long as anything was recorded before the three days.
func (s SLO) Remaining() expr.Recorded {
	history := expr.PresentOverTime(s.total5m(), budgetBefore).Offset(budgetHistory)
	left := expr.Num(1).Sub(s.Ratio(budgetWindow).Div(s.budget(1))).And(history)
	return objectives.series(catalog.UnitRatio, "notification_"+s.Name+"_budget_remaining:ratio", left)
}

// budget returns the share that may be bad, times a factor.
func (s SLO) budget(factor float64) expr.Expr {
	if s.Target == nil {
		return expr.Num(rounded(factor * (1 - s.Objective)))
	}
	budget := expr.Num(1).Sub(*s.Target)
	if factor != 1 {
		budget = expr.Num(factor).Mul(budget)
	}
	return budget
}

// records returns the series that are recorded every minute: the tallies, the
// increases, the ratios over all windows, and the remaining budget.
func (s SLO) records() []expr.Recorded {
	all := append(s.tallied(objectives, "1m"), s.total1m(), s.bad1m())
	for _, window := range slices.Concat(shortWindows, longWindows) {
		all = append(all, s.Ratio(window))
	}
	return append(all, s.Remaining())
}

// rounded rounds to six decimals, so that 1 - 0.995 is 0.005 in a query.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }
