package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
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

// acknowledgement holds the flags of ack and unack.
type acknowledgement struct {
	nats    *nats.Options
	ids     []string
	query   history.Query // for one of the ids
	length  model.Duration
	comment string
	by      string
	mute    bool

	alertmanager *string
	httpConfig   *string
}

func acknowledgementCommand(app *kingpin.Application, name, help string) (*acknowledgement, *kingpin.CmdClause) {
	o, c := alertsCommand(app, name, help)
	k := &acknowledgement{nats: o}
	c.Arg("alert", "The alert: its name, its rule, or the first digits of its id in belfry alerts list; repeatable.").
		Required().StringsVar(&k.ids)
	c.Flag("channel", "Only alerts of this channel.").StringVar(&k.query.Channel)
	c.Flag("all", "All alerts that match; without it, there must be one for each id.").BoolVar(&k.query.All)
	c.Flag("by", "Your name; by default your login.").StringVar(&k.by)
	k.alertmanager = upstreamFlag(c, "alertmanager.url", "Alertmanager to create and end silences in.",
		defaultAlertmanager)
	k.httpConfig = httpFlag(c)
	return k, c
}

func acknowledgeCommand(app *kingpin.Application) command {
	k, c := acknowledgementCommand(app, "ack",
		"Acknowledge an alert: it does not escalate until the time is up or it is resolved.")
	durationVar(c.Flag("for", "How long the acknowledgement lasts, such as 30m or 2h.").Required(), &k.length)
	c.Flag("comment", "What you know and do, for the others on call.").Required().StringVar(&k.comment)
	c.Flag("mute", "Silence it in Alertmanager, too. Nobody is then notified when it is resolved.").BoolVar(&k.mute)
	return command{c, k.acknowledge}
}

func unacknowledgeCommand(app *kingpin.Application) command {
	k, c := acknowledgementCommand(app, "unack",
		"Withdraw an acknowledgement: the alert escalates again, and its silence, if it has one, ends.")
	return command{c, k.unacknowledge}
}

// alerts finds the alerts that the command is about, each once. If one of the ids
// matches none, or several without --all, it returns none.
func (k *acknowledgement) alerts(ctx context.Context, nc *natsgo.Conn) (*history.Journal, []*history.Alert, error) {
	j, err := openJournal(ctx, nc)
	if err != nil {
		return nil, nil, err
	}
	var alerts []*history.Alert
	known := map[string]bool{}
	for _, id := range k.ids {
		query, found := k.query, []*history.Alert(nil)
		query.ID = id
		j.View(func(b *history.Book) { found, err = b.Find(query) })
		if mismatch := (*history.MatchError)(nil); errors.As(err, &mismatch) {
			return nil, nil, listCandidates(mismatch, j.Firing(), time.Now())
		} else if err != nil {
			return nil, nil, err
		}
		for _, a := range found {
			if !known[a.Fingerprint] {
				alerts = append(alerts, a)
			}
			known[a.Fingerprint] = true
		}
	}
	return j, history.CausesFirst(alerts), nil
}

// listCandidates adds to the error the alerts to choose from.
func listCandidates(mismatch *history.MatchError, firing []*history.Alert, now time.Time) error {
	if len(mismatch.Candidates) == 0 {
		return fmt.Errorf("%w; no alert is active", mismatch)
	}
	var candidates strings.Builder
	ids := history.ShortIDs(firing)
	table := tabwriter.NewWriter(&candidates, 0, 0, 2, ' ', 0)
	for _, a := range history.CausesFirst(mismatch.Candidates) {
		fmt.Fprintf(table, "\n  %s\t%s\t%s\t%s\t%s", ids[a.Fingerprint], label(a.Labels, catalog.LabelSeverity),
			label(a.Labels, catalog.LabelAlertName), about(a.Labels), age(a, now))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if mismatch.Ambiguous {
		return fmt.Errorf("%w; choose one by its id, or give --all:%s", mismatch, candidates.String())
	}
	return fmt.Errorf("%w; choose one by its id:%s", mismatch, candidates.String())
}

// name returns the name of the person who runs the command.
func (k *acknowledgement) name(p *process) (string, error) {
	if k.by != "" {
		return k.by, nil
	}
	if name := p.getenv("USER"); name != "" {
		return name, nil
	}
	login, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("%w; give your name with --by", err)
	}
	return login.Username, nil
}

