package query_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/insights/query/querytest"
	"belfry/rules"
	"belfry/rules/expr"
)

const (
	day  = 24 * time.Hour
	tile = 5 * time.Minute
)

var (
	channels = []string{"email", "push", "sms"}
	began    = noon.Add(-9 * day)
)

// increase is a recorded increase of one channel.
type increase struct {
	at    time.Time
	sizes map[string]float64
}

// offsets lists when the rule group is evaluated within five minutes, which changes when a
// server is moved: once between the last increase of an hour and its end.
var offsets = []struct{ from, until, offset time.Duration }{
	{0, 70*time.Hour + 58*time.Minute, 137042 * time.Millisecond},
	{70*time.Hour + 58*time.Minute, 103 * time.Hour, 239 * time.Second},
	{103 * time.Hour, 10 * day, 61500 * time.Millisecond},
}

// increases returns nine days of recorded increases. For some hours nothing is recorded,
// and from the sixth day on evaluations are missed.
func increases() []increase {
	random := rand.New(rand.NewPCG(1, 2))
	var all []increase
	for slot := time.Duration(0); slot < 9*day; slot += 5 * time.Minute {
		for _, o := range offsets {
			at := slot + o.offset
			gone := at > 150*time.Hour && at < 153*time.Hour
			missed := slot > 5*day && slot < 9*day-time.Hour && random.IntN(60) == 0
			if at < o.from || at >= o.until || gone || missed {
				continue
			}
			sizes := map[string]float64{}
			for _, channel := range channels {
				sizes[channel] = float64(random.IntN(1000))
			}
			all = append(all, increase{began.Add(at), sizes})
		}
	}
	return all
}

// moves lists when hours and days are recorded within an hour: not before an upgrade, and from
// another offset on after a move, once so that an hour is recorded twice and once so that
// one is left out.
var moves = []struct{ from, until, offset time.Duration }{
	{50 * time.Hour, 80 * time.Hour, 50 * time.Minute},
	{80 * time.Hour, 120*time.Hour + 30*time.Minute, 5 * time.Minute},
	{121*time.Hour + 30*time.Minute, 10 * day, 10*time.Minute + 250*time.Millisecond},
}

