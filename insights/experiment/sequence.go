package experiment

import "math"

// sequence is an asymptotic confidence sequence, which covers the true effect at all
// looks at once.
//
// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: Time-uniform central limit
// theory and asymptotic confidence sequences, arXiv:2103.06476, theorem 2.2 for two
// sides, proposition B.1 for one, and appendix B.2 for the choice of ρ.
type sequence struct {
	alpha float64
	// planned is N*, the number of users at which the sequence is narrowest.
	planned float64
}

// rho returns ρ = √((−2 ln α + ln(−2 ln α + 1)) / N*).
func rho(alpha, planned float64) float64 {
	e := -2 * math.Log(alpha)
	return math.Sqrt((e + math.Log(e+1)) / planned)
}

// half returns how far the two-sided interval extends from an effect with standard
// error se, of n users in both arms:
// se √n √(2(nρ²+1)/(n²ρ²) ln(√(nρ²+1)/α)).
func (s sequence) half(se, n float64) float64 {
	r := rho(s.alpha, s.planned)
	t := n*r*r + 1
	return se * math.Sqrt(2*t/(n*r*r)*math.Log(math.Sqrt(t)/s.alpha))
}

// oneSided returns how far a one-sided interval extends: ρ follows from 2α, and the
// logarithm is that of 1 + √(nρ²+1)/(2α).
func (s sequence) oneSided(se, n float64) float64 {
	r := rho(2*s.alpha, s.planned)
	t := n*r*r + 1
	return se * math.Sqrt(2*t/(n*r*r)*math.Log1p(math.Sqrt(t)/(2*s.alpha)))
}

// pValue returns the α at which the two-sided sequence excludes 0, with ρ held fixed.
func (s sequence) pValue(effect, se, n float64) float64 {
	root, l := exponent(rho(s.alpha, s.planned), effect, se, n)
	return min(1, root*math.Exp(-l))
}

// oneSidedPValue returns the α at which the one-sided sequence excludes all effects
// of 0 and less, with ρ held fixed.
func (s sequence) oneSidedPValue(effect, se, n float64) float64 {
	if effect <= 0 {
		return 1
	}
	root, l := exponent(rho(2*s.alpha, s.planned), effect, se, n)
	return min(1, root/(2*math.Expm1(l)))
}

// exponent returns √(nρ²+1), and the logarithm in the width of a sequence that just
// excludes 0: effect² nρ² / (2 se² (nρ²+1)).
func exponent(rho, effect, se, n float64) (root, logarithm float64) {
	t := n * rho * rho
	ratio := effect / se
	return math.Sqrt(t + 1), ratio * ratio * t / (2 * (t + 1))
}

// usersUntil returns the number of users of both arms at which the two-sided
// sequence extends half to each side, if se now belongs to n users. It returns
// false for more users than there are people.
func (s sequence) usersUntil(half, se, n float64) (float64, bool) {
	const most = 1e11
	width := func(users float64) float64 { return s.half(se*math.Sqrt(n/users), users) }
	low, high := 1.0, most
	if width(high) > half {
		return 0, false
	}
	for range 200 {
		if mid := math.Sqrt(low * high); width(mid) > half {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Ceil(high - 1e-6), true
}
