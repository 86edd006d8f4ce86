package totals

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/analytics"
	"belfry/insights/display"
	"belfry/insights/query"
	"belfry/insights/report"
	"belfry/rules"
)

// cell is what one column of a table of a report shows, and what the simulator knows of it, by
// the names of the rows.
type cell struct {
	section, column string
	kind            kind
	known           func(s sums) map[string]float64
}

// ofRows lists the columns that are compared. Rows are named as in a report.
var ofRows = []cell{
	{"channels", "Sent", units, counted(rules.StageVolume, catalog.StageSent, byChannel...)},
	{"channels", "Delivery rate", share, rate(rules.StageVolume, catalog.StageDelivered, catalog.StageSent,
		catalog.LabelChannel)},
	{"channels", "Engagement rate", share,
		rate(rules.StageVolume, catalog.StageEngaged, catalog.StageDelivered, catalog.LabelChannel)},
	{"templates", "Sent", units, counted(rules.TemplateVolume, catalog.StageSent, catalog.LabelTemplate)},
	{"templates", "Engagement rate", share,
		rate(rules.TemplateVolume, catalog.StageEngaged, catalog.StageDelivered, catalog.LabelTemplate)},
	{"templates", "Conversion rate", share,
		rate(rules.TemplateVolume, catalog.StageConverted, catalog.StageDelivered, catalog.LabelTemplate)},
	{"deliverability", "Sent first", units, counted(rules.ProviderVolume, catalog.StageSent, catalog.LabelProvider)},
	{"deliverability", "Delivered per attempt", share, func(s sums) map[string]float64 {
		delivered := s.stage(rules.ProviderVolume, catalog.StageDelivered, catalog.LabelProvider)
		return quotient(delivered, plus(delivered, s.of(rules.ErrorVolume, []*catalog.Label{catalog.LabelProvider},
			nil)), 1)
	}},
}

// ofTotals lists the figures of the section totals that are compared.
var ofTotals = []cell{
	{"totals", "Notifications sent", units, counted(rules.StageVolume, catalog.StageSent)},
	{"totals", "Delivery rate", share, rate(rules.StageVolume, catalog.StageDelivered, catalog.StageSent)},
	{"totals", "Open rate", share, rate(rules.StageVolume, catalog.StageOpened, catalog.StageDelivered)},
	{"totals", "Click rate", share, rate(rules.StageVolume, catalog.StageClicked, catalog.StageDelivered)},
	{"totals", "Click-to-open rate", share, rate(rules.StageVolume, catalog.StageClicked, catalog.StageOpened)},
	{"totals", "Conversion rate", share, rate(rules.StageVolume, catalog.StageConverted, catalog.StageDelivered)},
	{"totals", "Opt-out rate", share, rate(rules.StageVolume, catalog.StageOptedOut, catalog.StageDelivered)},
}

// rate returns a stage per another by labels.
func rate(v rules.Volume, stage, whole catalog.Stage, by ...*catalog.Label) func(sums) map[string]float64 {
	return func(s sums) map[string]float64 {
		return quotient(s.stage(v, stage, by...), s.stage(v, whole, by...), 1)
	}
}

// amountsBy returns a volume of money by channel and currency.
func amountsBy(v rules.Volume) func(sums) map[string]float64 {
	return summed(v, catalog.LabelChannel, catalog.LabelCurrency)
}

// reports makes a report about each time range, and compares its figures with what was counted
// and with the analytics.
func (c *comparison) reports(ctx context.Context, ranges []time.Duration) error {
	source := query.New(c.API, query.Options{Now: func() time.Time { return until }})
	kind := report.Definition{
		Name: "proof", Title: "Proof", Top: 100, Sections: []string{"totals", "channels", "templates", "deliverability",
			"money"},
	}
	n := 0
	for _, over := range ranges {
		period := report.Period{From: until.Add(-over), To: until}
		doc, err := report.Maker{Source: source, Floor: analytics.LeastFloor}.Make(ctx, kind, period)
		if err != nil {
			return err
		}
		if !doc.From.Equal(period.From) || !doc.To.Equal(period.To) {
			return fmt.Errorf("report over %s: it is about %s to %s", over, doc.From, doc.To)
		}
		s, first := sums{c, over}, len(c.wrong)
		for _, of := range ofTotals {
			n += c.cells(over, of.section, of.column, of.kind, figureNamed(doc, of.column), of.known(s))
		}
		for _, of := range ofRows {
			n += c.cells(over, of.section, of.column, of.kind, column(doc, of.section, of.column, 1), of.known(s))
		}
		n += c.cells(over, "money", "Cost", coins, column(doc, "money", "Cost", 2), amountsBy(rules.CostVolume)(s))
		n += c.cells(over, "money", "Revenue", coins, column(doc, "money", "Revenue", 2),
			amountsBy(rules.ValueVolume)(s))
		if err := c.sameAsAnalytics(ctx, source, doc, period); err != nil {
			return err
		}
		if err := c.nobodyAlone(ctx, source, kind, period); err != nil {
			return err
		}
		if err := c.nothingElse(ctx, source, period); err != nil {
			return err
		}
		if len(c.wrong) > first {
			break
		}
	}
	fmt.Fprintf(c.out, "%d figures of reports over %v compared with what was counted\n", n, ranges)
	return nil
}

