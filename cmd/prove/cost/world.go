package cost

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"

	"belfry/dashboards-gen/backfill"
	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/simtime"
)

// now is when the groups are evaluated first: every interval begins then.
var now = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

const (
	scrape = 10 * time.Second
	// longest is the longest interval of a group but that of the hours, which are not evaluated
	// more often here only to be measured.
	longest = 5 * time.Minute
)

// world is a rule engine and what it reads.
type world struct {
	server     *simtime.Server
	scraped    []backfill.Series
	until      time.Time // of the last scrape
	remembered int       // series that tallies have recorded
}

func open(ctx context.Context, dir string, partitions int) (*world, error) {
	files, err := rules.Files()
	if err != nil {
		return nil, err
	}
	options := tsdb.DefaultOptions()
	options.MinBlockDuration = (48 * time.Hour).Milliseconds() // one head holds all
	options.MaxBlockDuration, options.WALSegmentSize = options.MinBlockDuration, -1
	server, err := simtime.Open(ctx, dir, files, options)
	if err != nil {
		return nil, err
	}
	w := &world{server: server, until: now.Add(-longest)}
	for _, kind := range backfill.Kinds() {
		if kind.Recorded {
			continue
		}
		for _, s := range backfill.Make(kind) {
			w.scraped = append(w.scraped, inPartitions(s, partitions)...)
		}
	}
	return w, nil
}

// inPartitions returns a series of one partition for each of several.
func inPartitions(s backfill.Series, partitions int) []backfill.Series {
	if s.Labels.Get(catalog.LabelPartition.Name) != "0" {
		return []backfill.Series{s}
	}
	all := make([]backfill.Series, partitions)
	for n := range all {
		all[n] = s
		all[n].Labels = labels.NewBuilder(s.Labels).Set(catalog.LabelPartition.Name, fmt.Sprint(n)).Labels()
	}
	return all
}

// remember writes what the tallies have recorded in the last day, and the increases of the
// last two hours.
func (w *world) remember(ctx context.Context) error {
	byEvery := map[time.Duration][]backfill.Series{}
	for _, r := range rules.Recorded() {
		if !r.Internal || !strings.Contains(r.Name, ":last") {
			continue
		}
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(r.Definition.String())
		if err != nil {
			return err
		}
		counter := parser.ExtractSelectors(parsed)[0]
		for _, s := range w.scraped {
			if matches(counter, s.Labels) {
				s.Labels = labels.NewBuilder(s.Labels).Set("__name__", r.Name).Del("instance").Labels()
				byEvery[r.Every] = append(byEvery[r.Every], s)
				w.remembered++
			}
		}
	}
	for at := now.Add(-25 * time.Hour); at.Before(now); at = at.Add(time.Minute) {
		for every, series := range byEvery {
			if !at.Equal(at.Truncate(every)) {
				continue
			}
			if err := w.write(ctx, at, series); err != nil {
				return err
			}
		}
	}
	return w.tile(ctx)
}

// tile writes the increases of five minutes.
func (w *world) tile(ctx context.Context) error {
	var tiles []backfill.Series
	for _, k := range backfill.Kinds() {
		if k.Recorded && strings.HasSuffix(k.Name, ":increase5m") {
			tiles = append(tiles, backfill.Make(k)...)
		}
	}
	for at := now.Add(-2 * time.Hour); at.Before(now); at = at.Add(longest) {
		if err := w.write(ctx, at, tiles); err != nil {
			return err
		}
	}
	return nil
}

func matches(selector []*labels.Matcher, series labels.Labels) bool {
	return !slices.ContainsFunc(selector, func(m *labels.Matcher) bool { return !m.Matches(series.Get(m.Name)) })
}

func (w *world) write(ctx context.Context, at time.Time, series []backfill.Series) error {
	return w.server.Scrape(ctx, at, func(add simtime.Append) error {
		for i := range series {
			if err := add(&series[i].Series, series[i].Value(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// evaluate scrapes up to a time, evaluates all groups, due or not, and returns how long
// each took.
func (w *world) evaluate(ctx context.Context, at time.Time) (map[string]time.Duration, error) {
	for ; w.until.Before(at); w.until = w.until.Add(scrape) {
		if err := w.write(ctx, w.until.Add(scrape), w.scraped); err != nil {
			return nil, err
		}
	}
	took := map[string]time.Duration{}
	for _, g := range rules.Groups() {
		began := time.Now()
		if err := w.server.EvaluateNow(ctx, at, g.Name); err != nil {
			return nil, err
		}
		took[g.Name] = time.Since(began)
	}
	return took, nil
}
