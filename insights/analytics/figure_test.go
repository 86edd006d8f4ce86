package analytics

import "testing"

// What only rounding moves is no change, and one notification of many is.
func TestChange(t *testing.T) {
	for _, c := range []struct{ now, before, want float64 }{
		{1.1, 1, 0.1}, {0.30000000000000004, 0.3, 0}, {3 - 1e-14, 3, 0}, {1e9 + 1, 1e9, 1e-9}, {-2, -2, 0},
	} {
		f := compare(known(c.now), known(c.before))
		if f.Change == nil || !Same(*f.Change, c.want) {
			t.Errorf("%v after %v: changed by %v, want %v", c.now, c.before, *f.Change, c.want)
		}
	}
	if f := compare(known(1), known(0)); f.Change != nil {
		t.Errorf("1 after 0: changed by %v", *f.Change)
	}
}
