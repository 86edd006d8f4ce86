package analytics

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

// The reasons for which a section cannot be narrowed as the request is.
var (
	errByChannel  = errors.New("not recorded by channel: leave out the channels to see it")
	errByCategory = errors.New("not recorded by category: leave out the categories to see it")
)

// breakDownTo computes a breakdown that stands for itself in the answer.
func (c *computation) breakDownTo(ctx context.Context, name string, b breakdown) ([]row, error) {
	if len(c.request.Categories) > 0 {
		return nil, errByCategory
	}
	if b.column == nil && len(c.request.Channels) > 0 {
		return nil, errByChannel
	}
	r, err := c.breakDown(ctx, b)
	c.withheld(name, r)
	return r.rows, err
}

// byCategory breaks the total down by category.
var byCategory = breakdown{volume: rules.CategoryVolume, rows: []*catalog.Label{catalog.LabelCategory}}

func (c *computation) categories(ctx context.Context) error {
	if len(c.request.Categories) > 0 {
		return nil // settled with the totals
	}
	if c.request.Granularity == Minute {
		return c.categoriesByMinute(ctx)
	}
	rows, err := c.breakDownTo(ctx, "category_metrics", byCategory)
	c.answer.CategoryMetrics = categoriesOf(rows)
	return err
}

// templates computes what templates achieved. A template's experiment comes from the
// request.
func (c *computation) templates(ctx context.Context) error {
	rows, err := c.breakDownTo(ctx, "template_metrics", breakdown{
		volume: rules.TemplateVolume, rows: []*catalog.Label{catalog.LabelTemplate}, column: catalog.LabelChannel,
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	names, err := c.Instant(ctx, expr.Max(expr.Select(catalog.TemplateInfo)).By(catalog.LabelTemplate, catalog.LabelName),
		c.newest())
	c.asked(names.Answer)
	if err != nil {
		return err
	}
	render, err := c.means(ctx, rules.RenderSumVolume, rules.RenderCountVolume, catalog.LabelTemplate)
	if err != nil {
		return err
	}
	for _, r := range rows {
		id := r.labels.Of(catalog.LabelTemplate)
		t := Template{
			TemplateID: id, TemplateName: id, Volume: r.count(catalog.StageSent), Counts: r.counts(), Rates: r.rates(),
			AverageRenderTime: render(id),
		}
		for _, n := range names.Values {
			if n.Labels.Of(catalog.LabelTemplate) == id {
				t.TemplateName = n.Labels.Of(catalog.LabelName)
			}
		}
		if c.request.Experiment != nil {
			t.Experiment = c.request.Experiment(id)
		}
		c.answer.TemplateMetrics = append(c.answer.TemplateMetrics, t)
	}
	return nil
}

// means returns the means of times that were observed, by the label.
func (c *computation) means(
	ctx context.Context, sums, counts rules.Volume, by *catalog.Label, where ...expr.Matcher,
) (func(value string) Figure, error) {
	now, before, err := c.both(ctx, sums, []*catalog.Label{by})
	if err != nil {
		return nil, err
	}
	observed, earlier, err := c.both(ctx, counts, []*catalog.Label{by}, where...)
	if err != nil {
		return nil, err
	}
	mean := func(sums, counts query.Vector, value string) number {
		sum, _ := sums.Find(query.Labels{by.Name: value})
		n, _ := counts.Find(query.Labels{by.Name: value})
		if n == 0 {
			return unknown("no time was reported")
		}
		return known(sum / n)
	}
	return func(value string) Figure {
		return compare(mean(now, observed, value), mean(before, earlier, value))
	}, nil
}

// everything matches the bucket that counts all observations.
var everything = expr.Eq(expr.Le, "+Inf")

func (c *computation) countries(ctx context.Context) error {
	rows, err := c.optional(ctx, "country_metrics", breakdown{
		volume: rules.CountryVolume, rows: []*catalog.Label{catalog.LabelCountry}, column: catalog.LabelChannel,
	})
	for _, r := range rows {
		c.answer.CountryMetrics = append(c.answer.CountryMetrics, groupOf(r, r.labels.Of(catalog.LabelCountry)))
	}
	return err
}

func (c *computation) appVersions(ctx context.Context) error {
	rows, err := c.optional(ctx, "app_version_metrics", breakdown{
		volume: rules.AppVersionVolume, rows: []*catalog.Label{catalog.LabelAppVersion, catalog.LabelPlatform},
	})
	for _, r := range rows {
		name := fmt.Sprintf("%s (%s)", r.labels.Of(catalog.LabelAppVersion), r.labels.Of(catalog.LabelPlatform))
		c.answer.AppVersionMetrics = append(c.answer.AppVersionMetrics, groupOf(r, name))
	}
	return err
}

// optional computes a breakdown that installations count only if they want to. Without
// it the answer says nothing.
func (c *computation) optional(ctx context.Context, name string, b breakdown) ([]row, error) {
	rows, err := c.breakDownTo(ctx, name, b)
	if errors.Is(err, errByChannel) || errors.Is(err, errByCategory) {
		return nil, nil
	}
	return rows, err
}

func groupOf(r row, name string) Group {
	return Group{name, r.count(catalog.StageSent), r.counts(), r.rates()}
}

// patterns computes when and how often people engage.
func (c *computation) patterns(ctx context.Context) error {
	p := &c.answer.EngagementPatterns
	if err := c.segments(ctx, p); err != nil {
		return err
	}
	recent, err := c.breakDownTo(ctx, "fatigue", breakdown{
		volume: rules.ChannelFrequencyVolume, rows: []*catalog.Label{catalog.LabelRecent}, column: catalog.LabelChannel,
		stages: reacting,
	})
	if err != nil {
		return err
	}
	for _, value := range catalog.RecentSends {
		for _, r := range recent {
			if r.labels.Of(catalog.LabelRecent) == value {
				p.Fatigue = append(p.Fatigue, Fatigue{value, r.reactions()})
			}
		}
	}
	sent, err := c.breakDownTo(ctx, "send_hours", breakdown{
		volume: rules.SendHourVolume, rows: []*catalog.Label{catalog.LabelWeekday, catalog.LabelHour},
		stages: bySendHour,
	})
	for _, r := range sent {
		hour, err := strconv.Atoi(r.labels.Of(catalog.LabelHour))
		if err == nil {
			p.SendHours = append(p.SendHours, SendHour{r.labels.Of(catalog.LabelWeekday), hour, r.reactions()})
		}
	}
	p.sort()
	return err
}
