package rules

import (
	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Seasonal describes what a series is expected to be at this time of the day and week. A
// moving average would follow an outage within minutes and call it normal; the
// same time of earlier days does not.
//
// Expected is the median of the half hours around this time a day, a week and two
// weeks ago, and last week's alone until there are two weeks. The median ignores
// the one day of the three that was an outage or a holiday, and what a Sunday says
// about a Monday.
//
// Lower and Upper are where the series usually stays: as far from Expected as
// three standard deviations of a normal distribution, estimated by the median of
// the last week's distances (1.4826 × 3 = 4.45, Rousseeuw and Croux 1993), at
// least 30 %, plus the noise of chance where the series counts rare things. Both
// are absent until eight days of history exist, which Ready shows.
type Seasonal struct {
	Series                     expr.Recorded
	Expected, Residual, Spread expr.Recorded
	Lower, Upper, Ready        expr.Recorded
}

// The seasonal series, by channel.
var (
	// VolumeSeason expects notifications sent per second.
	VolumeSeason = seasonal("notification_sent:rate5m", ChannelSent, 300)
	// EngagementSeason expects opens per delivery.
	EngagementSeason = seasonal("notification_opened_per_delivered:ratio_rate1h", openedPerDelivered, 0)
)

// Parameters of the band.
const (
	// bandResiduals equals 3 × 1.4826.
	bandResiduals = 4.45
	// bandLeast keeps the band from closing on a series that hardly varies.
	bandLeast = 0.3
	// bandPoisson sets how many standard deviations of a Poisson count are added:
	// chance exceeds four once in 30,000 times.
	bandPoisson = 4
)

// seasonal declares the band of a series. If the series is a rate, poisson is the
// length of its window in seconds: a rate r over T seconds has the standard
// deviation √(r/T) by chance alone.
func seasonal(name string, of expr.Recorded, poisson float64) Seasonal {
	s := Seasonal{Series: of}
	part := func(unit catalog.Unit, state string, e expr.Expr) expr.Recorded {
		r := seasons.series(unit, name+"_"+state, e)
		r.Over = of.Over
		return seasons.add(r)
	}
	ago := func(back expr.Window) expr.Expr { return expr.AvgOverTime(of, "1h").Offset(back) }
	day, week, fortnight := ago("23h30m"), ago("167h30m"), ago("335h30m")
	marked := expr.Mark(day, season, "1d").Or(expr.Mark(week, season, "1w")).Or(expr.Mark(fortnight, season, "2w"))
	three := expr.QuantileOf(0.5, marked).Without(season)
	s.Expected = part(of.Unit, "expected", three.And(fortnight).And(day).Or(week))
	s.Residual = part(of.Unit, "residual", expr.Abs(of.Sub(s.Expected)))
	s.Spread = part(of.Unit, "residual_median1w", expr.QuantileOverTime(0.5, s.Residual, "1w"))

	reach := s.Spread.Mul(expr.Num(bandResiduals))
	least := s.Expected.Mul(expr.Num(bandLeast))
	width := reach.Ge(least).Or(least)
	if poisson > 0 {
		width = width.Add(expr.Sqrt(s.Expected.Div(expr.Num(poisson))).Mul(expr.Num(bandPoisson)))
	}
	s.Ready = part(catalog.UnitNone, "baseline_ready", expr.PresentOverTime(of, "1h").Offset("8d"))
	s.Lower = part(of.Unit, "lower", expr.ClampMin(s.Expected.Sub(width), 0).And(s.Ready))
	s.Upper = part(of.Unit, "upper", s.Expected.Add(width).And(s.Ready))
	return s
}

// season tells the three times apart for the median.
var season = &catalog.Label{Name: "season", Limit: 3, Doc: "how long ago"}