func (k *acknowledgement) acknowledge(ctx context.Context, p *process) error {
	if k.length <= 0 {
		return errors.New("--for must be longer than 0")
	}
	by, err := k.name(p)
	if err != nil {
		return err
	}
	nc, err := connect(ctx, *k.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	j, alerts, err := k.alerts(ctx, nc)
	for _, a := range alerts {
		err = errors.Join(err, k.acknowledgeOne(ctx, p, j, a, by))
	}
	return err
}

func (k *acknowledgement) acknowledgeOne(
	ctx context.Context, p *process, j *history.Journal, a *history.Alert, by string,
) error {
	now := time.Now()
	ack := history.Acknowledgement{At: now, Until: now.Add(time.Duration(k.length)), By: by, Comment: k.comment}
	if a.Acknowledgement != nil {
		ack.Silence = a.Acknowledgement.Silence // unack must end it
	}
	write := func() error { return writeAcknowledgement(ctx, p, j, a, ack) }
	if k.mute {
		return k.acknowledgeMuted(ctx, p, a, &ack, write)
	}
	return write()
}

func writeAcknowledgement(
	ctx context.Context, p *process, j *history.Journal, a *history.Alert, ack history.Acknowledgement,
) error {
	if err := j.Acknowledge(ctx, a, ack); err != nil {
		return fmt.Errorf("%s: %w", title(a), err)
	}
	fmt.Fprintf(p.stdout, "%s, which has fired for %s, is acknowledged by %s until %s, or until it is resolved: "+
		"it does not escalate\n", title(a), age(a, ack.At), plain(ack.By), stamp(ack.Until))
	return nil
}

// acknowledgeMuted creates a silence, which replaces that of an earlier
// acknowledgement, and then calls write. If that fails, or is interrupted, it ends the
// silence again.
func (k *acknowledgement) acknowledgeMuted(
	ctx context.Context, p *process, a *history.Alert, ack *history.Acknowledgement, write func() error,
) error {
	s, err := k.silences()
	if err != nil {
		return err
	}
	if err := s.has(ctx, a); err != nil {
		return fmt.Errorf("%w; nothing is acknowledged", err)
	}
	before := ack.Silence
	if ack.Silence, err = s.create(ctx, a, *ack); err != nil {
		return fmt.Errorf("%w; nothing is acknowledged", err)
	}
	if err := write(); err != nil {
		return errors.Join(err, s.end(context.WithoutCancel(ctx), ack.Silence))
	}
	fmt.Fprintf(p.stdout, mutedNotice, plain(ack.Silence))
	if before == "" {
		return nil
	}
	return s.end(ctx, before)
}

// mutedNotice says what a silence costs.
const mutedNotice = `it is also muted by silence %s:
  if it is resolved before the silence ends, nobody is notified
  if it then fires again during the silence, nobody is notified until the silence ends
  belfry alerts unack ends the silence, too
`

// title identifies an alert in a sentence.
func title(a *history.Alert) string {
	text := shortFingerprint(a.Fingerprint) + " " + label(a.Labels, catalog.LabelAlertName)
	if labels := about(a.Labels); labels != dash("") {
		text += " " + labels
	}
	return text
}

func (k *acknowledgement) unacknowledge(ctx context.Context, p *process) error {
	by, err := k.name(p)
	if err != nil {
		return err
	}
	nc, err := connect(ctx, *k.nats)
	if err != nil {
		return err
	}
	defer nc.Close()
	j, alerts, err := k.alerts(ctx, nc)
	for _, a := range alerts {
		err = errors.Join(err, k.unacknowledgeOne(ctx, p, j, a, by))
	}
	return err
}

func (k *acknowledgement) unacknowledgeOne(
	ctx context.Context, p *process, j *history.Journal, a *history.Alert, by string,
) error {
	if err := j.Unacknowledge(ctx, a, by, time.Now()); err != nil {
		return fmt.Errorf("%s: %w", title(a), err)
	}
	fmt.Fprintf(p.stdout, "%s is no longer acknowledged: it escalates while it fires\n", title(a))
	if a.Acknowledgement.Silence == "" {
		return nil
	}
	s, err := k.silences()
	if err != nil {
		return err
	}
	if err := s.end(ctx, a.Acknowledgement.Silence); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "silence %s has ended\n", plain(a.Acknowledgement.Silence))
	return nil
}
