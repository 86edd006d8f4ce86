package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"

	"belfry/alertmanager/history"
	"belfry/exporter/daemon"
	"belfry/nats"
	"belfry/rules/promapi"
)

// alertsCommand adds a subcommand of alerts with the flags that say where NATS
// is.
func alertsCommand(app *kingpin.Application, name, help string) (*nats.Options, *kingpin.CmdClause) {
	group := app.GetCommand("alerts")
	if group == nil {
		group = app.Command("alerts", "See which alerts fire, say that you look after one, and read what became of them.")
	}
	c := group.Command(name, help)
	o := &nats.Options{Name: "belfry-alerts"}
	daemon.NATSFlags(c.Flag, o)
	return o, c
}

// upstreamFlag is the address of a server that is asked over HTTP.
func upstreamFlag(c *kingpin.CmdClause, name, help, standard string) *string {
	return c.Flag(name, help).Default(standard).String()
}

// httpFlag is how these servers are asked.
func httpFlag(c *kingpin.CmdClause) *string {
	return c.Flag("http.config.file", "File with basic auth, TLS and the like for requests over HTTP, in Prometheus' format.").String()
}

// httpClient makes the client that --http.config.file describes.
func httpClient(file string) (*http.Client, error) {
	client, err := promapi.HTTPClient(file)
	if err != nil {
		return nil, fmt.Errorf("--http.config.file: %w", err)
	}
	return client, nil
}

// errNoHistory says what makes the history.
var errNoHistory = errors.New("there is no history of alerts on this server yet: belfry alerts serve writes it")

// openJournal reads the history for a person who waits.
func openJournal(ctx context.Context, nc *natsgo.Conn) (*history.Journal, error) {
	j, err := history.Open(ctx, nc)
	if errors.Is(err, nats.ErrStreamNotFound) {
		return nil, errNoHistory
	}
	return j, err
}

// openAlerts are those that fire.
func openAlerts(j *history.Journal) (alerts []*history.Alert) {
	j.View(func(b *history.Book) { alerts = b.Open() })
	return alerts
}

func listAlertsCommand(app *kingpin.Application) command {
	o, c := alertsCommand(app, "list", "List the alerts that fire, the longest first, and who looks after them.")
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
		alerts := openAlerts(j)
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
	fmt.Fprintln(table, "ID\tSTATE\tSINCE\tSEVERITY\tTEAM\tCHANNEL\tALERT\tACKNOWLEDGED\tQUIET")
	for _, a := range alerts {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ids[a.Fingerprint], a.State, stamp(a.Began),
			label(a.Labels, "severity"), label(a.Labels, "team"), label(a.Labels, "channel"), label(a.Labels, "alertname"),
			lookedAfter(a, now), quiet(a, alerts))
	}
	return table.Flush()
}

// lookedAfter says who looks after an alert, and until when.
func lookedAfter(a *history.Alert, now time.Time) string {
	if !a.AcknowledgedAt(now) {
		return "-"
	}
	k := a.Acknowledgement
	return fmt.Sprintf("by %s until %s", plain(k.By), stamp(k.Until))
}

// quiet says what suppresses an alert: silences by id, other alerts by name
// where they are known.
func quiet(a *history.Alert, alerts []*history.Alert) string {
	if a.State != history.Suppressed {
		return "-"
	}
	names := map[string]string{}
	for _, other := range alerts {
		names[other.Fingerprint] = label(other.Labels, "alertname")
	}
	return suppressors(a.SilencedBy, a.InhibitedBy, names)
}

// suppressors names silences, and alerts as in names.
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

// shortFingerprint is what is shown where an alert need not be told from all
// others.
func shortFingerprint(f string) string { return f[:min(8, len(f))] }

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// label is a label's value, a dash where there is none.
func label(labels map[string]string, name string) string {
	if value := plain(labels[name]); value != "" {
		return value
	}
	return "-"
}

// plain keeps what came from elsewhere from steering the terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, text)
}
