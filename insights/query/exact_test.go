package query_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/query/querytest"
	"belfry/rules"
	"belfry/rules/expr"
)

const day = 24 * time.Hour

var (
	channels = []string{"email", "push", "sms"}
	began    = noon.Add(-9 * day)
)

// increase is a recorded increase of one channel.
type increase struct {
	at    time.Time
	sizes map[string]float64
}

// increases returns nine days of recorded increases. As on a server that was moved,
// the rule group's offset changes on the way, and nothing is recorded for some hours.
func increases() []increase {
	random := rand.New(rand.NewPCG(1, 2))
	var all []increase
	moved := began.Add(4*day + 7*time.Hour)
	offset := 137042 * time.Millisecond
	for at := began.Add(offset); !at.After(noon); at = at.Add(5 * time.Minute) {
		if at.After(moved) && offset != 0 {
			at, offset = at.Add(-offset).Add(61500*time.Millisecond), 0
		}
		if gone := at.Sub(began); gone > 150*time.Hour && gone < 153*time.Hour {
			continue
		}
		sizes := map[string]float64{}
		for _, channel := range channels {
			sizes[channel] = float64(random.IntN(1000))
		}
		all = append(all, increase{at, sizes})
	}
	return all
}

// between adds up the increases after from, until to.
func between(all []increase, from, to time.Time) map[string]float64 {
	sums := map[string]float64{}
	first := sort.Search(len(all), func(i int) bool { return all[i].at.After(from) })
	for _, one := range all[first:] {
		if one.at.After(to) {
			break
		}
		for channel, size := range one.sizes {
			sums[channel] += size
		}
	}
	return sums
}

// recorder writes what was sent, by channel.
type recorder struct{ *querytest.Past }

func (r recorder) write(name, pod string, at time.Time, byChannel map[string]float64) {
	r.Helper()
	var all []querytest.Sample
	for channel, value := range byChannel {
		all = append(all, querytest.Sample{Name: name, Value: value, Labels: []string{catalog.LabelStage.Name, "sent",
			catalog.LabelChannel.Name, channel, "pod", pod}})
	}
	r.Write(at, all...)
}

// serve starts Prometheus on what write writes.
func serve(t *testing.T, write func(recorder)) *query.Source {
	t.Helper()
	url := querytest.Serve(t, func(p *querytest.Past) { write(recorder{p}) })
	return source(t, url, query.Options{})
}

// The sums over any periods are exact, whatever the offsets of the rule groups.
func TestIncreasesAreExact(t *testing.T) {
	all := increases()
	v := rules.StageVolume
	s := serve(t, func(r recorder) {
		for _, one := range all {
			r.write(v.Increase5m.Name, "", one.at, one.sizes)
		}
		for at := began.Add(33300 * time.Millisecond); !at.After(noon); at = at.Add(4 * time.Minute) {
			if gone := at.Sub(began); gone > 150*time.Hour && gone < 153*time.Hour {
				continue
			}
			r.write(v.Increase1h.Name, "", at, between(all, at.Add(-time.Hour), at))
			r.write(v.Increase1d.Name, "", at, between(all, at.Add(-day), at))
		}
	})
	random := rand.New(rand.NewPCG(3, 4))
	times := func(n int) []time.Time {
		edges := make([]time.Time, n)
		for i := range edges {
			edges[i] = began.Add(time.Duration(random.IntN(9*288+1)) * 5 * time.Minute)
		}
		slices.SortFunc(edges, time.Time.Compare)
		return edges
	}
	for range 25 {
		edges := times(2)
		got, err := s.Increase(t.Context(), v, edges[0], edges[1], []*catalog.Label{catalog.LabelChannel})
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]float64{}
		for _, e := range got.Values {
			sums[e.Labels.Of(catalog.LabelChannel)] = e.Value
		}
		if d := cmp.Diff(between(all, edges[0], edges[1]), sums); d != "" {
			t.Errorf("from %s to %s: %s", edges[0], edges[1], d)
		}
	}
	for range 10 {
		edges := times(2 + random.IntN(20))
		got, err := s.Buckets(t.Context(), v, edges, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(edges)-1)
		for i := range want {
			for size := range maps.Values(between(all, edges[i], edges[i+1])) {
				want[i] += size
			}
		}
		if d := cmp.Diff(want, got.Sum()); d != "" {
			t.Errorf("%v: %s", edges, d)
		}
	}
	t.Run("few queries", func(t *testing.T) { fewQueries(t, s) })
	t.Run("coverage", func(t *testing.T) { coverage(t, s) })
	t.Run("means", func(t *testing.T) { means(t, s) })
}

