package errorcode

import "testing"

func TestOverlap(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"5.1.*", "5.*", true}, {"5.1.*", "5.2.*", false}, {"a*c", "ab*", true}, {"*x", "x*", true},
		{"a*", "*b", true}, {"a*b", "a*c", false}, {"abc", "abd", false},
		{"*", "*", true}, {"a*b*c", "abc", true}, {"a*b*c", "ac", false}, {"x*y", "*z*", true},
	} {
		if got := overlap(tt.a, tt.b); got != tt.want || overlap(tt.b, tt.a) != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestAmbiguous(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"acme_*", "*_down", true}, {"ACME*", "acme*", true}, {"5.1.*", "5.*", false}, {"5.1.*", "5.2.*", false},
	} {
		if got := Ambiguous(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}
