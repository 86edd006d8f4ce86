// Package totals proves that dashboards over a day, a week and a year show what was
// counted, to the unit.
//
// It simulates the traffic of a platform, counts it as the exporter does, scrapes
// it and records the shipped rules in simulated time, and opens the dashboards on
// the pinned Prometheus. What the recorded increases add up to, and the bars of
// the dashboards, is compared with the simulator's own count, and so are the figures of
// reports.
//
// Until the last day the platform is scraped and recorded once a day, and then once
// an hour until the last stretch, which saves time: the increases are as exact as
// with the shipped intervals.
package totals

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/deploy/stack"
	"belfry/rules/promapi"
)

const day = 24 * time.Hour

// until is the end of the past: midnight, where the points of all graphs end.
var until = time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)

// proof holds the flags.
type proof struct {
	past, fine time.Duration
	perMinute  float64
	out        io.Writer
}

// Command adds the subcommand totals.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("totals", "Compare dashboards over a day, a week and a year with the simulator's count.")
	days := c.Flag("days", "Length of the past.").Default("365").Int()
	p := proof{out: os.Stdout}
	c.Flag("fine", "End of the past in which the shipped intervals apply.").Default("2h").DurationVar(&p.fine)
	c.Flag("per-minute", "Notifications per minute.").Default("2").Float64Var(&p.perMinute)
	return c, func(ctx context.Context) error {
		p.past = time.Duration(*days) * day
		return p.run(ctx)
	}
}

// ranges returns a day, a week and the whole past, by default a year.
func (p proof) ranges() []time.Duration { return []time.Duration{day, 7 * day, p.past} }

// shown returns the time ranges over which dashboards are opened for their figures: three
// quarters of an hour, and a month or the whole past if that is shorter.
func (p proof) shown() []time.Duration {
	return []time.Duration{45 * time.Minute, day, min(p.past, 30*day)}
}

func (p proof) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "belfry-totals-")
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	began := time.Now()
	known, err := p.record(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d days of %g notifications a minute: %d events, recorded in %s\n",
		p.past/day, p.perMinute, known.events, time.Since(began).Round(time.Second))
	server, err := stack.ServeBlocks(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, server.Stop()) }()
	api, err := promapi.New(server.URL, promapi.Options{})
	if err != nil {
		return err
	}
	c := comparison{API: api, known: known, out: p.out}
	if err := c.increases(ctx, p.ranges()); err != nil {
		return err
	}
	if err := c.dashboards(ctx, p.ranges()); err != nil {
		return err
	}
	if err := c.figures(ctx, p.shown()); err != nil {
		return err
	}
	if err := c.reports(ctx, []time.Duration{day, min(p.past, 30*day)}); err != nil {
		return err
	}
	return c.result()
}
