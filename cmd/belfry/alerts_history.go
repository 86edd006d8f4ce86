package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"
	"github.com/prometheus/common/model"

	"belfry/alertmanager/history"
	"belfry/nats"
)

// chronicle is what the flags of history and watch ask for.
type chronicle struct {
	nats   *nats.Options
	since  model.Duration
	alert  string
	asJSON bool
}

func chronicleCommand(app *kingpin.Application, name, help string) (*chronicle, *kingpin.CmdClause) {
	o, c := alertsCommand(app, name, help)
	h := &chronicle{nats: o}
	c.Flag("alert", "Only alerts of this name, or whose id begins so.").StringVar(&h.alert)
	c.Flag("json", "Print the transitions as they are stored, one JSON object a line.").BoolVar(&h.asJSON)
	return h, c
}

func alertHistoryCommand(app *kingpin.Application) command {
	h, c := chronicleCommand(app, "history", "Read what became of alerts, the latest last.")
	c.Flag("since", "How far back, such as 12h, 7d or 1y.").Default("7d").SetValue(&h.since)
	return command{c, h.read}
}

func watchAlertsCommand(app *kingpin.Application) command {
	h, c := chronicleCommand(app, "watch", "Follow what becomes of alerts as it happens, until interrupted.")
	return command{c, h.watch}
}

func (h *chronicle) includes(r *history.Record) bool {
	return h.alert == "" || strings.EqualFold(r.Labels["alertname"], h.alert) || strings.HasPrefix(r.Fingerprint, strings.ToLower(h.alert))
}

func (h *chronicle) read(ctx context.Context, p *process) error {
	nc, err := connect(ctx, *h.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	tell := h.printer(table, p.stdout)
	begin, found := time.Now().Add(-time.Duration(h.since)), 0
	err = nats.ReadAlerts(ctx, nc, 1, func(batch []nats.Message) error {
		for _, m := range batch {
			r, err := history.Decode(m)
			if err != nil || r.At.Before(begin) || !h.includes(r) {
				continue // what is no record are the totals, or somebody else's
			}
			if found++; found == 1 && !h.asJSON {
				fmt.Fprintln(table, "TIME\tID\tSEVERITY\tCHANNEL\tALERT\tWHAT")
			}
			if err := tell(r); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, nats.ErrStreamNotFound) {
		return errNoHistory
	}
	if err := errors.Join(err, table.Flush()); err != nil {
		return err
	}
	if found == 0 {
		fmt.Fprintf(p.stderr, "nothing in the last %s\n", h.since)
	}
	return nil
}

// printer prints records as the flags want them: lines of a table, or JSON.
func (h *chronicle) printer(table, plainly io.Writer) func(*history.Record) error {
	if h.asJSON {
		encoder := json.NewEncoder(plainly)
		encoder.SetEscapeHTML(false)
		return func(r *history.Record) error { return encoder.Encode(r) }
	}
	return func(r *history.Record) error {
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", stamp(r.At), shortFingerprint(r.Fingerprint),
			label(r.Labels, "severity"), label(r.Labels, "channel"), label(r.Labels, "alertname"), what(r))
		return err
	}
}

// what says a record in words.
func what(r *history.Record) string {
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
		return "given back by " + plain(r.By)
	case history.Expired:
		return "acknowledgement by " + plain(r.By) + " expired"
	case history.Resolved:
		took := time.Duration(r.Seconds * float64(time.Second)).Round(time.Second)
		text := "resolved after " + took.String()
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

// followAgain is the pause before a history that was lost is followed again.
const followAgain = time.Second

func (h *chronicle) watch(ctx context.Context, p *process) error {
	nc, err := connect(ctx, *h.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	j, err := openJournal(ctx, nc)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%d alerts fire; what becomes of alerts is told from now on, until interrupted\n", len(openAlerts(j)))
	for {
		err := j.Follow(ctx, h.tell(p))
		if ctx.Err() != nil {
			return nil // interrupted, as people do
		}
		fmt.Fprintf(p.stderr, "belfry alerts watch: %v; trying again\n", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followAgain):
		}
		if j, err = h.reopen(ctx, nc, j, err); err != nil {
			return err
		}
	}
}

// reopen goes on with the journal, unless the stream is another one now.
func (h *chronicle) reopen(ctx context.Context, nc *natsgo.Conn, j *history.Journal, err error) (*history.Journal, error) {
	if errors.As(err, new(*nats.StartError)) {
		return openJournal(ctx, nc)
	}
	return j, nil
}

// tell prints each record at once, so that its columns have the widths of
// ordinary words.
func (h *chronicle) tell(p *process) func(*history.Record) {
	return func(r *history.Record) {
		if !h.includes(r) {
			return
		}
		if h.asJSON {
			_ = h.printer(nil, p.stdout)(r) // an error means that whoever read is gone
			return
		}
		fmt.Fprintf(p.stdout, "%s  %s  %-9s  %-8s  %-32s  %s\n", stamp(r.At), shortFingerprint(r.Fingerprint),
			label(r.Labels, "severity"), label(r.Labels, "channel"), label(r.Labels, "alertname"), what(r))
	}
}