// cells compares figures by name, and returns how many there are. A row may be withheld if it is
// about fewer than the floor, or is the next-smallest beside one.
func (c *comparison) cells(
	over time.Duration, section, what string, k kind, found, wanted map[string]float64,
) int {
	named := map[string]float64{}
	for key, n := range wanted {
		named[rowName(key)] = n
	}
	for key, shown := range found {
		if _, id, ok := strings.Cut(strings.TrimSuffix(key, ")"), " ("); ok {
			key = id // of a template, behind its name
		}
		if n, ok := named[rowName(key)]; !ok || math.Abs(n-shown) > k.within() {
			c.wrong = append(c.wrong, fmt.Errorf("report over %s, %s, %s of %q: shows %v, counted were %v", over,
				section, what,
				key, shown, n))
		}
	}
	if len(found) == 0 {
		c.wrong = append(c.wrong, fmt.Errorf("report over %s, %s: shows no %s", over, section, what))
	}
	return len(found)
}

// rowName returns the names of a row, of which the first may be a channel.
func rowName(key string) string {
	first, rest, more := strings.Cut(key, ",")
	if more {
		rest = "," + rest
	}
	return display.ChannelName(first) + rest
}

// figureNamed returns the figure of the totals with a name, under the name of all.
func figureNamed(d report.Document, name string) map[string]float64 {
	for _, b := range blocks(d, "totals") {
		if list, ok := b.(report.Figures); ok {
			for _, f := range list.Items {
				if f.Name == name && f.Value != nil {
					return map[string]float64{"": *f.Value}
				}
			}
		}
	}
	return nil
}

// column returns a column of the first table of a section that has it, by the texts of the first
// columns.
func column(d report.Document, section, name string, texts int) map[string]float64 {
	for _, b := range blocks(d, section) {
		t, ok := b.(report.Table)
		if !ok {
			continue
		}
		i := slices.IndexFunc(t.Columns, func(c report.Column) bool { return c.Name == name })
		if i < 0 {
			continue
		}
		found := map[string]float64{}
		for _, row := range t.Rows {
			if f := row[i].Figure; f.Value != nil {
				var key []string
				for _, cell := range row[:texts] {
					key = append(key, cell.Text)
				}
				found[strings.Join(key, ",")] = *f.Value
			}
		}
		return found
	}
	return nil
}

func blocks(d report.Document, section string) []report.Block {
	for _, s := range d.Sections {
		if s.Key == section {
			return s.Blocks
		}
	}
	return nil
}

// sameAsAnalytics compares the totals with those of the analytics API, which must be equal.
func (c *comparison) sameAsAnalytics(
	ctx context.Context, source *query.Source, d report.Document, p report.Period,
) error {
	a, err := analytics.Compute(ctx, source, analytics.Request{
		From: p.From, To: p.To, Granularity: analytics.Hour, Floor: analytics.LeastFloor, Only: []string{},
	})
	if err != nil {
		return err
	}
	for _, f := range display.OfAnalytics(a).Items {
		if shown, ok := figureNamed(d, f.Name)[""]; f.Value != nil && (!ok || shown != *f.Value) {
			c.wrong = append(c.wrong, fmt.Errorf("report from %s: %s is %v, that of the analytics %v", p.From, f.Name,
				shown,
				*f.Value))
		}
	}
	return nil
}

// nobodyAlone makes the report with the default privacy floor, and checks that no row is about fewer
// users, and that what is left out is said.
func (c *comparison) nobodyAlone(
	ctx context.Context, source *query.Source, kind report.Definition, p report.Period,
) error {
	doc, err := report.Maker{Source: source}.Make(ctx, kind, p)
	if err != nil {
		return err
	}
	for section, name := range map[string]string{
		"channels": "Sent", "templates": "Sent", "deliverability": "Sent first",
	} {
		shown := column(doc, section, name, 1)
		for row, sent := range shown {
			if sent > 0 && sent < analytics.DefaultFloor {
				c.wrong = append(c.wrong, fmt.Errorf("report from %s, %s: %q was sent %v notifications, and is shown",
					p.From,
					section, row, sent))
			}
		}
	}
	return nil
}

// nothingElse makes a report about one channel with all sections, and checks that no row is about
// another.
func (c *comparison) nothingElse(ctx context.Context, source *query.Source, p report.Period) error {
	const only = "push"
	doc, err := report.Maker{Source: source}.Make(ctx, report.Definition{
		Name: "push", Title: "Push", Sections: report.Sections(), Channels: []string{only},
	}, p)
	if err != nil {
		return err
	}
	rows := 0
	for _, section := range doc.Sections {
		for _, b := range section.Blocks {
			t, ok := b.(report.Table)
			if !ok {
				continue
			}
			i := slices.IndexFunc(t.Columns, func(c report.Column) bool { return c.Name == "Channel" })
			for _, row := range t.Rows {
				if i < 0 {
					break
				}
				if rows++; row[i].Text != only {
					c.wrong = append(c.wrong, fmt.Errorf("report on %s from %s, %s: a row is about %s", only, p.From,
						section.Key, row[i].Text))
				}
			}
		}
	}
	if rows == 0 {
		c.wrong = append(c.wrong, fmt.Errorf("report on %s from %s: no row is about it", only, p.From))
	}
	return nil
}
