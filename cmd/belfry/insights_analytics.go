package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/insights/analytics"
	"belfry/insights/table"
)

// analyticsOptions holds the flags of insights analytics.
type analyticsOptions struct {
	analytics.Params
	sourceFlags
	floor  int
	format string
}

func analyticsCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("analytics",
		"Show what was sent in a period, how far it got, and how the platform performed, beside the period before.")
	o := &analyticsOptions{sourceFlags: newSourceFlags(c)}
	c.Flag("from", "Start: a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 7d. Default: 7d.").
		StringVar(&o.From)
	c.Flag("to", "End, like --from; 0s is now.").Default("0s").StringVar(&o.To)
	c.Flag("last", "Length of the period until --to, such as 30d, instead of --from.").StringVar(&o.Last)
	c.Flag("granularity", "Length of the series' buckets: minute, hour, day, week or month. "+
		"The period is widened to whole buckets.").Default(string(analytics.Day)).StringVar(&o.Granularity)
	c.Flag("channel", "Count this channel only (repeatable).").StringsVar(&o.Channels)
	c.Flag("category", "Count this category only (repeatable). Not together with --channel.").StringsVar(&o.Categories)
	c.Flag("timezone", "Time zone of days, weeks and months, such as Europe/Berlin.").Default("UTC").StringVar(&o.Timezone)
	daemon.IntVar(c.Flag("privacy.floor", fmt.Sprintf("Least number of users that a breakdown shows, at least %d.",
		analytics.LeastFloor)).Default(fmt.Sprint(analytics.DefaultFloor)),
		&o.floor, analytics.LeastFloor, math.MaxInt)
	c.Flag("format", "Format of the output: table, json or csv.").Default("table").EnumVar(&o.format, "table", "json", "csv")
	return command{c, o.run}
}

func (o *analyticsOptions) run(ctx context.Context, p *process) error {
	source, err := o.source()
	if err != nil {
		return err
	}
	request, err := o.Request(time.Now())
	if err != nil {
		return err
	}
	if request.Floor = o.floor; o.floor < analytics.LeastFloor {
		return fmt.Errorf("invalid privacy floor %d: use at least %d users", o.floor, analytics.LeastFloor)
	}
	a, err := analytics.Compute(ctx, source, request)
	if err != nil {
		return err
	}
	if err := o.print(p, a); err != nil {
		return err
	}
	if !a.Status.Usable() {
		return fmt.Errorf("%s: %s", a.Status.State, a.Status.Reason)
	}
	return nil
}

// print writes the answer in the format. A table or CSV without data is empty.
func (o *analyticsOptions) print(p *process, a *analytics.Analytics) error {
	switch {
	case o.format == "json":
		e := json.NewEncoder(p.stdout)
		e.SetIndent("", "  ")
		return e.Encode(a)
	case !a.Status.Usable():
		return nil
	case o.format == "csv":
		return table.Of(a.Rows()).WriteCSV(p.stdout)
	}
	return a.Print(p.stdout)
}
