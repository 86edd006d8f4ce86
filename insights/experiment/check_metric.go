package experiment

import (
	"math"
	"slices"

	"belfry/exporter/strict"
)

// tolerance is the relative error that sums may have, from printing few digits.
const tolerance = 1e-9

// check checks that there can be users with such sums.
func (m Metric) check(wrong wrong, path string) {
	sums := []float64{float64(m.N), float64(m.X), m.Sum, m.SumSquares, m.NumSum, m.NumSumSq, m.DenSum, m.DenSumSq,
		m.Cross}
	if c := m.Covariate; c != nil {
		sums = append(sums, c.Sum, c.SumSquares, c.CrossNum, c.CrossDen)
	}
	if slices.ContainsFunc(sums, func(x float64) bool { return !(math.Abs(x) <= maxSum) }) {
		wrong(path, "a sum is out of range: use numbers up to 1e40")
		return
	}
	if m.N < 0 {
		wrong(path+".n", "%v is out of range: use 0 or more", m.N)
		return
	}
	switch m.Kind {
	case Proportion:
		m.checkProportion(wrong, path)
	case Mean:
		m.checkMean(wrong, path)
	case Ratio:
		m.checkRatio(wrong, path)
	default:
		kinds := []string{string(Proportion), string(Mean), string(Ratio)}
		wrong(path+".kind", "%s", strict.Unknown("kind", string(m.Kind), kinds))
	}
}

// maxSum bounds every sum, so that products of two stay finite.
const maxSum = 1e40

func (m Metric) checkProportion(wrong wrong, path string) {
	if m.X < 0 || m.X > m.N {
		wrong(path+".x", "%.0f of %.0f users: use at most n", float64(m.X), float64(m.N))
	}
	if m.Covariate != nil {
		wrong(path+".covariate", "a proportion takes none: give the metric as a mean, with sum and sum_squares")
	}
}

func (m Metric) checkMean(wrong wrong, path string) {
	m.squares(wrong, path, "sum", "sum_squares", m.Sum, m.SumSquares)
	if m.Outcomes != nil && !(*m.Outcomes >= 0 && *m.Outcomes <= m.N) {
		wrong(path+".outcomes", "%v of %v users: use at most n", *m.Outcomes, m.N)
	}
	if c := m.Covariate; c != nil {
		m.squares(wrong, path+".covariate", "sum", "sum_squares", c.Sum, c.SumSquares)
		m.products(wrong, path+".covariate.cross_num", c.CrossNum, [2]float64{c.Sum, m.Sum},
			[2]float64{c.SumSquares, m.SumSquares})
	}
}

func (m Metric) checkRatio(wrong wrong, path string) {
	if m.DenSum < 0 {
		wrong(path+".den_sum", "%v is out of range: use 0 or more", m.DenSum)
	}
	m.squares(wrong, path, "num_sum", "num_sumsq", m.NumSum, m.NumSumSq)
	m.squares(wrong, path, "den_sum", "den_sumsq", m.DenSum, m.DenSumSq)
	m.products(wrong, path+".cross", m.Cross, [2]float64{m.NumSum, m.DenSum}, [2]float64{m.NumSumSq, m.DenSumSq})
	if c := m.Covariate; c != nil {
		m.squares(wrong, path+".covariate", "sum", "sum_squares", c.Sum, c.SumSquares)
		m.products(wrong, path+".covariate.cross_num", c.CrossNum, [2]float64{c.Sum, m.NumSum},
			[2]float64{c.SumSquares, m.NumSumSq})
		m.products(wrong, path+".covariate.cross_den", c.CrossDen, [2]float64{c.Sum, m.DenSum},
			[2]float64{c.SumSquares, m.DenSumSq})
	}
}

// squares checks a sum of squares against its sum: n times it is at least the sum
// squared, or a variance would be negative.
func (m Metric) squares(wrong wrong, path, sumKey, key string, sum, squares float64) {
	if m.N == 0 {
		if sum != 0 || squares != 0 {
			wrong(path+"."+sumKey, "is not 0, but n is")
		}
		return
	}
	if least := sum / float64(m.N) * sum; squares < least*(1-tolerance) {
		wrong(path+"."+key, "%v is too small: %v users with this %s have at least %v", squares, m.N, sumKey, least)
	}
}

// products checks a sum of products: the covariance is at most the product of the
// deviations.
func (m Metric) products(wrong wrong, path string, products float64, sums, squares [2]float64) {
	n := float64(m.N)
	if n == 0 {
		if products != 0 {
			wrong(path, "is not 0, but n is")
		}
		return
	}
	center := sums[0] / n * sums[1]
	var room [2]float64
	for i := range room {
		room[i] = max(0, math.FMA(-sums[i]/n, sums[i], squares[i])) + tolerance*math.Abs(squares[i])
	}
	if most := math.Sqrt(room[0]) * math.Sqrt(room[1]); math.Abs(products-center) > most*(1+tolerance) {
		wrong(path, "%v cannot be: with these sums and squares it is between %v and %v", products,
			center-most, center+most)
	}
}
