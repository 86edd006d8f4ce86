package preview

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Paths are written as differences, without superfluous digits and spaces.
func TestPathsAreShort(t *testing.T) {
	var p pen
	p.through(point{10, 20}, point{15, 17.04}, point{19, 19.5}, point{19, 10}, point{22, 10}, point{22, 10})
	p.through(point{0, 0}, point{-0.5, 0.5})
	p.close()
	if want := "M10 20l5-3 4 2.5v-9.5h3m-22-10l-.5 .5Z"; p.String() != want {
		t.Errorf("the path is %s, want %s", &p, want)
	}
}

// Points on the line between their neighbors are left out, visible ones are kept.
func TestLinesAreThinned(t *testing.T) {
	line := []point{{0, 0}, {10, 0.2}, {20, -0.2}, {30, 0}, {40, 50}, {50, 0}, {60, 0}}
	want := []point{{0, 0}, {30, 0}, {40, 50}, {50, 0}, {60, 0}}
	if diff := cmp.Diff(want, thin(line), cmp.AllowUnexported(point{})); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
}
