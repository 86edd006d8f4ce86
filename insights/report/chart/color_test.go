package chart

import (
	"math"
	"testing"

	"github.com/go-analyze/charts"
)

// The eyes of two in a hundred men, after G. M. Machado, M. M. Oliveira and L. A. F. Fernandes,
// "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15
// (2009), at full severity, for linear RGB.
var eyes = map[string][3][3]float64{
	"anyone":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranopia": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
}

// Series can be told apart in grey and by everybody, and seen on their ground: lines need a
// contrast of 3 (WCAG 2.2, 1.4.11), texts one of 4.5.
func TestColors(t *testing.T) {
	for scheme, colors := range map[string][roles]string{"light": light, "dark": dark} {
		for r, c := range colors {
			least := 0.0
			if r := role(r); r == text || r == quiet {
				least = 4.5
			} else if r >= odd {
				least = 3
			}
			if got := contrast(c, colors[ground]); got < least {
				t.Errorf("%s: %s has a contrast of %.2f, want %.1f", scheme, names[r], got, least)
			}
		}
		for a := line1; a < roles; a++ {
			for b := a + 1; b < roles; b++ {
				if by := math.Abs(lab(linear(colors[a]))[0] - lab(linear(colors[b]))[0]); by < 7 {
					t.Errorf("%s: %s and %s differ by %.1f of 100 in lightness", scheme, names[a], names[b], by)
				}
				for who, eye := range eyes {
					if by := distance(seen(eye, colors[a]), seen(eye, colors[b])); by < 12 {
						t.Errorf("%s, %s: %s and %s differ by %.1f", scheme, who, names[a], names[b], by)
					}
				}
			}
		}
	}
}

func linear(color string) (v [3]float64) {
	c := charts.ParseColor(color)
	for i, x := range []uint8{c.R, c.G, c.B} {
		if v[i] = float64(x) / 255; v[i] <= .04045 {
			v[i] /= 12.92
		} else {
			v[i] = math.Pow((v[i]+.055)/1.055, 2.4)
		}
	}
	return v
}

func times(m [3][3]float64, v [3]float64) (product [3]float64) {
	for i, row := range m {
		product[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return product
}

func contrast(a, b string) float64 {
	luminance := func(c string) float64 { v := linear(c); return .2126*v[0] + .7152*v[1] + .0722*v[2] + .05 }
	return max(luminance(a), luminance(b)) / min(luminance(a), luminance(b))
}

func seen(eye [3][3]float64, color string) [3]float64 {
	v := times(eye, linear(color))
	for i := range v {
		v[i] = min(max(v[i], 0), 1)
	}
	return lab(v)
}

// lab converts linear RGB to CIELAB, with the white of D65.
func lab(v [3]float64) [3]float64 {
	xyz := times([3][3]float64{{.4124, .3576, .1805}, {.2126, .7152, .0722}, {.0193, .1192, .9505}}, v)
	for i, white := range []float64{.9505, 1, 1.089} {
		if xyz[i] /= white; xyz[i] > .008856 {
			xyz[i] = math.Cbrt(xyz[i])
		} else {
			xyz[i] = 7.787*xyz[i] + 16./116
		}
	}
	return [3]float64{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}
