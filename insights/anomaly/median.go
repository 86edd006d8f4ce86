package anomaly

import (
	"math"
	"slices"
)

// median reorders x and returns its median.
func median(x []float64) float64 {
	n := len(x)
	upper := nth(x, n/2)
	if n%2 == 1 {
		return upper
	}
	return slices.Max(x[:n/2])/2 + upper/2
}

// nth reorders x so that x[k] is what it would be if x were sorted, with nothing greater
// before it, and returns it: Hoare's quickselect with the middle as pivot.
func nth(x []float64, k int) float64 {
	for low, high := 0, len(x)-1; low < high; {
		i, j, pivot := low, high, x[(low+high)/2]
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return x[k]
		}
	}
	return x[k]
}

func abs(x float64) float64 { return math.Abs(x) }

func clamp(x, most float64) float64 { return min(max(x, -most), most) }
