package history

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/nats"
)

// Totals with other buckets cannot be continued.
func TestTotalsWithOtherBucketsStartOver(t *testing.T) {
	before := slices.Clone(bounds)
	other := newTotals()
	other.Through = 7
	for i := range other.Bounds {
		other.Bounds[i]++
	}
	other.ToResolve["critical"].Buckets[0] = 3
	got, err := decodeTotals(message(t, other))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(newTotals(), got); diff != "" {
		t.Errorf("(-new +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, bounds); diff != "" {
		t.Errorf("the buckets have changed:\n%s", diff)
	}
}

func TestTotalsRoundTrip(t *testing.T) {
	want := newTotals()
	want.At, want.Through = minute(5), 7
	want.ToResolve["critical"].Buckets[4] = 3
	want.ToAcknowledge["warning"] = Durations{Buckets: make([]uint64, len(bounds)+1), Milliseconds: 1500}
	got, err := decodeTotals(message(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTotalsRefuse(t *testing.T) {
	short := newTotals()
	short.ToResolve["critical"] = Durations{Buckets: []uint64{1}}
	for want, m := range map[string]nats.Message{
		"message 0 holds no totals":                       {Data: []byte("{")},
		`message 0 has 1 buckets for severity "critical"`: message(t, short),
	} {
		if _, err := decodeTotals(m); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// 900 s is the objective; exactly 900 s meets it.
func TestTheObjectiveIsABucket(t *testing.T) {
	totals := newTotals()
	for _, seconds := range []float64{900, 900.001} {
		totals.add(&Record{Transition: Resolved, Seconds: seconds, Labels: map[string]string{"severity": "critical"}})
	}
	totals.add(&Record{Transition: Resolved, Seconds: 1e9, Labels: map[string]string{"severity": "strange"}})
	i := slices.Index(bounds, 900)
	if d := totals.ToResolve["critical"]; i < 0 || d.Buckets[i] != 1 || d.Buckets[i+1] != 1 ||
		d.Milliseconds != 1_800_001 {
		t.Errorf("%+v", d)
	}
	if d := totals.ToResolve["warning"]; d.Buckets[len(bounds)] != 1 {
		t.Errorf("an alert of an unknown severity is not among the warnings: %+v", d)
	}
}

func message(t *testing.T, totals Totals) nats.Message {
	t.Helper()
	data, err := json.Marshal(totals)
	if err != nil {
		t.Fatal(err)
	}
	return nats.Message{Data: data}
}
