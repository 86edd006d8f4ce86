// Package dashboards measures how long each dashboard takes to open over an hour and
// over a year.
//
// It writes twelve months of every series that a dashboard reads, for a platform
// of the typical size, starts the pinned Prometheus on them, and opens each
// dashboard as a browser does: with variables filled in, six queries at a time and
// the step that Grafana chooses for 1,000 points.
//
// In two ways this is not a real year. The values are made up, with short fractions
// that take less disk space. And before the last day, series with more than one
// sample in five minutes are thinned to the budget of samples. The report says how
// far.
package dashboards

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/alecthomas/kingpin/v2"

	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/backfill"
	"belfry/dashboards-gen/view"
	"belfry/deploy/stack"
	"belfry/rules/promapi"
)

const day = 24 * time.Hour

// bench holds the flags.
type bench struct {
	past    time.Duration
	fine    time.Duration // the end of the past, in which no series is thinned
	samples int64
	opens   int
	limit   time.Duration
	dir     string
	ranges  []time.Duration
}

// Command adds the subcommand dashboards.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("dashboards", "Measure how long each dashboard takes to open over an hour and over a year.")
	b := bench{fine: day, ranges: []time.Duration{time.Hour, day, 7 * day, 30 * day, 365 * day}}
	past := c.Flag("days", "Length of the past: a year, and a month to compare with.").Default("395").Int()
	c.Flag("samples", "Most samples to write; a sample takes 1 to 4 bytes.").Default("1200000000").Int64Var(&b.samples)
	c.Flag("opens", "How often each dashboard is opened at each range.").Default("3").IntVar(&b.opens)
	c.Flag("limit", "Longest that a dashboard may take to open.").Default("1s").DurationVar(&b.limit)
	c.Flag("dir", "Directory for the blocks. By default a temporary one.").StringVar(&b.dir)
	replay := c.Flag("replay", "Only write the past of a simulated platform to this directory, for a test.").
		Hidden().String()
	full := c.Flag("full",
		"With --replay, write six hours without gaps, for `belfry dashboards preview`.").Hidden().Bool()
	return c, func(ctx context.Context) error {
		if *replay != "" {
			detail := backfill.Quick
			if *full {
				detail = backfill.Full
			}
			return backfill.Watched(aliveAt, detail).Write(ctx, stack.BlocksDir(*replay))
		}
		b.past = time.Duration(*past) * day
		return b.run(ctx, os.Stdout)
	}
}

// run writes the past, opens the dashboards and reports. It fails if a dashboard
// took too long.
func (b bench) run(ctx context.Context, out io.Writer) (err error) {
	all, err := load()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(b.dir, "belfry-bench-")
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	now := time.Now().Truncate(time.Minute)
	if err := b.write(ctx, out, all, stack.BlocksDir(dir), now); err != nil {
		return err
	}
	server, err := stack.ServeBlocks(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, server.Stop()) }()
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		return err
	}
	return b.measure(ctx, out, all, api, now)
}

// aliveAt is the end of the simulated past: always the same Tuesday.
var aliveAt = time.Date(2026, time.March, 3, 15, 0, 0, 0, time.UTC)

// load reads every generated dashboard.
func load() ([]view.Dashboard, error) {
	files, err := dashboards.Files()
	if err != nil {
		return nil, err
	}
	return view.LoadAll(files)
}

// write writes the past of every series that a dashboard reads.
func (b bench) write(ctx context.Context, out io.Writer, all []view.Dashboard, data string, now time.Time) error {
	var asked []string
	for _, d := range all {
		queries, err := d.Asks(now, b.past)
		if err != nil {
			return err
		}
		asked = append(asked, queries...)
	}
	names, err := backfill.Names(asked)
	if err != nil {
		return err
	}
	year, err := backfill.PlanYear(names, now, b.past, b.fine, b.samples)
	if err != nil {
		return err
	}
	began := time.Now()
	samples, err := year.Write(ctx, data)
	if err != nil {
		return err
	}
	size, err := sizeOf(data)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The exporter of the platform shows %d series. The dashboards read %d metrics, %d series: "+
		"%s days, %d million samples, %.1f GB, written in %s.\n", backfill.Typical(), len(names), len(year.Plans),
		days(b.past), samples/1e6, float64(size)/1e9, time.Since(began).Round(time.Second))
	fmt.Fprintf(out, "The values are made up. Before the last %s hours, series have at most one sample in %s.\n\n",
		strconv.FormatFloat(b.fine.Hours(), 'f', -1, 64), year.Thinned)
	return nil
}

func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
