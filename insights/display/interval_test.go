package display

import (
	"fmt"
	"math"
	"testing"
)

// The first cases are those of R. G. Newcombe, "Two-sided confidence intervals for
// the single proportion: comparison of seven methods", Statistics in Medicine 17
// (1998), 857-872, table I, method 3.
func TestProportion(t *testing.T) {
	for _, c := range []struct {
		x, n float64
		want string
	}{
		{81, 263, "0.2553 to 0.3662"}, {15, 148, "0.0624 to 0.1605"}, {0, 20, "0.0000 to 0.1611"},
		{1, 29, "0.0061 to 0.1718"}, {5, 5, "0.5655 to 1.0000"},
	} {
		r := proportion(&c.x, &c.n)
		if got := fmt.Sprintf("%.4f to %.4f", r.Low, r.High); got != c.want {
			t.Errorf("%v of %v: got %s, want %s", c.x, c.n, got, c.want)
		}
	}
	for _, c := range [][2]float64{{0, 0}, {5, 4}, {-1, 4}, {1, math.NaN()}} {
		if r := proportion(&c[0], &c[1]); r != nil {
			t.Errorf("%v: got %+v", c, r)
		}
	}
	if r := proportion(nil, nil); r != nil {
		t.Errorf("got %+v", r)
	}
}
