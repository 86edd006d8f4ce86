package totals

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"belfry/dashboards-gen/view"
	"belfry/exporter/catalog"
	"belfry/rules"
)

// A figure is what one query of a panel shows, and what the simulator knows of it.
type figure struct {
	dashboard string
	panel     string // how its title begins
	query     string
	by        []*catalog.Label // of its series
	kind      kind
	known     func(s sums) map[string]float64
}

// kind says how closely a figure must be met.
type kind int

const (
	units kind = iota // to the unit
	coins             // to the cent
	share             // to 0.1 percentage points
)

// within returns how far off a figure may be.
func (k kind) within() float64 { return [...]float64{0, 0.005, 0.001}[k] }

// sums adds up what was counted in a time range.
type sums struct {
	*comparison
	over time.Duration
}

// of adds up a volume by labels, of the series that have the values.
func (s sums) of(v rules.Volume, by []*catalog.Label, where map[*catalog.Label]string) map[string]float64 {
	total := map[string]float64{}
	labels := v.Increase5m.Labels()
	for key, n := range s.known.within(s.over, v.Increase5m.Name) {
		values := strings.Split(key, ",")
		fits := true
		for l, value := range where {
			fits = fits && values[slices.Index(labels, l)] == value
		}
		if fits {
			kept := make([]string, len(by))
			for i, l := range by {
				kept[i] = values[slices.Index(labels, l)]
			}
			total[strings.Join(kept, ",")] += n
		}
	}
	return total
}

// stage counts what reached a stage.
func (s sums) stage(v rules.Volume, stage catalog.Stage, by ...*catalog.Label) map[string]float64 {
	return s.of(v, by, map[*catalog.Label]string{catalog.LabelStage: stage.String()})
}

// money adds up a volume in the currency that the dashboards choose first: that of the
// greatest cost.
func (s sums) money(v rules.Volume, by ...*catalog.Label) map[string]float64 {
	var first string
	costs := s.of(rules.CostVolume, []*catalog.Label{catalog.LabelCurrency}, nil)
	for currency, cost := range costs {
		if first == "" || cost > costs[first] {
			first = currency
		}
	}
	return s.of(v, by, map[*catalog.Label]string{catalog.LabelCurrency: first})
}

// quotient divides each of some sums by that of the same key, where that is above 0.
func quotient(part, whole map[string]float64, times float64) map[string]float64 {
	shares := map[string]float64{}
	for key, n := range whole {
		if n > 0 {
			shares[key] = part[key] / n * times
		}
	}
	return shares
}

// capped lowers shares to 1, as panels say of themselves.
func capped(shares map[string]float64) map[string]float64 {
	for key, x := range shares {
		shares[key] = min(x, 1)
	}
	return shares
}

// plus adds up two sums of the same keys.
func plus(a, b map[string]float64) map[string]float64 {
	total := maps.Clone(a)
	for key, n := range b {
		total[key] += n
	}
	return total
}

// per returns a stage per another on all channels.
func per(stage, whole catalog.Stage) func(sums) map[string]float64 {
	return func(s sums) map[string]float64 {
		return capped(quotient(s.stage(rules.StageVolume, stage), s.stage(rules.StageVolume, whole), 1))
	}
}

// counted returns a stage of a volume by labels.
func counted(v rules.Volume, stage catalog.Stage, by ...*catalog.Label) func(sums) map[string]float64 {
	return func(s sums) map[string]float64 { return s.stage(v, stage, by...) }
}

// summed returns a volume by labels.
func summed(v rules.Volume, by ...*catalog.Label) func(sums) map[string]float64 {
	return func(s sums) map[string]float64 { return s.of(v, by, nil) }
}

// inMoney returns a volume in the first currency.
func inMoney(v rules.Volume, by ...*catalog.Label) func(sums) map[string]float64 {
	return func(s sums) map[string]float64 { return s.money(v, by...) }
}

var (
	byChannel  = []*catalog.Label{catalog.LabelChannel}
	byProvider = []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider}
	byTemplate = []*catalog.Label{catalog.LabelTemplate, catalog.LabelChannel}
)

// attempts counts outcomes at each provider.
func attempts(s sums) map[string]float64 {
	return plus(s.stage(rules.ProviderVolume, catalog.StageDelivered, byProvider...),
		s.of(rules.ErrorVolume, byProvider, nil))
}

