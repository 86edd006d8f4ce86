package totals

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"belfry/dashboards-gen/backfill"
	"belfry/exporter/catalog"
	"belfry/exporter/truth"
	"belfry/rules"
	"belfry/rules/expr"
)

// tile is a recorded increase over five minutes and what the simulator knows of it.
type tile struct {
	expr.Recorded
	count func(t *truth.Truth) map[string]float64 // by the values of the record's labels
}

// tiles returns all increases of what the simulator counts.
func tiles() ([]tile, error) {
	var all []tile
	byName := map[string]expr.Recorded{}
	for _, r := range rules.Recorded() {
		byName[r.Name] = r
	}
	for _, r := range rules.Recorded() {
		if r.Internal || !strings.HasSuffix(r.Name, ":increase5m") {
			continue
		}
		family, err := counterOf(r, byName)
		if err != nil {
			return nil, err
		}
		if family != nil && family.Source == catalog.Fold {
			all = append(all, tile{r, countOf(r, family)})
		}
	}
	return all, nil
}

// counterOf returns the family whose growth a series is, nil if that is none of the
// catalogue.
func counterOf(r expr.Recorded, byName map[string]expr.Recorded) (*catalog.Family, error) {
	names, err := backfill.Read(r.Definition.String())
	if err != nil {
		return nil, err
	}
	if next, recorded := byName[names[0]]; recorded {
		return counterOf(next, byName)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(names[0], "_bucket"), "_count")
	return catalog.ByName(name), nil
}

// countOf returns what the simulator knows of a series.
func countOf(r expr.Recorded, f *catalog.Family) func(*truth.Truth) map[string]float64 {
	by := r.Labels()
	_, what, _ := strings.Cut(r.Name, ":")
	what, _, _ = strings.Cut(what, ":")
	switch {
	case what == "notification_slo_sent":
		return func(t *truth.Truth) map[string]float64 { return stages(t, by, map[string]float64{"sent": 1}) }
	case what == "notification_slo_errors":
		return func(t *truth.Truth) map[string]float64 {
			return stages(t, by, map[string]float64{"failed": 1, "bounced": 1, "recovered": -1})
		}
	case what == "notification_slo_slow":
		return func(t *truth.Truth) map[string]float64 { return late(t, by) }
	case slices.Contains(by, expr.Le):
		by = slices.DeleteFunc(by, func(l *catalog.Label) bool { return l == expr.Le })
		return func(t *truth.Truth) map[string]float64 { return buckets(t, catalog.Histogram{Family: f}, by) }
	}
	return func(t *truth.Truth) map[string]float64 { return t.Totals(f, by...) }
}

// stages adds up the stages of the delivery objective, each with its sign, without
// what is the recipient's fault.
func stages(t *truth.Truth, by []*catalog.Label, signs map[string]float64) map[string]float64 {
	sums := map[string]float64{}
	labels := append([]*catalog.Label{catalog.LabelSLOStage, catalog.LabelFault}, by...)
	for key, n := range t.Totals(catalog.SLOStages, labels...) {
		values := strings.SplitN(key, ",", 3)
		if values[1] != catalog.FaultRecipient {
			sums[values[2]] += signs[values[0]] * n
		}
	}
	return sums
}

// late counts the deliveries that took longer than the objective allows.
func late(t *truth.Truth, by []*catalog.Label) map[string]float64 {
	sums := t.Totals(catalog.DeliveryLatency, by...)
	inTime := slices.Index(catalog.DeliveryLatency.Buckets, 30)
	for key, n := range t.Within(catalog.DeliveryLatency, inTime, by...) {
		sums[key] -= n
	}
	return sums
}

// buckets counts the observations within each bucket, which is the last value of
// the keys.
func buckets(t *truth.Truth, h catalog.Histogram, by []*catalog.Label) map[string]float64 {
	sums := map[string]float64{}
	for key, n := range t.Totals(h, by...) {
		sums[key+",+Inf"] = n
	}
	for i, bound := range h.Buckets {
		for key, n := range t.Within(h, i, by...) {
			sums[key+","+labels.FormatOpenMetricsFloat(bound)] = n
		}
	}
	return sums
}

// counts has what was counted until some times, by the name of a record.
type counts struct {
	tiles    []tile
	recorded map[string]bool // all recorded series
	events   int
	until    map[time.Time]map[string]map[string]float64
}

// newCounts returns counts that nothing is noted in.
func newCounts() (*counts, error) {
	all, err := tiles()
	c := &counts{tiles: all, recorded: map[string]bool{}, until: map[time.Time]map[string]map[string]float64{}}
	for _, r := range rules.Recorded() {
		c.recorded[r.Name] = true
	}
	return c, err
}

// note notes what has been counted until a time.
func (c *counts) note(at time.Time, t *truth.Truth) {
	c.until[at] = map[string]map[string]float64{}
	for _, r := range c.tiles {
		c.until[at][r.Name] = r.count(t)
	}
}

// within returns what a record must add up to over a range.
func (c *counts) within(r time.Duration, name string) map[string]float64 {
	grown := map[string]float64{}
	before := c.until[until.Add(-r)][name]
	for key, n := range c.until[until][name] {
		grown[key] = n - before[key]
	}
	return grown
}
