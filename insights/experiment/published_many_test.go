package experiment

import (
	"math"
	"slices"
	"testing"
)

// manyP are p-values that statsmodels adjusts in its tests, statsmodels/stats/tests/test_multi.py
// (github.com/statsmodels/statsmodels), pval0: the results, res_multtest1, are of R, multtest, mt.rawp2adjp.
var manyP = []float64{0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309, 0.71626938238, 0.177096952723,
	5.23656777208e-005, 0.0202732688798, 0.00028140506198, 0.0149877310796}

// Source: see manyP; Wikipedia, Holm–Bonferroni method, example: 0.01, 0.04, 0.03 and 0.005 become
// 0.03, 0.06, 0.06 and 0.02.
func TestHolm(t *testing.T) {
	want := []float64{1, 1, 1, 1, 1, 1, 5.2365677720800005e-04, 1.4191288215860001e-01, 2.5326455578199999e-03,
		1.1990184863680001e-01}
	for i, p := range Holm(manyP) {
		agree(t, "p", p, want[i], 1e-15)
	}
	for i, p := range Holm([]float64{0.01, 0.04, 0.03, 0.005}) {
		agree(t, "p", p, []float64{0.03, 0.06, 0.06, 0.02}[i], 1e-12)
	}
}

// Source: see manyP; Benjamini, Hochberg 1995, section 4: of 15 p-values, the first four are rejected at 0.05.
func TestBenjaminiHochberg(t *testing.T) {
	want := []float64{9.3171263061444454e-01, 8.9533672797500008e-01, 8.9533672797500008e-01, 9.6783382430900000e-01,
		8.9533672797500008e-01, 3.5419390544599999e-01, 5.2365677720800005e-04, 5.0683172199499998e-02,
		1.4070253098999999e-03, 4.9959103598666670e-02}
	for i, p := range BenjaminiHochberg(manyP) {
		agree(t, "p", p, want[i], 1e-15)
	}
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
		0.6528, 0.7590, 1.000}
	slices.Reverse(p)
	adjusted := BenjaminiHochberg(p)
	slices.Reverse(adjusted)
	for i := range p {
		if rejected := adjusted[i] <= 0.05; rejected != (i < 4) {
			t.Errorf("p-value %d becomes %v", i+1, adjusted[i])
		}
	}
}

// Source: R, help of power.prop.test: n = 76.7 for 0.50 and 0.75 at a power of 0.90, and n = 10451937 for 0.5 and 0.501
// at α = 0.001 and a power of 0.90; statsmodels, statsmodels/stats/tests/test_proportion.py, test_power_2indep, after
// Stata: 308 and 154 users have a power of 0.7995659 for 0.2 and 0.1. A little less is asked for here, since users are
// whole.
func TestSampleSize(t *testing.T) {
	for _, x := range []struct {
		o    SizeOptions
		want Size
	}{
		{SizeOptions{0.5, 0.25, 0.05, 0.9, 1}, Size{77, 154}},
		{SizeOptions{0.5, 0.001, 0.001, 0.9, 1}, Size{10451937, 2 * 10451937}},
		{SizeOptions{0.2, -0.1, 0.05, 0.7995659 - 1e-6, 0.5}, Size{308, 308 + 154}},
		{DefaultSize(0.2, 0.05), Size{1094, 2188}},
		{DefaultSize(0.25, -0.05), Size{1094, 2188}},
		{SizeOptions{0.1, 0.03, 0.05, 0.8, 2}, Size{1350, 4050}},
	} {
		if got, err := SampleSize(x.o); err != nil || got != x.want {
			t.Errorf("%+v: %+v, %v", x.o, got, err)
		}
	}
	for _, o := range []SizeOptions{{}, DefaultSize(10, 2), DefaultSize(0.9, 0.2), DefaultSize(0.1, 0),
		DefaultSize(0.1, math.NaN()), {0.1, 0.02, 0.05, 0.8, math.Inf(1)}, {0.1, 0.02, 0.05, 1, 1},
		DefaultSize(0.1, 1e-12)} {
		if got, err := SampleSize(o); err == nil {
			t.Errorf("%+v: %+v", o, got)
		}
	}
}
