package page

import "math"

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959964

// Proportion returns the 95 % interval of a share that was counted, and nil where
// there is none. It is the score interval, which stays within 0 and 1: E. B. Wilson,
// "Probable inference, the law of succession, and statistical inference", Journal of
// the American Statistical Association 22 (1927), 209-212.
func Proportion(successes, of *float64) *Range {
	if successes == nil || of == nil || !(*of > 0) || !(*successes >= 0) || *successes > *of {
		return nil
	}
	n, p := *of, *successes / *of
	middle := (p + z95*z95/(2*n)) / (1 + z95*z95/n)
	half := z95 / (1 + z95*z95/n) * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return &Range{Low: max(0, middle-half), High: min(1, middle+half), Level: "95 % interval"}
}
