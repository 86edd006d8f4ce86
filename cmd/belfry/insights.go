package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"belfry/insights/query"
	"belfry/rules/promapi"
)

// insightsGroup returns the clause of the subcommands of insights.
func insightsGroup(app *kingpin.Application) *kingpin.CmdClause {
	if group := app.GetCommand("insights"); group != nil {
		return group
	}
	return app.Command("insights", "Analyze what was counted: experiments, anomalies, forecasts.")
}

// sourceOf returns a source that reads from a server with Prometheus's API. The file
// configures the requests, see httpFlag.
func sourceOf(address, httpConfig string) (*query.Source, error) {
	client, err := httpClient(httpConfig)
	if err != nil {
		return nil, err
	}
	api, err := promapi.New(address, promapi.Options{Client: client})
	if err != nil {
		return nil, fmt.Errorf("--prometheus.url: %w", err)
	}
	return query.New(api, query.Options{}), nil
}

// writeJSON writes indented JSON for people.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
