package rules

import (
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// Seasonal describes what a series is expected to be at this time of the day and week. A
// moving average would follow an outage within minutes and call it normal; the
// same time of earlier days does not.
//
// Usual is the median of the half hours around this time a day, a week and two
// weeks ago, and last week's alone until there are two weeks. The median ignores
// the one day of the three that was an outage or a holiday, and what a Sunday says
// about a Monday. UsualAhead is the same of the time an hour from now.
//
// People live in local time and Prometheus in UTC. After a clock change everything
// happens an hour earlier or later than Usual says, for a week. Expected is Usual,
// moved as far as yesterday was off at this time of the day, where a shift by an
// hour explains it.
//
// Lower and Upper are where the series usually stays: Width away from Expected.
// Width is three standard deviations of a normal distribution, estimated by the
// median of the last week's distances (1.4826 × 3 = 4.45, Rousseeuw and Croux 1993),
// at least 30 %, plus the noise of chance where the series counts rare things. The
// distances are shares of Expected, since busy hours vary by more than quiet ones.
//
// On the first day after a clock change yesterday says nothing. But a clock change
// sets in gradually, as the morning's rise begins, and a fault suddenly: while the
// series has left the middle of the band and not yet the band, as Drift shows, the
// band opens on that side to what is usual within an hour of this time, and below to
// three quarters of the least: where the evening of some users meets the morning of
// others, a change of the clocks of some deepens the dip, or fills it: see filled. Where
// what is usual within an hour is more than Expected, Upper rises in any case, to at most
// two and a half times Expected. The price is paid in the steepest hours, in which half or three times as much as usual
// is what a clock change does.
//
// Where a day of the week ends and another begins, volumes may change from one minute
// to the next, and after a clock change an hour earlier. Step shows such an hour: what
// is usual changes in it and yesterday did not. In it the band opens to what is usual
// within an hour, upward to the most of the same hours a week ago.
//
// Lower and Upper are absent until eight days of history exist, which Ready shows.
type Seasonal struct {
	Series                  expr.Recorded
	Usual, UsualAhead, Step expr.Recorded
	Expected                expr.Recorded
	Residual, Spread, Width expr.Recorded
	Lower, Upper, Ready     expr.Recorded
	Drift                   expr.Recorded
}

// The seasonal series, by channel.
var (
	// VolumeSeason expects notifications sent per second.
	VolumeSeason = seasonal("notification_sent:rate5m", ChannelSent, 300, drifting{"5m", 3})
	// EngagementSeason expects opens per delivery.
	EngagementSeason = seasonal("notification_opened_per_delivered:ratio_rate1h", openedPerDelivered, 0,
		drifting{"30m", 20})
)

// drifting says in how many evaluations of a window the series must have been
// between the middle of the band and its edge. When a fault halves the series, it
// takes a third of the time over which the series is computed from one to the other.
type drifting struct {
	window expr.Window
	least  float64
}

// Parameters of the band.
const (
	// bandResiduals equals 3 × 1.4826.
	bandResiduals = 4.45
	// bandLeast keeps the band from closing on a series that hardly varies.
	bandLeast = 0.3
	// bandPoisson sets how many standard deviations of a Poisson count are added:
	// chance exceeds four once in 30,000 times.
	bandPoisson = 4
	// bandMiddle is the share of the width in which the series does not drift.
	bandMiddle = 0.5
	// bandOpen is how many times as much as expected Upper opens to although nothing
	// drifts: the first minutes of a Monday bring twice as much as those of a Sunday.
	// Three times as much as expected is above it.
	bandOpen = 2.5
	// bandDip is the share of the least that is usual within an hour, down to which a
	// clock change may take a series.
	bandDip = 0.75
	// stepLeast is the Step from which on one day of the week ends and another begins;
	// downward it is the inverse.
	stepLeast = 1.25
	// movedLeast is how far yesterday must have been off to move what is expected:
	// half of the least width.
	movedLeast = 0.15
	// movedDip is the share of the least that is usual within an hour, below which
	// yesterday does not move what is expected.
	movedDip = 0.5
	// movedInside is in how many minutes of its hour yesterday must have been inside
	// its band.
	movedInside = 54
)

// seasonal declares the band of a series. If the series is a rate, poisson is the
// length of its window in seconds: a rate r over T seconds has the standard
// deviation √(r/T) by chance alone.
func seasonal(name string, of expr.Recorded, poisson float64, drift drifting) Seasonal {
	s := Seasonal{Series: of}
	part := func(unit catalog.Unit, state string, e expr.Expr) expr.Recorded {
		r := seasons.series(unit, name+"_"+state, e)
		r.Over = of.Over
		return seasons.add(r)
	}
	// Drift depends on the band. What is read of it here are earlier evaluations.
	s.Drift = expr.Record(name+"_drift", of.Expr)
	s.Usual = part(of.Unit, "usual", usually(of, 0))
	s.UsualAhead = part(of.Unit, "usual_ahead1h", usually(of, time.Hour))
	s.Step = part(catalog.UnitRatio, "usual_step_ratio", s.step())
	s.Expected = part(of.Unit, "expected", s.moved().Or(s.Usual))
	s.Residual = part(catalog.UnitRatio, "residual_ratio", expr.Ratio(expr.Abs(of.Sub(s.Expected)), s.Expected))
	s.Spread = part(catalog.UnitRatio, "residual_ratio_median1w", expr.QuantileOverTime(0.5, s.Residual, "1w"))

	share := expr.ClampMin(s.Spread.Mul(expr.Num(bandResiduals)), bandLeast)
	width := s.Expected.Mul(share).Or(s.Expected.Mul(expr.Num(bandLeast)))
	if poisson > 0 {
		width = width.Add(expr.Sqrt(s.Expected.Div(expr.Num(poisson))).Mul(expr.Num(bandPoisson)))
	}
	s.Width = part(of.Unit, "width", width)
	s.Ready = part(catalog.UnitNone, "baseline_ready", expr.PresentOverTime(of, "1h").Offset("8d"))

	recently := expr.SumOverTime(s.Drift, drift.window)
	s.Lower = part(of.Unit, "lower", s.lower(recently.Le(expr.Num(-drift.least))).And(s.Ready))
	s.Upper = part(of.Unit, "upper", s.upper(recently.Ge(expr.Num(drift.least))).And(s.Ready))
	s.Drift = part(catalog.UnitNone, "drift", s.drift())
	return s
}

// usually returns what a series usually is at the time that lies ahead: the median of
// a day, a week and two weeks before it.
func usually(of expr.Recorded, ahead time.Duration) expr.Expr {
	ago := func(days time.Duration) expr.Expr { return around(of, days*24*time.Hour-ahead) }
	day, week, fortnight := ago(1), ago(7), ago(14)
	marked := expr.Mark(day, season, "1d").Or(expr.Mark(week, season, "1w")).Or(expr.Mark(fortnight, season, "2w"))
	return expr.QuantileOf(0.5, marked).Without(season).And(fortnight).And(day).Or(week)
}

// around returns the mean of a series over the half hours before and after a time in
// the past.
func around(of expr.Recorded, ago time.Duration) expr.Expr {
	back := model.Duration(ago - 30*time.Minute).String()
	return expr.AvgOverTime(of, "1h").Offset(expr.Window(back))
}

// within returns the least and the most that is usual within an hour of now.
func (s Seasonal) within() (least, most expr.Expr) {
	return expr.MinOverTime(s.UsualAhead, "2h"), expr.MaxOverTime(s.UsualAhead, "2h")
}

// moved returns Usual times what yesterday was of it, if yesterday was off and yet
// inside its band: a fault is not expected again. It does not go beyond what is usual
// within an hour of now, or half of that where the dip between two rhythms deepens.
func (s Seasonal) moved() expr.Expr {
	least, most := s.within()
	yesterday, usual := around(s.Series, 24*time.Hour), around(s.Usual, 24*time.Hour)
	off := expr.Abs(yesterday.Sub(usual)).Gt(usual.Mul(expr.Num(movedLeast)))
	inside := expr.CountOverTime(s.Drift, "1h").Offset("23h30m").Ge(expr.Num(movedInside))
	moved := greater(lesser(s.Usual.Mul(yesterday.Div(usual)), most), least.Mul(expr.Num(movedDip)))
	return moved.And(usual.Gt(expr.Num(0))).And(off).And(inside)
}

// step returns the factor by which what is usual changes in the hour that lies ahead,
// divided by that by which yesterday changed in it: 2 at the end of a Sunday if half as
// much is sent on it as on a Monday, and 1 where the days are alike.
func (s Seasonal) step() expr.Expr {
	yesterday, ahead := around(s.Series, 24*time.Hour), around(s.Series, 23*time.Hour)
	return expr.Ratio(s.UsualAhead.Mul(yesterday), s.Usual.Mul(ahead))
}

// lower returns the lower edge of the band, opened where falling has an element, and
// where a step down lies ahead.
func (s Seasonal) lower(falling expr.Expr) expr.Expr {
	least, _ := s.within()
	edge := expr.ClampMin(s.Expected.Sub(s.Width), 0)
	down := s.Step.Lt(expr.Num(1 / stepLeast))
	reached := least.Mul(expr.Num(bandDip)).And(falling).Or(least.And(down))
	return edge.Mul(expr.ClampMax(expr.Ratio(reached, s.Expected), 1)).Or(edge)
}

// upper returns the upper edge of the band, opened wide where rising has an element, and
// where a step up lies ahead: Usual is a mean of an hour, in which a step begins half an
// hour early and is half as high, so that the height is that of last week.
func (s Seasonal) upper(rising expr.Expr) expr.Expr {
	_, most := s.within()
	opened := most.Mul(expr.Num(1 + bandLeast))
	wide := greater(s.filled(), most).Mul(expr.Num(1 + bandLeast)).And(rising)
	capped := s.Expected.Mul(expr.Num(bandOpen)).Le(opened)
	hourLater := expr.Window(model.Duration(7*24*time.Hour - time.Hour).String())
	lastWeek := expr.MaxOverTime(s.Series, "2h").Offset(hourLater)
	stepped := lastWeek.Mul(expr.Num(1 + bandLeast)).And(s.Step.Gt(expr.Num(stepLeast)))
	beyond := s.Width.Sub(s.Expected.Mul(expr.Num(bandLeast)))
	return greater(stepped.Or(wide).Or(capped).Or(opened).Add(beyond), s.Expected.Add(s.Width))
}

// filled returns how far a clock change may fill a dip, at most: with what is usual an
// hour ago and an hour from now together, less what is usual in the dip.
func (s Seasonal) filled() expr.Expr {
	least, _ := s.within()
	return s.UsualAhead.Add(s.UsualAhead.Offset("2h")).Sub(least)
}

// drift returns, of a series inside its band, 1 between the middle and the upper edge,
// -1 between the middle and the lower edge, and 0 in the middle.
func (s Seasonal) drift() expr.Expr {
	distance := s.Series.Sub(s.Expected)
	off := expr.Sgn(distance).And(expr.Abs(distance).Gt(s.Width.Mul(expr.Num(bandMiddle))))
	return expr.ZeroFill(off, s.Series).And(s.Series.Ge(s.Lower)).And(s.Series.Le(s.Upper))
}

// greater returns the greater of two vectors, element by element, and those elements
// of b that a lacks.
func greater(a, b expr.Expr) expr.Expr { return a.Ge(b).Or(b) }

// lesser returns the lesser in the same way.
func lesser(a, b expr.Expr) expr.Expr { return a.Le(b).Or(b) }

// season tells the three times apart for the median.
var season = &catalog.Label{Name: "season", Limit: 3, Doc: "how long ago"}
