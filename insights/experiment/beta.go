package experiment

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// beta is the posterior Beta(1+yes, 1+no) of a proportion with a uniform prior.
type beta struct{ yes, no float64 }

// beats returns the probability that a draw of b exceeds one of a, and the mean of what
// a draw of a exceeds one of b by, 0 where it does not: the expected loss of choosing b.
// Both are exact to about 12 digits: ∫ f_b F_a and ∫ F_b (1 − F_a) over pieces half a
// standard deviation long, each by Gauss's rule.
//
// Source: Miller: Formulas for Bayesian A/B testing (evanmiller.org, 2013), of which it
// computes the integral instead of the sum, since the sum has as many terms as there
// are outcomes; Stucchio: Bayesian A/B testing at VWO (2015) for the loss.
func beats(a, b beta) (chance, loss float64) {
	edges := append(a.edges(), b.edges()...)
	slices.Sort(edges)
	edges = slices.Compact(edges)
	fa, fb := a.density(edges), b.density(edges)
	var belowA, belowB float64
	for i, low := range edges[:len(edges)-1] {
		high := edges[i+1]
		middle, half := (low+high)/2, (high-low)/2
		for j, node := range nodes {
			x := middle + half*node
			atA, atB := belowA+integral(fa, low, x), belowB+integral(fb, low, x)
			chance += half * weights[j] * fb(x) * atA
			loss += half * weights[j] * atB * (1 - atA)
		}
		belowA += integral(fa, low, high)
		belowB += integral(fb, low, high)
	}
	return min(max(chance, 0), 1), max(loss, 0)
}

// points is the order of Gauss's rule.
const points = 12

// nodes and weights are those of the rule on −1 to 1.
var nodes, weights = func() (x, w [points]float64) {
	quad.Legendre{}.FixedLocations(x[:], w[:], -1, 1)
	return x, w
}()

func integral(f func(float64) float64, low, high float64) (sum float64) {
	middle, half := (low+high)/2, (high-low)/2
	for i, x := range nodes {
		sum += weights[i] * f(middle+half*x)
	}
	return sum * half
}

// edges returns the bounds of pieces that are short where the density changes. A piece
// grows towards the tails, which reach beyond 1e-16 of the mass.
func (b beta) edges() []float64 {
	n := b.yes + b.no + 2
	mean := (b.yes + 1) / n
	deviation := math.Sqrt(mean * (1 - mean) / (n + 1))
	edges := []float64{0, 1, mean}
	for offset := 0.5; offset <= 50; offset += max(0.5, offset/20) {
		edges = append(edges, max(0, mean-offset*deviation), min(1, mean+offset*deviation))
	}
	return edges
}

// density returns the density, scaled to 1 at its mode and then by its integral over
// the edges: the logarithm of a beta function of millions loses too many digits.
func (b beta) density(edges []float64) func(float64) float64 {
	n := b.yes + b.no
	mode := 0.5
	if n > 0 {
		mode = b.yes / n
	}
	shape := func(x float64) float64 {
		return math.Exp(power(b.yes, (x-mode)/mode) + power(b.no, (mode-x)/(1-mode)))
	}
	total := 0.0
	for i, low := range edges[:len(edges)-1] {
		total += integral(shape, low, edges[i+1])
	}
	return func(x float64) float64 { return shape(x) / total }
}

// power returns the logarithm of (1+x)^exponent.
func power(exponent, x float64) float64 {
	if exponent == 0 {
		return 0
	}
	return exponent * math.Log1p(x)
}
