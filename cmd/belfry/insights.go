package main

import "github.com/alecthomas/kingpin/v2"

// insightsGroup returns the clause of the subcommands of insights.
func insightsGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("insights"); group != nil {
		return group
	}
	return app.Command("insights", "Analyze what was counted: experiments, anomalies, forecasts.")
}
