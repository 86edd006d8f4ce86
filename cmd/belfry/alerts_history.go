package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"
	"github.com/prometheus/common/model"

	"belfry/alertmanager/history"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// historyQuery holds the flags of history and watch.
type historyQuery struct {
	nats   *nats.Options
	since  model.Duration
	alert  string
	asJSON bool
}

func historyQueryCommand(app *kingpin.Application, name, help string) (*historyQuery, *kingpin.CmdClause) {
	o, c := alertsCommand(app, name, help)
	q := &historyQuery{nats: o}
	c.Flag("alert", "Only alerts with this name or rule, or whose id begins with this.").StringVar(&q.alert)
	c.Flag("json", "Print the stored records, one JSON object per line.").BoolVar(&q.asJSON)
	return q, c
}

func alertHistoryCommand(app *kingpin.Application) command {
	q, c := historyQueryCommand(app, "history", "Show what happened to alerts, the latest last.")
	durationVar(c.Flag("since", "How far back, such as 12h, 7d or 1y.").Default("7d"), &q.since)
	return command{c, q.read}
}

func watchAlertsCommand(app *kingpin.Application) command {
	q, c := historyQueryCommand(app, "watch", "Follow what happens to alerts, until interrupted.")
	return command{c, q.watch}
}

func (q *historyQuery) includes(r *history.Record) bool {
	return q.alert == "" || history.IsCalled(r.Labels, q.alert) ||
		strings.HasPrefix(r.Fingerprint, strings.ToLower(q.alert))
}

func (q *historyQuery) read(ctx context.Context, p *process) error {
	nc, err := connect(ctx, *q.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	begin := time.Now().Add(-time.Duration(q.since))
	var records []*history.Record
	err = nats.ReadAlerts(ctx, nc, 1, func(batch []nats.Message) error {
		for _, m := range batch {
			r, err := history.Decode(m)
			if err == nil && !r.At.Before(begin) && q.includes(r) {
				records = append(records, r) // other messages hold totals, or are from elsewhere
			}
		}
		return nil
	})
	if errors.Is(err, nats.ErrStreamNotFound) {
		return noHistory(nc)
	}
	if len(records) == 0 && err == nil {
		fmt.Fprintf(p.stderr, "nothing in the last %s\n", q.since)
	}
	return errors.Join(err, q.print(p.stdout, records))
}

// print prints records by the time at which it happened. The stream holds them as they
// became known: that an alert has ended is known late.
func (q *historyQuery) print(w io.Writer, records []*history.Record) error {
	slices.SortStableFunc(records, func(x, y *history.Record) int { return x.At.Compare(y.At) })
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(records) > 0 && !q.asJSON {
		fmt.Fprintln(table, "TIME\tID\tSEVERITY\tALERT\tABOUT\tWHAT")
	}
	show := q.printer(table, w)
	for _, r := range records {
		if err := show(r); err != nil {
			return err
		}
	}
	return table.Flush()
}

// printer returns a function that prints a record as a row of a table, or as JSON if
// the flags say so.
func (q *historyQuery) printer(table, jsonOut io.Writer) func(*history.Record) error {
	if q.asJSON {
		encoder := json.NewEncoder(jsonOut)
		encoder.SetEscapeHTML(false)
		return func(r *history.Record) error { return encoder.Encode(r) }
	}
	return func(r *history.Record) error {
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", stamp(r.At), shortFingerprint(r.Fingerprint),
			label(r.Labels, catalog.LabelSeverity), label(r.Labels, catalog.LabelAlertName), about(r.Labels),
			describe(r))
		return err
	}
}

// describe returns what a record says, in words.
func describe(r *history.Record) string {
	switch r.Transition {
	case history.Suppressed:
		return suppressors(r.SilencedBy, r.InhibitedBy, nil)
	case history.Acknowledged:
		text := fmt.Sprintf("acknowledged by %s", plain(r.By))
		if r.Until != nil {
			text += " until " + stamp(*r.Until)
		}
		if r.Silence != "" {
			text += " and muted"
		}
		return text + ": " + plain(r.Comment)
	case history.Unacknowledged:
		return "acknowledgement withdrawn by " + plain(r.By)
	case history.Expired:
		return "acknowledgement by " + plain(r.By) + " expired"
	case history.Resolved:
		text := "resolved after " + lasting(time.Duration(r.Seconds*float64(time.Second)))
		switch r.EndedBy {
		case history.ByAlert:
			text += " (cooldown included)"
		case history.ByAlertUnasked:
			text += " (cooldown included: Prometheus did not answer)"
		}
		return text
	}
	return plain(string(r.Transition))
}

// followAgain delays the attempt to follow a lost history again.
const followAgain = time.Second

func (q *historyQuery) watch(ctx context.Context, p *process) error {
	nc, err := connect(ctx, *q.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	j, err := openJournal(ctx, nc)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%d alerts are active; following what happens to alerts, interrupt to stop\n",
		len(j.Firing()))
	for {
		err := j.Follow(ctx, q.live(p))
		if ctx.Err() != nil {
			return nil // interrupted, which is how watching ends
		}
		fmt.Fprintf(p.stderr, "belfry alerts watch: %v; trying again\n", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followAgain):
		}
		if j, err = q.reopen(ctx, nc, j, err); err != nil {
			return err
		}
	}
}

// reopen opens a new journal if the stream has been replaced, or returns the old.
func (q *historyQuery) reopen(
	ctx context.Context, nc *natsgo.Conn, j *history.Journal, err error,
) (*history.Journal, error) {
	if errors.As(err, new(*nats.StartError)) {
		return openJournal(ctx, nc)
	}
	return j, nil
}

// live returns a function that prints each record at once, in columns of fixed
// width.
func (q *historyQuery) live(p *process) func(*history.Record) {
	return func(r *history.Record) {
		if !q.includes(r) {
			return
		}
		if q.asJSON {
			_ = q.printer(nil, p.stdout)(r) // on an error nobody reads any more
			return
		}
		fmt.Fprintf(p.stdout, "%s  %s  %-9s  %-32s  %-30s  %s\n", stamp(r.At), shortFingerprint(r.Fingerprint),
			label(r.Labels, catalog.LabelSeverity), label(r.Labels, catalog.LabelAlertName), about(r.Labels),
			describe(r))
	}
}
