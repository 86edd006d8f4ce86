package typeface

import "testing"

// What the typeface has stays, and what it lacks can still be told.
func TestLegible(t *testing.T) {
	for text, want := range map[string]string{
		"Zürich ▲ ▼ → ≈ −1 × … · „a“ €": "Zürich ▲ ▼ → ≈ −1 × … · „a“ €",
		"Жёлтый Ωμέγα łąka":             "Жёлтый Ωμέγα łąka",
		"✓ ✕ ◆":                         "√ × ■",
		"日本":                            `\u65e5\u672c`,
		"❤\ufe0f":                       `\u2764`,
		"a\u202eb\x00":                  `a\u202eb\x00`,
	} {
		if got := Legible(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if Legible(want) != want {
			t.Errorf("%q is not legible", want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, width := range []float64{0, 10, 50, 200} {
		if got := Fit("a_very_long_name_of_a_template", 12, width); width > 15 && Width(got, 12) > width {
			t.Errorf("%q takes %.1f, more than %.0f", got, Width(got, 12), width)
		}
	}
	if got := Fit("email", 12, 100); got != "email" {
		t.Errorf("got %q", got)
	}
}
