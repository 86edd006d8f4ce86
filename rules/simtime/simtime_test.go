package simtime_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"belfry/rules/simtime"
)

var begin = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

func minute(n float64) time.Time { return begin.Add(time.Duration(n * float64(time.Minute))) }

// The slow group reads what the fast one has just recorded, although its name
// comes first.
const ruleFile = `
groups:
  - name: a_slow
    interval: 1m
    rules:
      - {record: slow, expr: fast + 1}
  - name: b_fast
    interval: 10s
    rules:
      - {record: fast, expr: x * 1}
      - {record: lately, expr: 'min_over_time(x[2m:])'} # by the minute, as a server without a setting does
      - {alert: Low, expr: x < 5, for: 20s, keep_firing_for: 1m, labels: {severity: warning}}
      - {alert: Gone, expr: absent(x)}
`

func open(t *testing.T, file string) *simtime.Server {
	t.Helper()
	s, err := simtime.Open(t.Context(), t.TempDir(), map[string][]byte{"rules/test.yaml": []byte(file)},
		tsdb.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run simulates ten minutes. x is 9, then 1 from minute 3 to minute 5, and stale
// from minute 8 on.
func run(t *testing.T, s *simtime.Server, least time.Duration, groups ...string) {
	t.Helper()
	x := &simtime.Series{Labels: labels.FromStrings("__name__", "x", "channel", "email")}
	for at := begin.Add(10 * time.Second); !at.After(minute(10)); at = at.Add(10 * time.Second) {
		value := 9.0
		switch {
		case !at.Before(minute(8)):
			value = simtime.Stale
		case !at.Before(minute(3)) && at.Before(minute(5)):
			value = 1
		}
		if err := s.Scrape(t.Context(), at, func(add simtime.Append) error { return add(x, value) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Evaluate(t.Context(), at, least, groups...); err != nil {
			t.Fatal(err)
		}
	}
}

// samples returns the times and values of a recorded series.
func samples(t *testing.T, s *simtime.Server, name string) (times []time.Time, values []float64) {
	t.Helper()
	querier, err := s.DB.Querier(begin.UnixMilli(), minute(10).UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	defer querier.Close()
	set := querier.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			at, value := it.At()
			times, values = append(times, time.UnixMilli(at).UTC()), append(values, value)
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return times, values
}

func TestGroupsAreEvaluatedAtTheirIntervals(t *testing.T) {
	s := open(t, ruleFile)
	run(t, s, 0)
	times, values := samples(t, s, "slow")
	// The last sample is the stale marker.
	if len(times) != 8 || !times[0].Equal(minute(1)) || !times[7].Equal(minute(8)) {
		t.Errorf("the slow group is recorded at %v", times)
	}
	if diff := cmp.Diff([]float64{10, 10, 2, 2, 10, 10, 10}, values[:7]); diff != "" {
		t.Errorf("the slow group reads other values than the latest (-want +got):\n%s", diff)
	}
	if times, _ := samples(t, s, "fast"); len(times) != 48 {
		t.Errorf("the fast group is recorded %d times, want every 10 s until minute 8", len(times))
	}
	_, values = samples(t, s, "lately")
	if low := slices.Index(values, 1); low < 0 || slices.Index(values[low:], 9) != 3*6 {
		t.Errorf("the minimum of two minutes is %v", values)
	}
}

func TestNoGroupIsEvaluatedMoreOftenThanAsked(t *testing.T) {
	s := open(t, ruleFile)
	run(t, s, 2*time.Minute, "b_fast")
	if times, _ := samples(t, s, "fast"); len(times) != 4 || !times[0].Equal(minute(2)) {
		t.Errorf("the fast group is recorded at %v, want every 2 minutes", times)
	}
	if times, _ := samples(t, s, "slow"); len(times) > 0 {
		t.Errorf("the slow group is recorded at %v, and was not asked for", times)
	}
}

func TestAlertsFire(t *testing.T) {
	s := open(t, ruleFile)
	run(t, s, 0)
	low := labels.FromStrings("alertname", "Low", "channel", "email", "severity", "warning")
	want := []simtime.Firing{
		// Pending for 20 s. The condition ends at minute 5, and the alert fires for another minute.
		{Labels: low, From: minute(3 + 2./6), To: minute(6)},
		{Labels: labels.FromStrings("alertname", "Gone"), From: minute(8), To: minute(10)},
	}
	if diff := cmp.Diff(want, s.Fired(minute(10)), cmp.Comparer(labels.Equal)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	s := open(t, `
groups:
  - name: a
    interval: 1m
    rules:
      - {record: broken, expr: 'label_replace(vector(1), "a", "", "b", "(")'}
`)
	err := s.Evaluate(t.Context(), minute(1), 0)
	if err == nil || !strings.Contains(err.Error(), "evaluate broken at 2026-03-03T12:01:00Z: ") {
		t.Errorf("a rule that cannot be evaluated: %v", err)
	}
	err = s.Scrape(t.Context(), minute(2), func(add simtime.Append) error {
		if err := add(&simtime.Series{Labels: labels.FromStrings("__name__", "good")}, 1); err != nil {
			t.Error(err)
		}
		return add(&simtime.Series{}, 1)
	})
	if err == nil || !strings.Contains(err.Error(), "scrape at 2026-03-03T12:02:00Z: append {}: ") {
		t.Errorf("a series without labels: %v", err)
	}
	if times, _ := samples(t, s, "good"); len(times) > 0 {
		t.Error("half a scrape was appended")
	}
	if err := s.Evaluate(t.Context(), minute(1), 0, "a", "b"); err == nil ||
		!strings.Contains(err.Error(), `group "b"`) {
		t.Errorf("an unknown group: %v", err)
	}
	files := map[string][]byte{"a.yaml": []byte("groups: [{name: a, rules: [{record: a, expr: 'up ='}]}]")}
	if _, err := simtime.Open(t.Context(), t.TempDir(), files, tsdb.DefaultOptions()); err == nil ||
		!strings.Contains(err.Error(), "load the rules: ") {
		t.Errorf("an invalid rule file: %v", err)
	}
}

// Nights and weekends are quiet, and every week is the same.
func TestBusy(t *testing.T) {
	tuesday := time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)
	at := func(days, hour int) float64 {
		return simtime.Busy(tuesday.AddDate(0, 0, days).Add(time.Duration(hour) * time.Hour))
	}
	if noon, night, sunday := at(0, 12), at(0, 3), at(5, 12); noon < 0.9 || noon > 1 || night != 0.25 ||
		sunday != noon/2 {
		t.Errorf("noon %v, night %v, Sunday %v", noon, night, sunday)
	}
	if at(0, 12) != at(7, 12) || at(0, 12) != at(-700, 12) {
		t.Error("weeks differ")
	}
}

// A batch appends what its scrapes would, and is empty then.
func TestBatchAppendsItsScrapes(t *testing.T) {
	s := open(t, "groups: []\n")
	all := []*simtime.Series{
		{Labels: labels.FromStrings("__name__", "a")}, {Labels: labels.FromStrings("__name__", "b")},
	}
	batch := &simtime.Batch{}
	for n := range 4 {
		add := batch.At(minute(float64(n)))
		for i, series := range all[:1+n%2] { // b is in every other scrape
			if err := add(series, float64(10*n+i)); err != nil {
				t.Fatal(err)
			}
		}
		if n == 2 {
			if err := s.Append(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float64{"a": {0, 10, 20, 30}, "b": {11, 31}} {
		if _, got := samples(t, s, name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// EvaluateNow evaluates one group between its intervals.
func TestEvaluateNow(t *testing.T) {
	s := open(t, ruleFile)
	defer s.DB.Close()
	at := minute(0.5) // the slow group is due at full minutes
	series := &simtime.Series{Labels: labels.FromStrings("__name__", "fast")}
	err := s.Scrape(t.Context(), at, func(add simtime.Append) error { return add(series, 7) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EvaluateNow(t.Context(), at, "a_slow"); err != nil {
		t.Fatal(err)
	}
	found, _, _, err := s.API().Query(t.Context(), "slow", at)
	if err != nil || !strings.Contains(found.String(), "=> 8 @") {
		t.Errorf("slow is %v, %v", found, err)
	}
	if err := s.EvaluateNow(t.Context(), at, "other"); err == nil {
		t.Error("a group that does not exist was evaluated")
	}
}