// figures lists what is compared, over all audiences.
var figures = []figure{
	{rules.Executive, "Sent in", "A", nil, units, counted(rules.StageVolume, catalog.StageSent)},
	{rules.Executive, "Delivered per sent in", "A", nil, share, per(catalog.StageDelivered, catalog.StageSent)},
	{rules.Executive, "Engagement rate in", "A", nil, share, per(catalog.StageEngaged, catalog.StageDelivered)},
	{rules.Executive, "Converted per delivered in", "A", nil, share,
		per(catalog.StageConverted, catalog.StageDelivered)},
	{rules.Executive, "Cost, ", "A", nil, coins, inMoney(rules.CostVolume)},
	{rules.Executive, "Earned by conversions, ", "A", nil, coins, inMoney(rules.ValueVolume)},
	{rules.Executive, "Return on spend in", "A", nil, share, func(s sums) map[string]float64 {
		return quotient(s.money(rules.ValueVolume), s.money(rules.CostVolume), 1)
	}},
	{rules.Executive, "Cost per thousand delivered, ", "A", nil, coins, func(s sums) map[string]float64 {
		return quotient(s.money(rules.CostVolume), s.stage(rules.StageVolume, catalog.StageDelivered), 1000)
	}},
	{rules.Executive, "Sent by channel in", "A", byChannel, units,
		counted(rules.StageVolume, catalog.StageSent, byChannel...)},
	{rules.Engagement, "From sent to converted in", "D", nil, units,
		counted(rules.StageVolume, catalog.StageClicked)},
	{rules.Engagement, "Categories in", "A", []*catalog.Label{catalog.LabelCategory}, units,
		counted(rules.CategoryVolume, catalog.StageDelivered, catalog.LabelCategory)},
	{rules.Engagement, "What people did in", "A", []*catalog.Label{catalog.LabelAction}, units,
		summed(rules.ActionVolume, catalog.LabelAction)},
	{"belfry-templates", "Templates in", "A", byTemplate, units,
		counted(rules.TemplateVolume, catalog.StageDelivered, byTemplate...)},
	{"belfry-templates", "Templates in", "B", byTemplate, share, func(s sums) map[string]float64 {
		return capped(quotient(s.stage(rules.TemplateVolume, catalog.StageOpened, byTemplate...),
			s.stage(rules.TemplateVolume, catalog.StageDelivered, byTemplate...), 1))
	}},
	{"belfry-templates", "Earned by campaign", "A", []*catalog.Label{catalog.LabelCampaign}, coins,
		inMoney(rules.ValueVolume, catalog.LabelCampaign)},
	{"belfry-templates", "Suppressed by reason in", "A", []*catalog.Label{catalog.LabelReason}, units,
		summed(rules.SuppressedVolume, catalog.LabelReason)},
	{rules.Deliverability, "Channels and providers in", "A", byProvider, units, attempts},
	{rules.Deliverability, "Channels and providers in", "C", byProvider, share, func(s sums) map[string]float64 {
		return quotient(s.stage(rules.ProviderVolume, catalog.StageDelivered, byProvider...), attempts(s), 1)
	}},
	{rules.Deliverability, "Errors by fault in", "A", []*catalog.Label{catalog.LabelFault}, units,
		summed(rules.FaultVolume, catalog.LabelFault)},
}

// most is how many rows a ranking or a table of the greatest has at least.
const most = 10

// figures opens the dashboards over each time range and compares the figures.
func (c *comparison) figures(ctx context.Context, ranges []time.Duration) error {
	all, err := load()
	if err != nil {
		return err
	}
	for _, over := range ranges {
		screen := view.Screen{From: until.Add(-over), To: until, Points: 1000, Scrape: 10 * time.Second}
		shown := map[string][]view.Answer{}
		for _, d := range all {
			opened, err := d.Open(ctx, view.Prometheus(c.API), screen)
			if err != nil {
				return err
			}
			shown[d.UID] = opened.Answers
		}
		for _, f := range figures {
			if err := c.figure(f, shown[f.dashboard], over); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(c.out, "%d figures of dashboards over %v compared with what was counted\n", len(figures), ranges)
	return nil
}

// figure compares one figure. One that is counted nowhere need not be shown; of a table of
// the greatest, the greatest are, and of shares those of its rows.
func (c *comparison) figure(f figure, answers []view.Answer, over time.Duration) error {
	i := slices.IndexFunc(answers, func(a view.Answer) bool {
		return strings.HasPrefix(a.Panel.Title, f.panel) && a.Query.RefID == f.query
	})
	if i < 0 {
		return fmt.Errorf("dashboard %s has no panel %q with a query %s", f.dashboard, f.panel, f.query)
	}
	wanted, found := f.known(sums{c, over}), map[string]float64{}
	for _, s := range answers[i].Series {
		values := make([]string, len(f.by))
		for j, l := range f.by {
			values[j] = s.Labels[l.Name]
		}
		found[strings.Join(values, ",")] = s.Values[len(s.Values)-1]
	}
	rows := len(found)
	first := slices.SortedFunc(maps.Keys(wanted), func(a, b string) int { return cmp.Compare(wanted[b], wanted[a]) })
	for n, key := range first {
		shown, ok := found[key]
		switch {
		case !ok && (wanted[key] == 0 || n >= most || f.kind == share && rows >= most):
		case !ok || math.Abs(shown-wanted[key]) > f.kind.within():
			c.wrong = append(c.wrong, fmt.Errorf("%s, %q %s over %s {%s}: shows %v, counted were %v",
				f.dashboard, answers[i].Panel.Title, f.query, over, key, shown, wanted[key]))
		}
		delete(found, key)
	}
	for key, shown := range found {
		if shown != 0 {
			c.wrong = append(c.wrong, fmt.Errorf("%s, %q over %s {%s}: shows %v, nothing was counted",
				f.dashboard, answers[i].Panel.Title, over, key, shown))
		}
	}
	return nil
}
