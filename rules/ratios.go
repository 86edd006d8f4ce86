package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Shares of notifications by channel, over the window in which each settles: an
// open follows its delivery within the hour, a complaint within the day. A stage
// is counted when it is reached, not when its notification was sent, so a share
// can be above 1 for a while.
var (
	OpenedPerDelivered    = share("opened_per_delivered:ratio_rate1h", catalog.StageOpened, catalog.StageDelivered, StageVolume.Increase1h)
	ClickedPerOpened      = share("clicked_per_opened:ratio_rate1h", catalog.StageClicked, catalog.StageOpened, StageVolume.Increase1h)
	ConvertedPerClicked   = share("converted_per_clicked:ratio_rate1h", catalog.StageConverted, catalog.StageClicked, StageVolume.Increase1h)
	EngagedPerDelivered   = share("engaged_per_delivered:ratio_rate1h", catalog.StageEngaged, catalog.StageDelivered, StageVolume.Increase1h)
	EngagedPerDelivered1d = share("engaged_per_delivered:ratio_rate1d", catalog.StageEngaged, catalog.StageDelivered, StageVolume.Increase1d)
	// ConvertedPerDelivered says what sending is good for, in a day.
	ConvertedPerDelivered  = share("converted_per_delivered:ratio_rate1d", catalog.StageConverted, catalog.StageDelivered, StageVolume.Increase1d)
	ComplainedPerDelivered = share("complained_per_delivered:ratio_rate1d", catalog.StageComplained, catalog.StageDelivered, StageVolume.Increase1d)
	OptedOutPerDelivered   = share("opted_out_per_delivered:ratio_rate1d", catalog.StageOptedOut, catalog.StageDelivered, StageVolume.Increase1d)
	// HardBouncedPerSent is by channel and provider, whose reputations it costs.
	HardBouncedPerSent = share("hard_bounced_per_sent:ratio_rate1d", catalog.StageBouncedHard, catalog.StageSent, ProviderVolume.Increase1d, perProvider...)
	// RetriesPerSent is by channel and provider.
	RetriesPerSent = expr.Record("notification_retries_per_sent:ratio_rate5m",
		expr.Ratio(expr.Sum(expr.Rate(catalog.Retries, "5m")).Keeping(perProvider...), Sent.Rate5m))
)

// Money, by channel and currency.
var (
	// CostPerDelivered is what one delivered notification costs, over a day.
	CostPerDelivered = expr.Record("notification_cost_per_delivered:ratio_rate1d", expr.Ratio(
		expr.Sum(CostVolume.Increase1d).Keeping(perCurrency...), reached(catalog.StageDelivered, StageVolume.Increase1d, perChannel...),
		expr.Ignoring(catalog.LabelCurrency).GroupLeft()))
	// ReturnOnCost is what conversions brought in per unit spent, over a day.
	ReturnOnCost = expr.Record("notification_conversion_value_per_cost:ratio_rate1d", expr.Ratio(
		expr.Sum(ValueVolume.Increase1d).Keeping(perCurrency...), expr.Sum(CostVolume.Increase1d).Keeping(perCurrency...)))
)

// perCurrency never adds up different currencies.
var perCurrency = []*catalog.Label{catalog.LabelChannel, catalog.LabelCurrency}

// ratios are all of the above.
var ratios = []expr.Recorded{
	OpenedPerDelivered, ClickedPerOpened, ConvertedPerClicked, EngagedPerDelivered, EngagedPerDelivered1d, ConvertedPerDelivered,
	ComplainedPerDelivered, OptedOutPerDelivered, HardBouncedPerSent, CostPerDelivered, ReturnOnCost,
}

// share is the part of the notifications that reached one stage that also
// reached another, by channel unless told otherwise.
func share(name string, part, whole catalog.Stage, of expr.Recorded, by ...*catalog.Label) expr.Recorded {
	if len(by) == 0 {
		by = perChannel
	}
	return expr.Record("notification_"+name, expr.Ratio(reached(part, of, by...), reached(whole, of, by...)))
}