// fewQueries reads days as days.
func fewQueries(t *testing.T, s *query.Source) {
	got, err := s.Increase(t.Context(), rules.StageVolume, began.Add(12*time.Hour), began.Add(4*day), nil)
	want := `sum by () (sum_over_time(last_over_time(stage_channel:notification_stage:increase1d[5m] offset ` +
		`23h57m42s959ms)[2d23h59m59s999ms:1d]))`
	if err != nil || !slices.Contains(got.Queries, want) {
		t.Errorf("%q, %v; want %s", got.Queries, err, want)
	}
}

// means compares means with those of all points.
func means(t *testing.T, s *query.Source) {
	e := expr.Max(expr.LastOverTime(rules.StageVolume.Increase1h, "10m")).By(catalog.LabelChannel)
	for _, c := range []struct {
		from, length, step time.Duration
	}{
		{0, 9 * day, time.Hour}, {65 * time.Minute, day, time.Hour},
		{140 * time.Hour, 26*time.Hour + 5*time.Minute, time.Hour},
		{30 * time.Hour, 0, 25 * time.Minute}, {30 * time.Hour, 3 * time.Hour, 25 * time.Minute},
	} {
		from, to := began.Add(c.from), began.Add(c.from+c.length)
		all, err := s.Range(t.Context(), e, from, to, c.step)
		if err != nil || len(all.Series) != len(channels) {
			t.Fatalf("%d series, %v", len(all.Series), err)
		}
		got, err := s.Mean(t.Context(), e, from, to, c.step)
		if err != nil || len(got.Values) != len(channels) {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, one := range all.Series {
			sum := 0.0
			for _, p := range one.Points {
				sum += p.Value
			}
			want := sum / float64(len(one.Points))
			if mean, _ := got.Find(one.Labels); math.Abs(mean-want) > 1e-9*want {
				t.Errorf("%+v: mean of %v is %v, want %v", c, one.Labels, mean, want)
			}
		}
	}
}

func coverage(t *testing.T, s *query.Source) {
	for name, c := range map[string]struct {
		from, to time.Time
		state    query.State
		missing  float64
	}{
		"all":     {began, noon, query.OK, 0},
		"more":    {began.Add(-9 * day), noon, query.Partial, 0.5},
		"a hole":  {began.Add(148 * time.Hour), began.Add(156 * time.Hour), query.Partial, 0.375},
		"nothing": {began.Add(-9 * day), began.Add(-8 * day), query.NoData, 1},
	} {
		got, err := s.Coverage(t.Context(), c.from, c.to)
		if err != nil || got.Status.State != c.state || got.Missing != c.missing {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	age, err := s.Age(t.Context())
	if err != nil || age.Age != 238500*time.Millisecond || age.Status.State != query.OK {
		t.Errorf("age %+v, %v", age, err)
	}
}

// Raw deltas survive a reset, a move to another pod, and a new series.
func TestDeltasAreExact(t *testing.T) {
	counted := []struct {
		pod    string
		second int
		value  float64
	}{
		{"a", 0, 5}, {"a", 30, 7}, {"a", 70, 10}, // 2 before a minute, 3 after
		{"a", 90, 4},                                // it started over and counted 4
		{"b", 130, 6}, {"a", 140, 4}, {"b", 150, 9}, // it moved, and is still shown at 4 in the old place
		{"c", 190, 9}, {"c", 200, 11},
		{"c", 700, 3}, // silent for long, then another pod from 0
	}
	s := serve(t, func(r recorder) {
		for _, c := range counted {
			at := noon.Add(-time.Hour + time.Duration(c.second)*time.Second)
			r.write(catalog.Stages.Name, c.pod, at, map[string]float64{"email": c.value})
		}
		r.write(catalog.Stages.Name, "a", noon.Add(-time.Hour+100*time.Second), map[string]float64{"push": 0})
		r.write(catalog.Stages.Name, "a", noon.Add(-time.Hour+110*time.Second), map[string]float64{"push": 8})
	})
	edges := []time.Time{noon.Add(-time.Hour)}
	for range 13 {
		edges = append(edges, edges[len(edges)-1].Add(time.Minute))
	}
	got, err := s.Deltas(t.Context(), catalog.Stages, edges, []*catalog.Label{catalog.LabelChannel})
	if err != nil {
		t.Fatal(err)
	}
	want := []query.Row{
		{query.Labels{"channel": "email"}, []float64{2, 7, 5, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0}},
		{query.Labels{"channel": "push"}, []float64{0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	}
	if d := cmp.Diff(want, got.Rows); d != "" {
		t.Error(d)
	}
}
