package rules

import (
	"time"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

// Mailbox providers throttle and then block senders whose mail bounces or is
// reported as spam: Amazon SES reviews accounts at 5 % hard bounces and 0.1 %
// complaints, and Gmail's bulk sender rules ask for complaints below 0.1 % and
// never 0.3 %.
var (
	HardBounceHigh, HardBounceCritical       = atTwoLevels(hardBounce, 0.02, 0.05)
	ComplaintRateHigh, ComplaintRateCritical = atTwoLevels(complaints, 0.001, 0.003)
)

var hardBounce = Alert{
	Name: "HardBounceHigh", Team: "deliverability",
	When: func(limit float64) expr.Expr {
		return atLeast(hardBouncedPerSent.Gt(expr.Num(limit)),
			reached(catalog.StageSent, ProviderVolume.Increase1d, perProvider...), minSentDay)
	},
	Value: hardBouncedPerSent.Expr, Unit: catalog.UnitRatio,
	For: 10 * time.Minute, KeepFiringFor: oneEvaluation,
	Summary: "{{ $value | humanizePercentage }} hard bounces at {{ $labels.provider }} on {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} of what was sent through {{ $labels.provider }} on " +
		"{{ $labels.channel }} in the last day bounced permanently (threshold <threshold>). " +
		"Providers throttle and then block senders with many dead addresses.",
	First: "Find the campaign on the dashboard and pause it: each further hour counts for a whole day.",
	// If everything bounces from now on, that is 5 % of an even day in 72 minutes.
	Dashboard: Deliverability, Panel: panelBounces, DetectsWithin: 2 * time.Hour,
}

var complaints = Alert{
	Name: "ComplaintRateHigh", Team: "deliverability",
	When: func(limit float64) expr.Expr {
		return atLeast(complainedPerDelivered.Gt(expr.Num(limit)), deliveredToday(), minSentDay)
	},
	Value: complainedPerDelivered.Expr, Unit: catalog.UnitRatio,
	For: 10 * time.Minute, KeepFiringFor: oneEvaluation,
	Summary: "{{ $value | humanizePercentage }} complaints on {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} of what was delivered on {{ $labels.channel }} in the last day " +
		"was reported as spam (threshold <threshold>). Mailbox providers block senders above 0.3%.",
	First:     "Find the campaign or category on the dashboard and pause it before the rest of the list is sent.",
	Dashboard: Deliverability, Panel: panelComplaints, DetectsWithin: time.Hour,
}

// atTwoLevels declares an alert at two severities.
func atTwoLevels(a Alert, warning, critical float64) (Alert, Alert) {
	low, high := a, a
	low.Severity, low.Threshold = settings.Warning, warning
	high.Severity, high.Threshold = settings.Critical, critical
	return days.alert(low), days.alert(high)
}

// OptOutSpike compares the day's opt-outs with the week before.
var OptOutSpike = days.alert(Alert{
	Name: "OptOutSpike", Severity: settings.Warning, Team: "deliverability",
	When: func(times float64) expr.Expr {
		usual := weekBefore(optedOutPerDelivered)
		return optedOutPerDelivered.Gt(expr.Num(times).Mul(usual)).And(aWeekOld(optedOutPerDelivered)).
			And(reached(catalog.StageOptedOut, StageVolume.Increase1d, perChannel...).Ge(expr.Num(minOptOuts)))
	},
	Value: timesWeekBefore(optedOutPerDelivered), Threshold: 3,
	For: 30 * time.Minute, KeepFiringFor: oneEvaluation,
	Summary: "More users than usual opt out of {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} of what was delivered on {{ $labels.channel }} in the last day " +
		"made its user opt out, more than <threshold> times as much as the week before.",
	Dashboard: Deliverability, Panel: panelOptOuts, DetectsWithin: 6 * time.Hour,
})

// PushTokenInvalidSurge and WebhookEndpointFailing cover faults of the receiving
// end, which the delivery objective leaves out. If there are many at once, we must
// fix them.
var (
	PushTokenInvalidSurge = days.alert(surge(Alert{
		Name: "PushTokenInvalidSurge", Threshold: 0.1,
		Summary: "{{ $value | humanizePercentage }} invalid tokens at {{ $labels.provider }} on {{ $labels.channel }}",
		Description: "{{ $value | humanizePercentage }} of the pushes to {{ $labels.provider }} in the last hour " +
			"(threshold <threshold>) went to tokens that it no longer knows. " +
			"Either a certificate or key of the app changed, or a release lost its users' tokens.",
	}, expr.Eq(catalog.LabelChannel, "push"), invalidToken))
	WebhookEndpointFailing = days.alert(surge(Alert{
		Name: "WebhookEndpointFailing", Threshold: 0.3,
		Summary: "{{ $value | humanizePercentage }} errors at {{ $labels.provider }} on {{ $labels.channel }}",
		Description: "{{ $value | humanizePercentage }} of the webhooks to {{ $labels.provider }} in the last hour " +
			"failed (threshold <threshold>). The endpoint is down, rejects our signature, or is too slow.",
	}, expr.Eq(catalog.LabelChannel, "webhook")))
)

// surge completes an alert on the share of an hour's attempts that ended in one
// of the errors.
func surge(a Alert, errors ...expr.Matcher) Alert {
	failed := expr.Sum(ErrorVolume.Increase1h.Where(errors...)).Keeping(perProvider...)
	sent := reached(catalog.StageSent, ProviderVolume.Increase1h, perProvider...)
	a.When = func(limit float64) expr.Expr { return capped(failed.Ge(expr.Num(minFailed)), sent).Gt(expr.Num(limit)) }
	a.Value, a.Unit = capped(failed, sent), catalog.UnitRatio
	a.Severity, a.Team = settings.Warning, "delivery"
	a.For, a.KeepFiringFor = 10*time.Minute, oneEvaluation
	a.Dashboard, a.Panel, a.DetectsWithin = Deliverability, panelErrorCodes, time.Hour
	return a
}

const (
	// oneEvaluation sets how long alerts over days outlive their condition: one
	// interval of their group.
	oneEvaluation = 4 * time.Minute
	// minOptOuts sets how many must have opted out within a day.
	minOptOuts = 20
	// minFailed sets how many must have failed within an hour.
	minFailed = 20
	// minConversions sets how many a day must be expected, so that half of them is
	// not chance: 50 ± 7, and 25 is 3.5 standard deviations below.
	minConversions = 50
)

// EngagementDrop fires when people open less than at this time of earlier weeks.
var EngagementDrop = days.alert(Alert{
	Name: "EngagementDrop", Severity: settings.Warning, Team: "product",
	Expr: atLeast(EngagementSeason.Series.Lt(EngagementSeason.Lower),
		reached(catalog.StageDelivered, StageVolume.Increase1h, perChannel...), minJudged),
	// After a campaign more is opened in an hour than delivered.
	Value: expr.ClampMax(EngagementSeason.Series, 1), Unit: catalog.UnitRatio, Below: true,
	For: 30 * time.Minute, KeepFiringFor: 15 * time.Minute,
	Summary: "Fewer people than usual open what they get on {{ $labels.channel }}",
	Description: "{{ $value | humanizePercentage }} opens per delivery on {{ $labels.channel }} in the last hour are " +
		"fewer than at this time of any day and week before. " +
		"The cause is the subject, the rendering, the spam folder, or broken tracking.",
	Dashboard: Engagement, Panel: panelOpened, DetectsWithin: 2 * time.Hour,
})

// ConversionDrop compares a day with the week before it.
var ConversionDrop = days.alert(Alert{
	Name: "ConversionDrop", Severity: settings.Warning, Team: "product",
	When: func(ofUsual float64) expr.Expr {
		usual := weekBefore(convertedPerDelivered)
		return convertedPerDelivered.Lt(expr.Num(ofUsual).Mul(usual)).And(aWeekOld(convertedPerDelivered)).
			And(usual.Mul(deliveredToday()).Ge(expr.Num(minConversions)))
	},
	Value: timesWeekBefore(convertedPerDelivered), Threshold: 0.5, Unit: catalog.UnitRatio, Below: true,
	For: time.Hour, KeepFiringFor: oneEvaluation,
	Summary: "Notifications on {{ $labels.channel }} convert less than usual",
	Description: "{{ $value | humanizePercentage }} of what was delivered on {{ $labels.channel }} in the last day " +
		"led to a conversion, less than <threshold> of the week before. " +
		"The cause is the offer, the landing page, or the reporting of conversions.",
	Dashboard: Engagement, Panel: panelConverted, DetectsWithin: 24 * time.Hour,
})

// CostBudgetForecast fires when a month at the pace of the last week costs more
// than the budget.
var CostBudgetForecast = days.alert(Alert{
	Name: "CostBudgetForecast", Severity: settings.Warning, Team: "product",
	When:  func(amount float64) expr.Expr { return monthlyCost.Gt(expr.Num(amount)) },
	Value: monthlyCost, Threshold: 10000, Unit: catalog.UnitMoney,
	For: time.Hour, KeepFiringFor: oneEvaluation,
	Summary: "The month will cost {{ $value | humanize }} {{ $labels.currency }}",
	Description: "At the pace of the last 7 days, 30 days cost {{ $value | humanize }} {{ $labels.currency }}. The " +
		"budget is <threshold>; set it in the rules file.",
	Dashboard: Executive, Panel: panelCost, DetectsWithin: 7 * 24 * time.Hour,
})

// monthlyCost estimates 30 times the mean day of the last week, by currency. It is absent
// until there were costs in the currency a week ago, or in the week before that: a day is
// short of hours at first, and weekdays and weekends cost different amounts. A day without
// data in those weeks takes nothing away, and neither does a provider that is new.
var monthlyCost = expr.Sum(expr.AvgOverTime(CostVolume.Increase1d, "1w")).Keeping(catalog.LabelCurrency).
	Mul(expr.Num(30)).
	And(expr.Group(expr.PresentOverTime(CostVolume.Increase1d, "1w").Offset("1w")).Keeping(catalog.LabelCurrency))

// CostPerDeliveredHigh compares a day with the week before it.
var CostPerDeliveredHigh = days.alert(Alert{
	Name: "CostPerDeliveredHigh", Severity: settings.Warning, Team: "product",
	When: func(times float64) expr.Expr {
		usual := weekBefore(CostPerDelivered)
		return CostPerDelivered.Gt(expr.Num(times).Mul(usual)).And(aWeekOld(CostPerDelivered)).
			And(deliveredToday().Ge(expr.Num(minSentDay)), expr.Ignoring(catalog.LabelCurrency))
	},
	Value: timesWeekBefore(CostPerDelivered), Threshold: 1.5,
	For: time.Hour, KeepFiringFor: oneEvaluation,
	Summary: "A delivered notification on {{ $labels.channel }} costs more than usual",
	// Not humanize, which writes 0.0953 as 95.3m.
	Description: `{{ printf "%.3g" $value }} {{ $labels.currency }} for each notification delivered on ` +
		`{{ $labels.channel }} in the last day is more than <threshold> times the week before. ` +
		`Prices changed, traffic moved to a more expensive provider, or retries are billed.`,
	Dashboard: Executive, Panel: panelUnitCost, DetectsWithin: 24 * time.Hour,
})
