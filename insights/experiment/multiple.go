package experiment

import (
	"cmp"
	"slices"
)

// Holm returns p-values that keep the probability of any wrong rejection below α.
//
// Source: Holm: A simple sequentially rejective multiple test procedure,
// Scandinavian Journal of Statistics 6 (1979).
func Holm(p []float64) []float64 {
	adjusted, order := make([]float64, len(p)), ascending(p)
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = largest
	}
	return adjusted
}

// BenjaminiHochberg returns p-values that keep the expected share of wrong rejections
// below α.
//
// Source: Benjamini, Hochberg: Controlling the false discovery rate, JRSS B 57 (1995).
func BenjaminiHochberg(p []float64) []float64 {
	adjusted, order := make([]float64, len(p)), ascending(p)
	smallest := 1.0
	for rank, i := range slices.Backward(order) {
		smallest = min(smallest, float64(len(p))/float64(rank+1)*p[i])
		adjusted[i] = smallest
	}
	return adjusted
}

// ascending returns the indexes of p by rising value.
func ascending(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order
}
