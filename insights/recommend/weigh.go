package recommend

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"belfry/insights/experiment"
)

// Group compares the ways of sending of one dimension on one channel.
type Group struct {
	Dimension Dimension `json:"dimension"`
	Channel   string    `json:"channel"`
	// Status is StatusRecommended if the leader is worth a test, and otherwise says
	// what is missing. Reason says it in words.
	Status string `json:"status"`
	Reason string `json:"reason"`
	// Leader names the way of sending with the highest shrunk rate.
	Leader string `json:"leader,omitempty"`
	// Prior holds what the channel's rates have in common, nil if nothing was compared.
	Prior *Prior `json:"prior,omitempty"`
	// DesignEffect says how many times more the counts vary than independent
	// notifications would. The evidence is that much weaker.
	DesignEffect float64 `json:"design_effect,omitempty"`
	// Ways lists those with enough notifications to be compared, the best first.
	Ways []Way `json:"ways"`
	// TooSmall and Suppressed count the others: those with too few notifications to be
	// compared, and those that are hidden for privacy.
	TooSmall   int `json:"too_small"`
	Suppressed int `json:"suppressed"`

	found *Recommendation
}

// Way shows one way of sending.
type Way struct {
	Value string `json:"value"`
	// N counts delivered notifications, and Engaged those that users answered.
	N       float64 `json:"n"`
	Engaged float64 `json:"engaged"`
	// Rate holds the shrunk rate.
	Rate Estimate `json:"rate"`
	// OddsRatio compares it with the others stratum by stratum, by Mantel and Haenszel;
	// nil where it is not finite, or no stratum can be compared.
	OddsRatio *Estimate `json:"odds_ratio"`
	PValue    float64   `json:"p_value"`
	PAdjusted float64   `json:"p_adjusted"`

	arm   arm
	rate  distuv.Beta
	ahead bool // of the others, stratum by stratum
}

// The statuses of groups.
const (
	StatusRecommended   = "recommended"
	StatusNoDifference  = "no_difference"
	StatusReversed      = "reversed_within_strata"
	StatusTooFew        = "too_few"
	StatusNothingToWin  = "no_outcome"
	StatusInvalidCounts = "invalid_counts"
)

// Weigh compares the ways of sending of every dimension on every channel, in the
// order of dimension and channel.
func Weigh(cells []Cell, o Options) []Group {
	o = o.complete()
	var groups []Group
	for _, c := range contests(cells) {
		groups = append(groups, c.weigh(o))
	}
	adjust(groups)
	for i := range groups {
		groups[i].judge(o)
	}
	return groups
}

// weigh estimates the rates of the ways of sending that have enough notifications.
func (c *contest) weigh(o Options) Group {
	g := Group{Dimension: c.dimension, Channel: c.channel, Ways: []Way{}}
	arms := g.large(c.arms, o)
	all := sum(arms)
	switch {
	case c.invalid || slices.ContainsFunc(arms, func(a arm) bool { return a.total.x > a.total.n }):
		g.Status, g.Reason = StatusInvalidCounts, "some counts are negative, or more engaged than were delivered: "+
			"check that the channel's provider confirms deliveries"
	case len(arms) < 2:
		g.Status = StatusTooFew
		g.Reason = fmt.Sprintf("%d of %d have the %s notifications that a comparison needs; it takes two",
			len(arms), len(c.arms), grouped(o.MinUnits))
	case all.total.x == 0:
		g.Status, g.Reason = StatusNothingToWin, "nobody engaged"
	case all.total.x == all.total.n:
		g.Status, g.Reason = StatusNothingToWin, "everybody engaged"
	default:
		g.estimate(arms, all)
	}
	return g
}

// large returns the arms that can be compared, and counts the others.
func (g *Group) large(arms []arm, o Options) (enough []arm) {
	for _, a := range arms {
		switch {
		case a.total.n >= o.MinUnits && a.total.n >= o.Floor:
			enough = append(enough, a)
		case a.total.n < o.Floor:
			g.Suppressed++
		default:
			g.TooSmall++
		}
	}
	return enough
}

// estimate fills in the ways of sending, the highest shrunk rate first.
func (g *Group) estimate(arms []arm, all arm) {
	g.DesignEffect = designEffect(arms)
	counts := make([]count, len(arms))
	for i, a := range arms {
		counts[i] = count{a.total.n / g.DesignEffect, a.total.x / g.DesignEffect}
	}
	g.Prior = new(fitPrior(counts))
	for _, a := range arms {
		rate := g.Prior.posterior(a.total, g.DesignEffect)
		way := Way{Value: a.value, N: a.total.n, Engaged: a.total.x, Rate: interval(rate), arm: a, rate: rate}
		against := compare(a, all.without(a), g.DesignEffect)
		way.OddsRatio, way.PValue, way.ahead = against.odds, against.pValue, against.ahead
		g.Ways = append(g.Ways, way)
	}
	slices.SortStableFunc(g.Ways, func(a, b Way) int { return -cmp.Compare(a.Rate.Value, b.Rate.Value) })
	g.Leader = g.Ways[0].Value
}

// adjust fills in the p-values adjusted for all comparisons of all groups by
// [experiment.BenjaminiHochberg].
func adjust(groups []Group) {
	var all []*Way
	var p []float64
	for i := range groups {
		for j := range groups[i].Ways {
			all, p = append(all, &groups[i].Ways[j]), append(p, groups[i].Ways[j].PValue)
		}
	}
	for i, adjusted := range experiment.BenjaminiHochberg(p) {
		all[i].PAdjusted = adjusted
	}
}
