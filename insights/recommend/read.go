package recommend

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/exporter/catalog"
	"belfry/insights/query"
	"belfry/rules"
	"belfry/rules/expr"
)

const (
	day = 24 * time.Hour
	// period is how far back Read looks: four weeks, so that each weekday counts alike.
	period = 28 * day
	// tile is the length of the recorded increases.
	tile = 5 * time.Minute
)

// Report holds what was compared, and what it recommends.
type Report struct {
	Status      query.Status `json:"status"`
	GeneratedAt time.Time    `json:"generated_at"`
	// From and To bound the counts. Days says for how much of that there is data.
	From            time.Time        `json:"from"`
	To              time.Time        `json:"to"`
	Days            float64          `json:"days"`
	Recommendations []Recommendation `json:"recommendations"`
	// Groups shows every comparison, and why it leads to no recommendation.
	Groups  []Group  `json:"groups"`
	Queries []string `json:"queries"`
}

// family says where the cells of a dimension are counted.
type family struct {
	dimension Dimension
	volume    rules.Volume
	value     []*catalog.Label
}

var families = []family{
	{SendHour, rules.ChannelSendHourVolume, []*catalog.Label{catalog.LabelHour}},
	{Template, rules.TemplateVolume, []*catalog.Label{catalog.LabelTemplate}},
	{Audience, rules.ChannelAudienceVolume, []*catalog.Label{catalog.LabelPlatform, catalog.LabelDeviceType}},
	{Frequency, rules.ChannelFrequencyVolume, []*catalog.Label{catalog.LabelRecent}},
}

// Read compares what was counted in the last four weeks, day by day. It sets the Days
// of the options to what there is data of. Where the status is not usable, the report
// has nothing but its reason.
func Read(ctx context.Context, s *query.Source, o Options) (Report, error) {
	to := s.Now().UTC().Truncate(tile)
	r := Report{
		GeneratedAt: s.Now().UTC(), From: to.Add(-period), To: to,
		Recommendations: []Recommendation{}, Groups: []Group{}, Queries: []string{},
	}
	covered, err := r.cover(ctx, s)
	if r.Status = covered; err != nil || !covered.Usable() {
		return r, err
	}
	o.Days = r.Days
	found, err := readAll(ctx, s, r.From)
	if err != nil {
		r.Status = query.StatusOf(err)
		return r, err
	}
	var cells []Cell
	queries := map[Dimension][]string{}
	for i, f := range families {
		cells = append(cells, f.cells(found[i])...)
		queries[f.dimension] = found[i].Queries
		r.Status = query.Worst(r.Status, found[i].Status())
		r.Queries = append(r.Queries, found[i].Queries...)
	}
	r.Groups = Weigh(cells, o)
	r.Recommendations = Find(r.Groups)
	for i := range r.Recommendations {
		r.Recommendations[i].Queries = queries[r.Recommendations[i].Dimension]
	}
	return r, nil
}

// cover fills in for how many days there is data. Where it is less than a week, it
// counts hours.
func (r *Report) cover(ctx context.Context, s *query.Source) (query.Status, error) {
	c, err := s.Coverage(ctx, r.From, r.To)
	r.Queries = append(r.Queries, c.Queries...)
	r.Days = days(period, c)
	if err != nil || !c.Status.Usable() || r.Days > 6 {
		return c.Status, err
	}
	hours, err := s.Coverage(ctx, r.To.Add(-6*day), r.To)
	r.Queries = append(r.Queries, hours.Queries...)
	if err != nil {
		return hours.Status, err
	}
	if hours.Status.Usable() {
		r.Days = days(6*day, hours)
	}
	return c.Status, nil
}

// days returns how many days of the period there is data for, to the hour.
func days(period time.Duration, c query.Coverage) float64 {
	return math.Round(period.Hours()*(1-c.Missing)) / 24
}

// readAll reads all families, in buckets of a day.
func readAll(ctx context.Context, s *query.Source, from time.Time) ([]query.Table, error) {
	var edges []time.Time
	for at := from; len(edges) <= int(period/day); at = at.Add(day) {
		edges = append(edges, at)
	}
	tables := make([]query.Table, len(families))
	group, ctx := errgroup.WithContext(ctx)
	for i, f := range families {
		group.Go(func() (err error) {
			by := append([]*catalog.Label{catalog.LabelStage, catalog.LabelChannel}, f.value...)
			tables[i], err = s.Buckets(ctx, f.volume, edges, by,
				expr.Stage(catalog.StageDelivered, catalog.StageEngaged))
			return err
		})
	}
	return tables, group.Wait()
}

// cells returns what a table counts, without what has no name: values that are not
// known, and those past a limit.
func (f family) cells(t query.Table) (cells []Cell) {
	for _, row := range t.Rows {
		names := []string{row.Labels.Of(catalog.LabelChannel)}
		for _, l := range f.value {
			names = append(names, row.Labels.Of(l))
		}
		if slices.Contains(names, catalog.Unknown) || slices.Contains(names, catalog.Other) {
			continue
		}
		engaged := row.Labels.Of(catalog.LabelStage) == catalog.StageEngaged.String()
		for i, n := range row.Values {
			cell := Cell{
				Dimension: f.dimension, Channel: names[0], Value: strings.Join(names[1:], " "),
				Stratum: fmt.Sprintf("%02d", i),
			}
			if cell.Delivered = n; engaged {
				cell.Delivered, cell.Engaged = 0, n
			}
			cells = append(cells, cell)
		}
	}
	return cells
}
