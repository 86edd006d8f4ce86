package fold_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
)

// The fold finds the values that it names itself by their names. In whichever
// order the catalogue lists them, it shows the same series.
func TestTheOrderOfLabelValuesMakesNoDifference(t *testing.T) {
	o := randomOptions(2)
	messages := write(2, 400, o.UserKey)
	shown := func() map[string]string {
		s := newState(o)
		for _, m := range messages {
			foldOne(s, m)
		}
		return exactly(s)
	}
	typed := []*catalog.Label{catalog.LabelStage, catalog.LabelEvent, catalog.LabelRejection, catalog.LabelStep}
	want := shown()
	for _, l := range catalog.Labels {
		if l.Free() || slices.Contains(typed, l) {
			continue
		}
		slices.Reverse(l.Values)
		defer slices.Reverse(l.Values)
	}
	if catalog.LabelFault.Values[len(catalog.LabelFault.Values)-1] == catalog.FaultNone {
		t.Fatal("the fault none is the last one, so that nothing is proved of it")
	}
	if d := cmp.Diff(want, shown()); d != "" {
		t.Errorf("series in the order of the catalogue, and in another one (-want +got):\n%s", d)
	}
}
