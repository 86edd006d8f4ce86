package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/mask"
	"belfry/nats"
	"belfry/rules"
	"belfry/rules/expr"
	"belfry/rules/promapi"
)

// alertsCommand declares a subcommand of alerts with the flags for NATS.
func alertsCommand(app *kingpin.Application, name, help string) (*nats.Options, *kingpin.CmdClause) {
	group := app.GetCommand("alerts")
	if group == nil {
		group = app.Command("alerts", "List the alerts that fire, acknowledge them, and read their history.")
	}
	c := group.Command(name, help)
	o := &nats.Options{Name: "belfry-alerts"}
	daemon.NATSFlags(c.Flag, o)
	return o, c
}

// upstreamFlag declares the flag for the URL of a server.
func upstreamFlag(c *kingpin.CmdClause, name, help, url string) *string {
	address := new(string)
	addressVar(c.Flag(name, help).Default(url), address)
	return address
}

// httpFlag declares the flag for the authentication of requests to these servers.
func httpFlag(c *kingpin.CmdClause) *string {
	file := new(string)
	daemon.FileVar(c.Flag("http.config.file",
		"File with basic auth, TLS and so on for HTTP requests, in Prometheus's http_config format."), file)
	return file
}

// httpClient returns the client that --http.config.file describes.
func httpClient(file string) (*http.Client, error) {
	client, err := promapi.HTTPClient(file)
	if err != nil {
		return nil, fmt.Errorf("--http.config.file: %w", err)
	}
	return client, nil
}

// noHistory returns the error for a server without a history, which is often not the one
// that was meant.
func noHistory(nc *natsgo.Conn) error {
	return fmt.Errorf("the NATS server %s has no history of alerts: start belfry alerts serve, which writes it, "+
		"or name another server with --nats.url or BELFRY_NATS_URL", mask.Address(nc.ConnectedUrl()))
}

// openJournal reads the history.
func openJournal(ctx context.Context, nc *natsgo.Conn) (*history.Journal, error) {
	j, err := history.OpenJournal(ctx, nc)
	if errors.Is(err, nats.ErrStreamNotFound) {
		return nil, noHistory(nc)
	}
	return j, err
}

func listAlertsCommand(app *kingpin.Application) command {
	o, c := alertsCommand(app, "list", "List the alerts that fire, the most urgent first and each before those that "+
		"follow from it, and who has acknowledged them.")
	return command{c, func(ctx context.Context, p *process) error {
		nc, err := connect(ctx, *o)
		if err != nil {
			return err
		}
		defer nc.Close()
		j, err := openJournal(ctx, nc)
		if err != nil {
			return err
		}
		alerts := j.Firing()
		if len(alerts) == 0 {
			fmt.Fprintln(p.stderr, "no active alerts")
			return nil
		}
		return printAlerts(p.stdout, alerts, time.Now())
	}}
}

func printAlerts(w io.Writer, alerts []*history.Alert, now time.Time) error {
	ids := history.ShortIDs(alerts)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tSTATE\tSINCE\tAGE\tSEVERITY\tTEAM\tALERT\tABOUT\tACKNOWLEDGED\tQUIET")
	for _, a := range history.CausesFirst(alerts) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			ids[a.Fingerprint], a.State, stamp(a.Began), age(a, now),
			label(a.Labels, catalog.LabelSeverity), label(a.Labels, rules.LabelTeam),
			label(a.Labels, catalog.LabelAlertName), about(a.Labels), acknowledgedBy(a, now), mutedBy(a, alerts))
	}
	return table.Flush()
}

// age returns how long an alert has fired: to the second, and from two minutes on to the minute.
func age(a *history.Alert, now time.Time) string {
	fired := max(0, now.Sub(a.Began))
	if fired >= 2*time.Minute {
		fired = fired.Truncate(time.Minute)
	}
	return lasting(fired)
}

// about lists the labels that tell an alert from the others of its rule, the channel and
// the provider first, or returns a dash.
func about(labels map[string]string) string {
	first := []string{catalog.LabelChannel.Name, catalog.LabelProvider.Name}
	skip := []string{
		catalog.LabelAlertName.Name, catalog.LabelSeverity.Name, rules.LabelTeam.Name, rules.LabelCooldown.Name,
		expr.Job.Name,
	}
	if labels[catalog.LabelAlertName.Name] != rules.AlertUnacknowledged.Name { // which is about another rule
		skip = append(skip, catalog.LabelRule.Name)
	}
	var parts []string
	for _, name := range slices.Concat(first, slices.Sorted(maps.Keys(labels))) {
		if labels[name] != "" && !slices.Contains(skip, name) {
			parts = append(parts, name+"="+labels[name])
			skip = append(skip, name)
		}
	}
	return dash(strings.Join(parts, " "))
}

// acknowledgedBy says who has acknowledged an alert, and until when.
func acknowledgedBy(a *history.Alert, now time.Time) string {
	if !a.AcknowledgedAt(now) {
		return "-"
	}
	k := a.Acknowledgement
	return fmt.Sprintf("by %s until %s", plain(k.By), stamp(k.Until))
}

// mutedBy says what suppresses an alert: silences by id, other alerts by name if
// they fire.
func mutedBy(a *history.Alert, alerts []*history.Alert) string {
	if a.State != history.Suppressed {
		return "-"
	}
	names := map[string]string{}
	for _, other := range alerts {
		names[other.Fingerprint] = label(other.Labels, catalog.LabelAlertName)
	}
	return suppressors(a.SilencedBy, a.InhibitedBy, names)
}

// suppressors lists silences by id and alerts by their name in names.
func suppressors(silences, inhibitors []string, names map[string]string) string {
	var parts []string
	if len(silences) > 0 {
		parts = append(parts, "silenced by "+plain(strings.Join(silences, ", ")))
	}
	for i, fingerprint := range inhibitors {
		word := "inhibited by "
		if i > 0 {
			word = ""
		}
		name := names[fingerprint]
		if name == "" {
			name = shortFingerprint(fingerprint)
		}
		parts = append(parts, word+plain(name))
	}
	return strings.Join(parts, ", ")
}

// shortFingerprint returns what to show of a fingerprint that need not be unique.
func shortFingerprint(f string) string { return f[:min(8, len(f))] }

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// label returns the value of a label, or a dash.
func label(labels map[string]string, l *catalog.Label) string { return dash(labels[l.Name]) }

// dash returns the text, or a dash if it is empty.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return plain(text)
}
