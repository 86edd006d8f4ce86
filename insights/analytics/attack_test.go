package analytics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"belfry/rules"
)

func TestStretches(t *testing.T) {
	for _, c := range []struct {
		people []float64
		over   bool
		want   string // | where a period may begin or end
	}{
		{[]float64{60, 60}, true, "|||"},
		{[]float64{60, 0, 3, 0, 60}, true, "|||..|"},
		{[]float64{60, 0, 0, 3}, true, "|...|"},
		{[]float64{60, 0, 0, 3}, false, "||||."},
		{[]float64{20, 20, 20, 20}, true, "|...|"},
		{[]float64{20, 20, 20, 20, 40}, true, "|..|.|"},
		{[]float64{3}, true, "||"},
		{[]float64{0, 0}, true, "|||"},
	} {
		got := ""
		for _, open := range stretches(c.people, 50, c.over) {
			got += map[bool]string{true: "|", false: "."}[open]
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.people, got, c.want)
		}
	}
}

// The smallest group is never alone among those that are withheld.
func TestWithhold(t *testing.T) {
	for _, c := range []struct {
		people map[string]float64
		want   []string
	}{
		{map[string]float64{"a": 100, "b": 60}, nil},
		{map[string]float64{"a": 1000, "b": 60, "c": 3}, []string{"b", "c"}},
		{map[string]float64{"a": 1000, "b": 60, "c": 3, "d": 4}, []string{"b", "c", "d"}},
		{map[string]float64{"a": 1000, "b": 60, "c": 30, "d": 40}, []string{"c", "d"}},
		{map[string]float64{"a": 1000, "b": 3}, []string{"a", "b"}},
		{map[string]float64{"a": 1000, "b": 0}, nil},
	} {
		g := grid{}
		for name, n := range c.people {
			g[name] = map[string]float64{"": n}
		}
		if got := sortedKeys(g.withhold(50)); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.people, got, c.want)
		}
	}
	// A row with a small cell in one column is withheld in all of them.
	g := grid{"x": {"email": 500, "push": 3}, "y": {"email": 100}, "z": {"push": 90}, "u": {"email": 900, "push": 900}}
	if got := sortedKeys(g.withhold(50)); !slices.Equal(got, []string{"x", "z"}) {
		t.Errorf("withheld %v", got)
	}
}

// released is a published number: whose it is, by which hours and channels it counts.
type released struct {
	cells []float64 // 1 for each hour of each channel that is in it
	sum   float64
}

// Whatever is published is subtracted from each other: no difference is about fewer
// users than the floor. The attacker asks for all periods of two days by the hour and
// the day, for all channels and for each.
func TestDifferences(t *testing.T) {
	const floor = 50
	channels := []string{"email", "push", "sms", "chat"}
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(7, 8))
	r := newRecorder(t)
	people := make([]float64, 48*len(channels))
	for n := range 48 {
		at := begin.Add(time.Duration(n+1) * hour)
		for i, channel := range channels {
			// Some hours are busy, some quiet, and chat has hardly any user at all.
			size := float64(random.IntN([]int{90, 60, 40, 4}[i]) * min(1, random.IntN(4)))
			people[n*len(channels)+i] = size
			r.record(rules.StageVolume, []string{"sent", channel}, at, size)
		}
		r.commit(at)
	}
	s := r.source(begin.Add(48 * hour))
	var all []released
	for from := 0; from < 47; from += 3 {
		for _, length := range []int{1, 2, 3, 5, 24 - from%24, 48 - from} {
			for _, channel := range append([]string{""}, channels...) {
				request := Request{
					From: begin.Add(time.Duration(from) * hour), To: begin.Add(time.Duration(min(48, from+length)) * hour),
					Granularity: Hour, Floor: floor,
				}
				if channel != "" {
					request.Channels = []string{channel}
				}
				c := &computation{Source: s, request: request, now: s.Now(), answer: &Analytics{Withheld: map[string]Withheld{}}}
				c.span = Span{request.From, request.To}
				if c.totals(t.Context()) != nil {
					continue
				}
				all = append(all, numbers(c.answer, c.span, c.old, channel, channels, begin)...)
			}
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d numbers are published", len(all))
	}
	attack(t, all, people, floor)
}

// numbers returns the numbers that an answer publishes.
func numbers(a *Analytics, span, before Span, only string, channels []string, begin time.Time) []released {
	number := func(s Span, channel string, sum float64) released {
		n := released{make([]float64, 48*len(channels)), sum}
		for at := s.From; at.Before(s.To); at = at.Add(hour) {
			for i, one := range channels {
				if index := int(at.Sub(begin)/hour)*len(channels) + i; (channel == "" || one == channel) && index >= 0 {
					n.cells[index] = 1
				}
			}
		}
		return n
	}
	all := []released{number(span, only, *a.TotalNotifications.Value)}
	if sum := a.TotalNotifications.Previous; sum != nil {
		all = append(all, number(before, only, *sum))
	}
	for _, b := range a.Series {
		all = append(all, number(b.Span, only, b.Sent))
	}
	for _, m := range a.ChannelMetrics {
		all = append(all, number(span, m.Channel, *m.Volume.Value))
		if sum := m.Volume.Previous; sum != nil {
			all = append(all, number(before, m.Channel, *sum))
		}
	}
	return all
}

// attack subtracts each number from each other, and from those of a sample the sum of
// two others.
func attack(t *testing.T, all []released, people []float64, floor float64) {
	t.Helper()
	unique := map[string]released{}
	for _, n := range all {
		got := 0.0
		key := make([]byte, len(n.cells))
		for i, in := range n.cells {
			got += in * people[i]
			key[i] = byte(in)
		}
		if got != n.sum {
			t.Fatalf("a published number is %v, its cells add up to %v", n.sum, got)
		}
		unique[string(key)] = n
	}
	keys := sortedKeys(unique)
	t.Logf("%d different numbers", len(keys))
	random := rand.New(rand.NewPCG(9, 10))
	for _, a := range keys {
		for _, b := range keys {
			isolate(t, people, floor, unique[a], unique[b])
			third := unique[keys[random.IntN(len(keys))]]
			isolate(t, people, floor, unique[a], unique[b], third)
		}
	}
}

// isolate fails if the first number less the others counts some cells once and all
// others not at all, and these have fewer users than the floor.
func isolate(t *testing.T, people []float64, floor float64, whole released, parts ...released) {
	t.Helper()
	left := 0.0
	for i, in := range whole.cells {
		for _, p := range parts {
			in -= p.cells[i]
		}
		if in < 0 && people[i] > 0 {
			return
		}
		left += math.Max(0, in) * people[i]
	}
	if left > 0 && left < floor {
		t.Errorf("%v users are isolated by %v less %v", left, whole.sum, parts[0].sum)
	}
}
