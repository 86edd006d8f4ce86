package recommend

import "math"

// Prior holds a Beta distribution of the rates of a channel's ways of sending.
type Prior struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
}

// leastStrength bounds a prior from below: it always weighs as much as the uniform
// distribution, two notifications.
const leastStrength = 2

// priorRounds says how often the weights of fitPrior are improved. They move little
// after the second round.
const priorRounds = 8

// fitPrior estimates a beta-binomial prior from the counts of at least two ways of
// sending by the method of moments with empirical weights:
// J. C. Kleinman, "Proportions with extraneous variance: single and independent
// samples", Journal of the American Statistical Association 68 (1973), 46-54.
// With γ the share of the variance that lies between the ways of sending, the weights
// are n/(1+γ(n−1)) and the strength of the prior is α+β = 1/γ − 1. Where the rates
// differ no more than by chance, the prior weighs as much as all the data.
func fitPrior(counts []count) Prior {
	var all count
	for _, c := range counts {
		all = all.plus(c)
	}
	mean, between := all.rate(), 0.0
	for range priorRounds {
		mean, between = moments(counts, between)
	}
	strength := all.n
	if between > 0 {
		strength = min(max(1/between-1, leastStrength), all.n)
	}
	return Prior{mean * strength, (1 - mean) * strength}
}

// moments returns the weighted mean rate, and the share of the variance that lies
// between the counts, given an earlier estimate of that share.
func moments(counts []count, between float64) (mean, next float64) {
	weights, total := make([]float64, len(counts)), 0.0
	for i, c := range counts {
		weights[i] = c.n / (1 + between*math.Max(c.n-1, 0))
		total += weights[i]
		mean += weights[i] * c.rate()
	}
	mean /= total
	var squares, spread, chance float64
	for i, c := range counts {
		w := weights[i]
		squares += w * (c.rate() - mean) * (c.rate() - mean)
		spread += w * (1 - w/total)
		chance += w / c.n * (1 - w/total)
	}
	variance := mean * (1 - mean)
	next = (squares - variance*chance) / (variance * (spread - chance))
	if math.IsNaN(next) { // every count is 1, or every rate 0 or 1
		return mean, 0
	}
	return mean, min(max(next, 0), 1)
}

// designEffect estimates by how much counts scatter more than independent
// notifications would, as they do when a user gets several of them. It compares the
// strata of each arm with what the arm's rate and the stratum's rate lead to expect,
// and returns Pearson's χ² over its degrees of freedom, at least 1:
// P. McCullagh and J. A. Nelder, "Generalized Linear Models", 2nd edition (1989),
// section 4.5. Strata with fewer than one expected answer are left out.
func designEffect(arms []arm) float64 {
	all := sum(arms)
	square, used := 0.0, 0
	strata := map[int]bool{}
	for _, a := range arms {
		standard := 0.0 // what the arm would have with the rates of its strata
		for s, c := range a.strata {
			standard += c.n * all.strata[s].rate()
		}
		for s, c := range a.strata {
			expected := c.n * all.strata[s].rate() * a.total.x / standard
			if !(expected >= 1 && c.n-expected >= 1) {
				continue
			}
			square += (c.x - expected) * (c.x - expected) / (expected * (1 - expected/c.n))
			used++
			strata[s] = true
		}
	}
	freedom := used - len(arms) - len(strata) + 1
	if freedom < 1 {
		return 1
	}
	return max(1, square/float64(freedom))
}
