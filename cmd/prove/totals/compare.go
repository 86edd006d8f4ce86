package totals

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/view"
	"belfry/exporter/catalog"
)

// comparison compares what Prometheus answers with what was counted.
type comparison struct {
	v1.API
	known *counts
	out   io.Writer
	wrong []error
}

// increases compares the recorded increases, and the hours and days of them.
func (c *comparison) increases(ctx context.Context, ranges []time.Duration) error {
	figures := 0
	for _, r := range c.known.tiles {
		queries := map[string]time.Duration{}
		for _, over := range ranges {
			queries[fmt.Sprintf("sum_over_time(%s[%s])", r.Name, model.Duration(over))] = over
		}
		for suffix, over := range map[string]time.Duration{"1h": time.Hour, "1d": day} {
			if sum := strings.TrimSuffix(r.Name, "5m") + suffix; c.known.recorded[sum] {
				queries[sum] = over
			}
		}
		for _, promQL := range slices.Sorted(maps.Keys(queries)) {
			found, err := c.query(ctx, promQL, r.Labels())
			if err != nil {
				return err
			}
			wanted := c.known.within(queries[promQL], r.Name)
			figures += len(wanted)
			c.compare(promQL, found, wanted, r.isMoney)
		}
	}
	fmt.Fprintf(c.out, "%d figures of %d recorded increases compared with what was counted\n", figures, len(c.known.tiles))
	return nil
}

// query answers an instant query, by the values of the labels.
func (c *comparison) query(ctx context.Context, promQL string, by []*catalog.Label) (map[string]float64, error) {
	value, _, _, err := c.Query(ctx, promQL, until)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", promQL, err)
	}
	found := map[string]float64{}
	for _, s := range value.(model.Vector) {
		values := make([]string, len(by))
		for i, l := range by {
			values[i] = string(s.Metric[model.LabelName(l.Name)])
		}
		found[strings.Join(values, ",")] += float64(s.Value)
	}
	return found, nil
}

// isMoney reports whether a figure is a sum of money and not a count. Moments of an
// experiment are money if they hold y of the outcome value.
func (t tile) isMoney(key string) bool {
	outcome, moment := slices.Index(t.Labels(), catalog.LabelOutcome), slices.Index(t.Labels(), catalog.LabelMoment)
	if outcome < 0 || moment < 0 {
		return t.Unit == catalog.UnitMoney
	}
	values := strings.Split(key, ",")
	return values[outcome] == "value" && strings.Contains(values[moment], "y")
}

// anyMoney says of all figures that they may be money.
func anyMoney(string) bool { return true }

// compare notes where two sets of figures differ. Money is added up in another
// order, and may differ by a millionth of the smallest coin.
func (c *comparison) compare(what string, found, wanted map[string]float64, money func(key string) bool) {
	keys := maps.Clone(wanted)
	maps.Copy(keys, found)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		off := math.Abs(found[key] - wanted[key])
		if off != 0 && !(money(key) && off < 1e-8*max(1, math.Abs(wanted[key]))) {
			c.wrong = append(c.wrong, fmt.Errorf("%s {%s}: %v, counted were %v", what, key, found[key], wanted[key]))
		}
	}
}

// bars matches queries for the increases within each interval of a graph.
var bars = regexp.MustCompile(`^sum(?: by \([^)]*\))? ?\(sum_over_time\([^()]*:increase5m[^()]*\[\w+\]\)\)$`)

// load reads every generated dashboard.
func load() ([]view.Dashboard, error) {
	files, err := dashboards.Files()
	if err != nil {
		return nil, err
	}
	return view.LoadAll(files)
}

// dashboards compares the bars of each graph with their sum over the whole range.
func (c *comparison) dashboards(ctx context.Context, ranges []time.Duration) error {
	all, err := load()
	if err != nil {
		return err
	}
	graphs := 0
	for _, over := range ranges {
		screen := view.Screen{From: until.Add(-over), To: until, Points: 1000, Scrape: 10 * time.Second}
		for _, d := range all {
			opened, err := d.Open(ctx, view.Prometheus(c.API), screen)
			if err != nil {
				return err
			}
			for _, a := range opened.Answers {
				if a.Query.Instant || !bars.MatchString(a.Query.PromQL) {
					continue
				}
				graphs++
				if err := c.bars(ctx, d.UID, a, over); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintf(c.out, "%d graphs of %d dashboards over %v compared with their sums\n", graphs, len(all), ranges)
	if graphs == 0 {
		return errors.New("no graph shows increases")
	}
	return nil
}

// bars compares the bars of a graph with what they must add up to. The first bar
// is of the time before the range.
func (c *comparison) bars(ctx context.Context, uid string, a view.Answer, over time.Duration) error {
	interval, whole := "["+model.Duration(a.Query.Step).String()+"]", "["+model.Duration(over).String()+"]"
	source := view.Prometheus(c.API)
	sum := a.Query
	sum.PromQL, sum.Instant = strings.Replace(sum.PromQL, interval, whole, 1), true
	answers, err := source.Ask(ctx, sum)
	if err != nil {
		return err
	}
	found, wanted := map[string]float64{}, map[string]float64{}
	for _, s := range answers {
		wanted[fmt.Sprint(s.Labels)] = s.Values[0]
	}
	for _, s := range a.Series {
		for i, v := range s.Values {
			if s.Times[i] > float64(a.Query.Start.Unix()) {
				found[fmt.Sprint(s.Labels)] += v
			}
		}
	}
	c.compare(fmt.Sprintf("%s, %q over %s", uid, a.Panel.Title, over), found, wanted, anyMoney)
	return nil
}

// result says what did not agree.
func (c *comparison) result() error {
	if len(c.wrong) > 0 {
		return fmt.Errorf("%d figures are wrong:\n%w", len(c.wrong), errors.Join(c.wrong[:min(len(c.wrong), 20)]...))
	}
	fmt.Fprintln(c.out, "all agree to the unit")
	return nil
}