// evaluations returns when hours and days are recorded. Some evaluations are missed.
func evaluations() []time.Time {
	random := rand.New(rand.NewPCG(5, 6))
	var all []time.Time
	for slot := time.Duration(0); slot < 9*day; slot += time.Hour {
		for _, m := range moves {
			at := slot + m.offset
			missed := at > 6*day && random.IntN(20) == 0
			if at >= m.from && at < m.until && at < 9*day && !missed {
				all = append(all, began.Add(at))
			}
		}
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
	recorded := []expr.Recorded{
		rules.HourComplete, rules.DayComplete, rules.StageVolume.IncreaseHour, rules.StageVolume.IncreaseDay,
	}
	url := querytest.Serve(t, func(p *querytest.Past) { write(recorder{p}) }, recorded...)
	return source(t, url, query.Options{})
}

// The sums over any periods are exact, whatever the offsets of the rule groups.
func TestIncreasesAreExact(t *testing.T) {
	all := increases()
	v := rules.StageVolume
	s := serve(t, func(r recorder) {
		due := evaluations()
		for _, one := range all {
			for ; len(due) > 0 && due[0].Before(one.at); due = due[1:] {
				r.Evaluate(due[0])
			}
			r.write(v.Increase5m.Name, "", one.at, one.sizes)
		}
		for at := began.Add(33300 * time.Millisecond); !at.After(noon); at = at.Add(4 * time.Minute) {
			if gone := at.Sub(began); gone > 150*time.Hour && gone < 153*time.Hour {
				continue
			}
			r.write(v.Increase1h.Name, "", at, between(all, at.Add(-time.Hour), at))
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
	for i := range 40 {
		edges := times(2)
		if i%2 == 0 {
			length := []time.Duration{time.Hour, day}[i/2%2]
			edges[0], edges[1] = edges[0].Truncate(length), edges[1].Truncate(length)
		}
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

// fewQueries reads hours where they are recorded, and everything where they are not.
func fewQueries(t *testing.T, s *query.Source) {
	for _, c := range []struct {
		from, to time.Duration
		want     string
	}{
		{52 * time.Hour, 78 * time.Hour, `increase_hour[23h59m59s999ms]))`},
		{60 * time.Hour, 84 * time.Hour, `increase_day[23h59m59s999ms]))`},
		{60 * time.Hour, 108 * time.Hour, `increase_day[1d23h59m59s999ms]))`},
		{52 * time.Hour, 78 * time.Hour, `increase_hour[1h59m59s999ms]))`},
		{78 * time.Hour, 80 * time.Hour, `increase5m[59m59s999ms]))`},   // one is there twice
		{118 * time.Hour, 120 * time.Hour, `increase5m[59m59s999ms]))`}, // one is left out
		{30 * time.Hour, 54 * time.Hour, `increase5m[23h59m59s999ms]))`},
		{30 * time.Hour, 40 * time.Hour, `increase5m[9h59m59s999ms]))`},
		{81*time.Hour + 30*time.Minute, 129*time.Hour + 30*time.Minute, `increase5m[29m59s999ms]))`},
		{81*time.Hour + 30*time.Minute, 129*time.Hour + 30*time.Minute, `increase_hour[23h59m59s999ms]))`},
		{9*day - 2*time.Hour, 9*day - time.Hour, `increase5m[59m59s999ms]))`}, // perhaps not yet recorded
	} {
		got, err := s.Increase(t.Context(), rules.StageVolume, began.Add(c.from), began.Add(c.to), nil)
		if err != nil || !slices.ContainsFunc(got.Queries, func(q string) bool { return strings.HasSuffix(q, c.want) }) {
			t.Errorf("from %s to %s: %q, %v; want …%s", c.from, c.to, got.Queries, err, c.want)
		}
	}
}

// A target whose rules record no hours yet is counted, beside one whose rules do.
func TestIncreasesOfSeveralTargets(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const long, upgrade = 60 * time.Hour, 30 * time.Hour
	sent := map[time.Time]float64{} // of both, by when it was recorded
	s := serve(t, func(r recorder) {
		hour := map[string]float64{}
		var last map[string]float64
		for at := tile; at <= long; at += tile {
			for _, env := range []string{"eu", "us"} {
				labels := []string{catalog.LabelStage.Name, "sent", catalog.LabelChannel.Name, "email", "env", env}
				size := float64(random.IntN(1000))
				hour[env] += size
				sent[noon.Add(at-long)] += size
				all := []querytest.Sample{{Name: rules.StageVolume.Increase5m.Name, Value: size, Labels: labels}}
				if at%time.Hour == 0 && at > time.Hour && (env == "eu" || at > upgrade) {
					all = append(all,
						querytest.Sample{Name: rules.StageVolume.IncreaseHour.Name, Value: last[env], Labels: labels},
						querytest.Sample{Name: rules.HourComplete.Name, Value: 1, Labels: labels[4:]})
				}
				r.Write(noon.Add(at-long), all...)
			}
			if at%time.Hour == 0 {
				last, hour = hour, map[string]float64{}
			}
		}
	})
	for _, c := range []struct {
		from, to time.Duration
		read     string
	}{
		{0, long, "increase_hour"}, {0, long, "increase5m"}, {10 * time.Hour, 12 * time.Hour, "increase5m"},
		{40 * time.Hour, 45 * time.Hour, "increase_hour"}, {29 * time.Hour, 30 * time.Hour, "increase_hour"},
		{28 * time.Hour, 29 * time.Hour, "increase5m"},
	} {
		from, to := noon.Add(c.from-long), noon.Add(c.to-long)
		want := 0.0
		for at, size := range sent {
			if at.After(from) && !at.After(to) {
				want += size
			}
		}
		got, err := s.Increase(t.Context(), rules.StageVolume, from, to, nil)
		reads := func(q string) bool { return strings.Contains(q, "sum_over_time") && strings.Contains(q, c.read) }
		if err != nil || got.Sum() != want || !slices.ContainsFunc(got.Queries, reads) {
			t.Errorf("from %s to %s: %v, %v, %q; want %v", c.from, c.to, got.Sum(), err, got.Queries, want)
		}
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
