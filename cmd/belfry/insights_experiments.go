package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/insights/experiment"
)

// experimentsOptions holds the flags of insights experiments.
type experimentsOptions struct {
	sourceFlags
	plans, format string
}

func experimentsCommand(app *kingpin.Application) command {
	c := insightsGroup(app).Command("experiments",
		"Judge the running experiments, each with its verdict and reason.")
	o := &experimentsOptions{sourceFlags: newSourceFlags(c)}
	c.Flag("experiments.file", "File with the plans of experiments; - reads standard input. "+
		"Default: only those are judged that the exporter's configuration declares.").StringVar(&o.plans)
	c.Flag("format", "Output: table or json.").Default("table").EnumVar(&o.format, "table", "json")
	return command{c, o.run}
}

func (o *experimentsOptions) run(ctx context.Context, p *process) error {
	plans, err := p.plans(o.plans)
	if err != nil {
		return err
	}
	source, err := o.source()
	if err != nil {
		return err
	}
	all, err := experiment.Watch(ctx, source, plans, source.Now())
	if err != nil && len(all) == 0 {
		return err
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "belfry insights experiments: %v\n", err)
	}
	if o.format == "json" {
		return writeJSON(p.stdout, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(p.stdout, "No experiment is declared: name a file of plans with --experiments.file, or declare "+
			"experiments in the exporter's configuration.")
	}
	for i, j := range all {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		if err := printExperiment(p.stdout, j); err != nil {
			return err
		}
	}
	return nil
}

func printExperiment(out io.Writer, j experiment.Judged) error {
	fmt.Fprintf(out, "%s: %s\n  %s\n", j.Experiment, j.Verdict, j.Reason)
	if j.Started != nil {
		fmt.Fprintf(out, "  since %s; control %s; primary metric %s\n", j.Started.Format(time.RFC3339), j.Control,
			j.Primary)
	}
	for _, arm := range j.Arms {
		if len(j.Arms) > 1 {
			fmt.Fprintf(out, "  %s: %s, %s\n", arm.Arm, arm.Verdict, arm.Reason)
		}
	}
	for _, reason := range j.Reasons {
		fmt.Fprintf(out, "  note: %s\n", reason)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(j.Comparisons) > 0 {
		fmt.Fprintln(w, "  ARM\tUSERS\tMETRIC\tROLE\tEFFECT\tBETWEEN\tAND\tP-VALUE\tCHANCE TO WIN")
	}
	for _, c := range j.Comparisons {
		fmt.Fprintf(w, "  %s\n", strings.Join([]string{c.Arm, strconv.FormatFloat(j.Users[c.Arm], 'f', 0, 64), c.Metric,
			string(c.Role), effectOf(c), bound(c, 0), bound(c, 1), decimals(c.PAdjusted, 4),
			decimals(c.Bayes.ChanceToWin, 3)}, "\t"))
	}
	return w.Flush()
}

// effectOf returns the effect that decides.
func effectOf(c experiment.Comparison) string {
	effect := c.Deciding()
	if effect == nil {
		return "-"
	}
	return c.Kind.Signed(*effect)
}

func bound(c experiment.Comparison, i int) string {
	if c.Sequential.CI == nil {
		return "-"
	}
	return c.Kind.Signed(c.Sequential.CI[i])
}

func decimals(x *float64, n int) string {
	if x == nil {
		return "-"
	}
	return strconv.FormatFloat(*x, 'f', n, 64)
}
