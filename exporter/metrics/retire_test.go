package metrics_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

const (
	dayLong = 24 * time.Hour
	life    = 10 * dayLong
)

// campaigns is a table that admits some campaigns, each of which lives for 10 days.
type campaigns struct {
	*metrics.Table
	t *testing.T
}

func newCampaigns(t *testing.T, limit int) *campaigns {
	o := metrics.Options{LabelLimits: map[*catalog.Label]int{catalog.LabelCampaign: limit}, Lifetime: life}
	return &campaigns{metrics.NewTable(o), t}
}

// add counts a campaign on a day.
func (c *campaigns) add(day int, campaign string) {
	c.SetToday(int64(time.Duration(day) * dayLong))
	email := c.Label(catalog.LabelChannel).Of("email")
	c.Counter(catalog.CampaignStages).Add(1, metrics.Symbol(catalog.StageSent),
		c.Label(catalog.LabelCampaign).Of(campaign), email)
}

// shown returns the value of each campaign, of which the first released ones are not 0.
func (c *campaigns) shown(e *metrics.Exposition, released int) map[string]float64 {
	values := map[string]float64{}
	part := metrics.Part{Partition: "0", Snapshot: c.Snapshot()}
	part.Released = func(f *catalog.Family, n int) int {
		if want := c.Created()[f]; n != want {
			c.t.Errorf("%s asks how many of %d series are released, want %d", f.Name, n, want)
		}
		return released
	}
	for _, f := range e.Families([]metrics.Part{part}) {
		for _, m := range f.Metric {
			if f.GetName() == catalog.CampaignStages.Name {
				values[m.Label[0].GetValue()] = m.Counter.GetValue()
			}
		}
	}
	return values
}

func (c *campaigns) expect(e *metrics.Exposition, released int, want map[string]float64) {
	c.t.Helper()
	if diff := cmp.Diff(want, c.shown(e, released)); diff != "" {
		c.t.Errorf("campaigns (-want +got):\n%s", diff)
	}
}

// A value that has had no event for longer than its life makes room for another one, whose
// series is new: it is held at 0 although as many series were released before.
func TestAValueMakesRoom(t *testing.T) {
	c, e := newCampaigns(t, 2), new(metrics.Exposition)
	c.add(0, "a")
	c.add(5, "b")
	c.add(10, "c")
	c.expect(e, 3, map[string]float64{"a": 1, "b": 1, "other": 1})
	c.add(11, "c")
	c.expect(e, 3, map[string]float64{"b": 1, "c": 0, "other": 1})
	c.expect(e, 4, map[string]float64{"b": 1, "c": 1, "other": 1})
	c.add(13, "b")
	c.add(22, "a")
	c.expect(e, 5, map[string]float64{"a": 1, "b": 2, "other": 1})
}

// While nothing needs room, no series ends.
func TestNothingEndsWithoutNeed(t *testing.T) {
	c := newCampaigns(t, 3)
	c.add(0, "a")
	c.add(1000, "b")
	c.add(1000, "b")
	c.expect(new(metrics.Exposition), 9, map[string]float64{"a": 1, "b": 2})
}

// A restored table goes on as the first one does, with what has made room and what lives.
func TestARestoredTableLetsTheSameValuesGo(t *testing.T) {
	steady := newCampaigns(t, 3)
	for day := range 100 {
		restored := newCampaigns(t, 3)
		if err := restored.Restore(steady.Image()); err != nil {
			t.Fatal(err)
		}
		for _, c := range [...]*campaigns{steady, restored} {
			c.add(day, fmt.Sprint("c", day-day%6))
			c.add(day, "always")
		}
		released := steady.Created()[catalog.CampaignStages.Family]
		restored.expect(new(metrics.Exposition), released, steady.shown(new(metrics.Exposition), released))
	}
	if got := steady.Created()[catalog.CampaignStages.Family]; got < 10 {
		t.Errorf("%d series were created, want one for most campaigns", got)
	}
}

// A family at its limit of label sets ends series too.
func TestAFullFamilyMakesRoom(t *testing.T) {
	sets := map[*catalog.Family]int{catalog.CampaignStages.Family: 4}
	c := &campaigns{metrics.NewTable(metrics.Options{SetLimits: sets, Lifetime: life}), t}
	for day := range 100 {
		c.add(day, fmt.Sprint("c", day-day%5))
	}
	shown := c.shown(new(metrics.Exposition), 1000)
	if shown["other"] != 0 || shown["c95"] != 5 || len(shown) > 4 {
		t.Errorf("campaigns %v, want the last ones and no other", shown)
	}
}

// A snapshot from before shows what it did, while its table lets values go.
func TestASnapshotOutlastsItsValues(t *testing.T) {
	c, e := newCampaigns(t, 2), new(metrics.Exposition)
	c.add(0, "a")
	service := c.Label(catalog.LabelService).Of("ses")
	c.Histogram(catalog.ServiceDuration).Observe(0, service)
	c.Histogram(catalog.ServiceDuration).Observe(3, service)
	before := []metrics.Part{{Partition: "0", Snapshot: c.Snapshot()}}
	want := fmt.Sprint(e.Families(before))
	done := make(chan string)
	go func() {
		last := ""
		for range 200 {
			last = fmt.Sprint(e.Families(before))
		}
		done <- last
	}()
	for day := range 200 {
		c.add(day*4, fmt.Sprint("c", day))
		c.Histogram(catalog.ServiceDuration).Observe(0, service)
		e.Families([]metrics.Part{{Partition: "0", Snapshot: c.Snapshot()}})
	}
	if got := <-done; got != want {
		t.Errorf("the snapshot shows\n%s\nand did show\n%s", got, want)
	}
	h := families(c.Table, 0)[catalog.ServiceDuration.Name].Metric[0].Histogram
	if h.GetZeroCount() != 201 || h.GetSampleCount() != 202 || h.GetSampleSum() != 3 {
		t.Errorf("the histogram has %d, %d and %v, want 201 in the zero bucket, 202 and 3",
			h.GetZeroCount(), h.GetSampleCount(), h.GetSampleSum())
	}
}

// A value whose symbol may still be in a record leaves its number to nobody.
func TestALastingValueKeepsItsNumber(t *testing.T) {
	table := metrics.NewTable(metrics.Options{
		LabelLimits: map[*catalog.Label]int{catalog.LabelExperiment: 1, catalog.LabelCampaign: 1},
		Lifetime:    life, Lasting: map[*catalog.Label]time.Duration{catalog.LabelExperiment: 2 * life},
	})
	for _, l := range []*catalog.Label{catalog.LabelExperiment, catalog.LabelCampaign} {
		label := table.Label(l)
		table.SetToday(0)
		first := label.Of("first")
		table.SetToday(int64(2*life + 2*dayLong))
		second := label.Of("second")
		if lasts := l == catalog.LabelExperiment; second == label.Other || (first == second) == lasts ||
			lasts && !label.Retired(first) {
			t.Errorf("%s: the first value has the symbol %d, the second one %d", l.Name, first, second)
		}
		table.SetToday(0)
	}
}

// The value of an older image that is shown with its hidden characters escaped leaves
// nothing behind when it makes room.
func TestAnEscapedValueMakesRoom(t *testing.T) {
	old := newCampaigns(t, 2)
	old.add(0, "plain")
	image, raw := old.Image(), "sale\u200b"
	for _, names := range image.Symbols {
		for i, name := range names {
			if name == "plain" {
				names[i] = raw
			}
		}
	}
	image.Seen = nil
	c := newCampaigns(t, 1)
	if err := c.Restore(image); err != nil {
		t.Fatal(err)
	}
	c.add(0, raw)
	c.add(30, "another")
	c.add(30, raw)
	c.expect(new(metrics.Exposition), 100, map[string]float64{"another": 1, "other": 1})
}
