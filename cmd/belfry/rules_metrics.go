package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"belfry/dashboards-gen/custom"
	"belfry/rules"
)

// rulesGroup returns the clause of the subcommands of rules.
func rulesGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("rules"); group != nil {
		return group
	}
	return app.Command("rules", "Apply a rules file, and see what its alerts would have done.")
}

func listMetricsCommand(app *kingpin.Application) command {
	c := rulesGroup(app).Command("metrics", "List the metrics that alerts in a rules file and custom dashboards can use.")
	return command{c, func(_ context.Context, p *process) error {
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "METRIC\tUNIT\tLABELS\tRECORDED OVER\tMEANING")
		all := rules.ShortNames()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			m := all[name]
			var labels, windows []string
			for _, l := range m.Labels() {
				labels = append(labels, l.Name)
			}
			for _, window := range m.Windows() {
				windows = append(windows, model.Duration(window).String())
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, dash(string(m.Unit)),
				dash(strings.Join(labels, ", ")), dash(strings.Join(windows, ", ")), m.Meaning())
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "\nHeat maps of custom dashboards show %s.\n", strings.Join(custom.Distributions(), ", "))
		return nil
	}}
}
