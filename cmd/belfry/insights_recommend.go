package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter/daemon"
	"belfry/insights/experiment"
	"belfry/insights/recommend"
	"belfry/insights/service"
)

// recommendations holds the flags of insights recommendations.
type recommendations struct {
	sourceFlags
	floor         int
	plans, format string
}

func recommendationsCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("recommendations",
		"Say which hours, templates, audiences and frequencies are worth a test, from the last four weeks.")
	r := &recommendations{sourceFlags: newSourceFlags(c)}
	daemon.IntVar(c.Flag("privacy.floor", fmt.Sprintf("Least number of users that a breakdown shows, at least %d.",
		service.MinFloor)).Default(fmt.Sprint(service.DefaultFloor)),
		&r.floor, service.MinFloor, math.MaxInt)
	c.Flag("experiments.file", "File with the plans of experiments, whose winners are recommended. Default: only "+
		"those are judged that the exporter's configuration declares.").StringVar(&r.plans)
	c.Flag("format", "Output: table or json.").Default("table").EnumVar(&r.format, "table", "json")
	return command{c, r.run}
}

func (r *recommendations) run(ctx context.Context, p *process) error {
	plans, err := p.plans(r.plans)
	if err != nil {
		return err
	}
	source, err := r.source()
	if err != nil {
		return err
	}
	report, err := recommend.Read(ctx, source, recommend.Options{Floor: float64(r.floor)})
	if err != nil {
		return err
	}
	judged, err := experiment.Watch(ctx, source, plans, source.Now())
	if err != nil {
		fmt.Fprintf(p.stderr, "belfry insights recommendations: %v\n", err)
	}
	report.Ship(judged)
	if r.format == "json" {
		return writeJSON(p.stdout, report)
	}
	return printRecommendations(p.stdout, report)
}

// printRecommendations writes what to do, then every comparison with its outcome.
func printRecommendations(w io.Writer, report recommend.Report) error {
	if !report.Status.Usable() {
		return errors.New(report.Status.Reason)
	}
	if report.Status.Reason != "" {
		fmt.Fprintf(w, "%s: %s\n\n", report.Status.State, report.Status.Reason)
	}
	if len(report.Recommendations) == 0 {
		fmt.Fprintf(w, "Nothing to recommend: no way of sending is clearly better than the others.\n\n")
	}
	for _, r := range report.Recommendations {
		fmt.Fprintf(w, "%s (%s)\n", r.Text, r.Evidence)
		for _, line := range r.Basis {
			fmt.Fprintf(w, "  - %s\n", line)
		}
		fmt.Fprintln(w)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPARED\tCHANNEL\tWAYS\tLEADER\tENGAGED\tBETWEEN\tAND\tOUTCOME")
	for _, g := range report.Groups {
		leader, rate, low, high := "-", "-", "-", "-"
		if len(g.Ways) > 0 {
			best := g.Ways[0]
			leader, rate = best.Value, percentage(best.Rate.Value)
			low, high = percentage(best.Rate.Low), percentage(best.Rate.High)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", g.Dimension, g.Channel, len(g.Ways), leader, rate, low,
			high, g.Reason)
	}
	return table.Flush()
}

func percentage(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }
