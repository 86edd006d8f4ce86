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

// sourceFlags holds the flags that say where a command reads from.
type sourceFlags struct{ prometheus, httpConfig *string }

func newSourceFlags(c *kingpin.CmdClause) sourceFlags {
	return sourceFlags{
		prometheus: upstreamFlag(c, "prometheus.url", "Server with Prometheus's API to read from.", defaultPrometheus),
		httpConfig: httpFlag(c),
	}
}

// source returns a source that reads from the server with Prometheus's API.
func (f sourceFlags) source() (*query.Source, error) {
	client, err := httpClient(*f.httpConfig)
	if err != nil {
		return nil, err
	}
	api, err := promapi.New(*f.prometheus, promapi.Options{Client: client})
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
