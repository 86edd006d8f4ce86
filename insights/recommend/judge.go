package recommend

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

// Find returns what the groups recommend, in their order.
func Find(groups []Group) []Recommendation {
	found := []Recommendation{}
	for _, g := range groups {
		if g.found != nil {
			found = append(found, *g.found)
		}
	}
	return found
}

// judge decides whether the leader of the group is worth a test. A group without
// estimates has its status already.
func (g *Group) judge(o Options) {
	if g.Status != "" {
		return
	}
	leader, rivals := g.Ways[0], g.Ways[1:]
	rates := make([]distuv.Beta, len(rivals))
	for i, r := range rivals {
		rates[i] = r.rate
	}
	if leader.PAdjusted > o.Alpha {
		g.refuse(StatusNoDifference, "%s leads, but among so many comparisons such a lead arises by chance (p = %.3f)",
			g.name(leader.Value), leader.PAdjusted)
		return
	}
	if rival := g.reversal(); rival != "" {
		g.refuse(StatusReversed, "%s leads, but not against %s on the same days: its lead comes from when it was sent",
			g.name(leader.Value), rival)
		return
	}
	switch best, loss := chanceBest(leader.rate, rates), expectedLoss(leader.rate, rates); {
	case best < o.ChanceBest:
		g.refuse(StatusNoDifference, "%s leads, but is the best with a probability of only %s; it takes %s",
			g.name(leader.Value), share(best, 1), share(o.ChanceBest, 0))
	case loss > o.MaxLoss:
		g.refuse(StatusNoDifference, "%s leads, but the expected loss of choosing it is %s points; at most %s is "+
			"allowed", g.name(leader.Value), points(loss), points(o.MaxLoss))
	default:
		g.Status, g.Reason = StatusRecommended, g.name(leader.Value)+" is worth a test"
		g.found = new(g.recommendation(o, best, loss))
	}
}

func (g *Group) refuse(status, reason string, args ...any) {
	g.Status, g.Reason = status, fmt.Sprintf(reason, args...)
}

// reversal returns against whom the leader does not lead within the strata, "" for
// nobody. Simpson's paradox is such a lead: it comes from when or to whom something
// was sent, and turns around where these are alike.
func (g *Group) reversal() string {
	leader := g.Ways[0]
	if !leader.ahead {
		return "the others"
	}
	for _, r := range g.Ways[1:] {
		if !compare(leader.arm, r.arm, g.DesignEffect).ahead {
			return g.name(r.Value)
		}
	}
	return ""
}

// recommendation describes the test of the leader.
func (g *Group) recommendation(o Options, best, loss float64) Recommendation {
	leader, rest := g.Ways[0], g.Ways[1:]
	rates, weights, others := make([]distuv.Beta, len(rest)), make([]float64, len(rest)), 0.0
	for i, w := range rest {
		rates[i], weights[i] = w.rate, w.N
		others += w.N
	}
	average, effect := difference(leader.rate, rates, weights)
	r := Recommendation{
		Kind: KindTest, Dimension: g.Dimension, Channel: g.Channel, Subject: leader.Value,
		Evidence: Observational, Unit: unitNotifications, N: leader.N,
		Rate: &leader.Rate, RestRate: &average, Effect: effect,
		ChanceBest: best, ExpectedLoss: loss, PAdjusted: leader.PAdjusted,
		Test: confirm(average.Value, effect.Value), Queries: []string{},
	}
	if o.Days > 0 {
		r.GainPerMonth = new(effect.times(others * monthDays / o.Days))
	}
	r.Basis, r.Text = g.basis(r, others), g.text(r, others)
	return r
}

func (e Estimate) times(x float64) Estimate { return Estimate{e.Value * x, e.Low * x, e.High * x} }
