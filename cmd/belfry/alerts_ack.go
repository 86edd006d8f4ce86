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
	"belfry/nats"
)

// acknowledgement is what the flags of ack and unack ask for.
type acknowledgement struct {
	nats    *nats.Options
	id      string
	lasts   model.Duration
	comment string
	by      string
	mute    bool

	alertmanager *string
	httpConfig   *string
}

func acknowledgementCommand(app *kingpin.Application, name, help string) (*acknowledgement, *kingpin.CmdClause) {
	o, c := alertsCommand(app, name, help)
	k := &acknowledgement{nats: o}
	c.Arg("id", "The alert: the beginning of its id in belfry alerts list, or its name if no other has it.").Required().StringVar(&k.id)
	c.Flag("by", "Your name; the one of your login when not given.").StringVar(&k.by)
	k.alertmanager = upstreamFlag(c, "alertmanager.url", "Alertmanager, for silences.", defaultAlertmanager)
	k.httpConfig = httpFlag(c)
	return k, c
}

func acknowledgeCommand(app *kingpin.Application) command {
	k, c := acknowledgementCommand(app, "ack", "Say that you look after an alert: it does not escalate until the time is up or it is resolved.")
	c.Flag("for", "How long, such as 30m or 2h.").Required().SetValue(&k.lasts)
	c.Flag("comment", "What you know or do, for the others.").Required().StringVar(&k.comment)
	c.Flag("mute", "Silence it in Alertmanager as well. Nobody is told then when it is resolved.").BoolVar(&k.mute)
	return command{c, k.acknowledge}
}

func unacknowledgeCommand(app *kingpin.Application) command {
	k, c := acknowledgementCommand(app, "unack", "Give an alert back: it escalates again, and its silence, if there is one, ends.")
	return command{c, k.unacknowledge}
}

// alert finds the one that is meant.
func (k *acknowledgement) alert(ctx context.Context, nc *natsgo.Conn) (*history.Journal, *history.Alert, error) {
	j, err := openJournal(ctx, nc)
	if err != nil {
		return nil, nil, err
	}
	var a *history.Alert
	j.View(func(b *history.Book) { a, err = b.Find(k.id) })
	if none := (*history.NotOneError)(nil); errors.As(err, &none) {
		return nil, nil, refuse(none, openAlerts(j))
	}
	return j, a, err
}

// refuse says which alerts there are instead.
func refuse(none *history.NotOneError, open []*history.Alert) error {
	if len(none.Candidates) == 0 {
		return fmt.Errorf("%w; there are none", none)
	}
	var candidates strings.Builder
	ids := history.ShortIDs(open)
	table := tabwriter.NewWriter(&candidates, 0, 0, 2, ' ', 0)
	for _, a := range none.Candidates {
		fmt.Fprintf(table, "\n  %s\t%s\t%s\t%s", ids[a.Fingerprint], label(a.Labels, "alertname"), label(a.Labels, "channel"), label(a.Labels, "severity"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return fmt.Errorf("%w; choose one by its id:%s", none, candidates.String())
}

// name is who acknowledges.
func (k *acknowledgement) name(p *process) (string, error) {
	if k.by != "" {
		return k.by, nil
	}
	if name := p.getenv("USER"); name != "" {
		return name, nil
	}
	login, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("%w; say who you are with --by", err)
	}
	return login.Username, nil
}

func (k *acknowledgement) acknowledge(ctx context.Context, p *process) error {
	if k.lasts <= 0 {
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
	j, a, err := k.alert(ctx, nc)
	if err != nil {
		return err
	}
	now := time.Now()
	word := history.Acknowledgement{At: now, Until: now.Add(time.Duration(k.lasts)), By: by, Comment: k.comment}
	if a.Acknowledgement != nil {
		word.Silence = a.Acknowledgement.Silence // for whoever gives it back
	}
	if k.mute {
		return k.muteToo(ctx, p, j, a, word)
	}
	return k.give(ctx, p, j, a, word)
}

// give writes the acknowledgement.
func (k *acknowledgement) give(ctx context.Context, p *process, j *history.Journal, a *history.Alert, word history.Acknowledgement) error {
	if err := j.Acknowledge(ctx, a, word); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is acknowledged by %s until %s, or until it is resolved: it does not escalate\n", title(a), plain(word.By), stamp(word.Until))
	return nil
}

// muteToo makes a silence, which takes the place of that of an earlier
// acknowledgement. Without the acknowledgement there is no silence either.
func (k *acknowledgement) muteToo(ctx context.Context, p *process, j *history.Journal, a *history.Alert, word history.Acknowledgement) error {
	silences, err := k.silences()
	if err != nil {
		return err
	}
	before := word.Silence
	if word.Silence, err = silences.mute(ctx, a, word); err != nil {
		return fmt.Errorf("%w; nothing is acknowledged", err)
	}
	if err := k.give(ctx, p, j, a, word); err != nil {
		return errors.Join(err, silences.end(ctx, word.Silence))
	}
	fmt.Fprintf(p.stdout, muted, plain(word.Silence))
	if before == "" {
		return nil
	}
	return silences.end(ctx, before)
}

// muted is what a silence costs.
const muted = `it is muted as well, by silence %s:
  nobody is told when it is resolved before then
  if it then fires again under the silence, nobody is told until the silence ends
  belfry alerts unack ends the silence, too
`

// title names an alert.
func title(a *history.Alert) string {
	text := shortFingerprint(a.Fingerprint) + " " + label(a.Labels, "alertname")
	if channel := a.Labels["channel"]; channel != "" {
		text += " on " + plain(channel)
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
	j, a, err := k.alert(ctx, nc)
	if err != nil {
		return err
	}
	if err := j.Unacknowledge(ctx, a, by, time.Now()); err != nil {
		return fmt.Errorf("%s: %w", title(a), err)
	}
	fmt.Fprintf(p.stdout, "%s is no longer acknowledged: it escalates while it fires\n", title(a))
	if a.Acknowledgement.Silence == "" {
		return nil
	}
	silences, err := k.silences()
	if err != nil {
		return err
	}
	if err := silences.end(ctx, a.Acknowledgement.Silence); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "silence %s is ended\n", plain(a.Acknowledgement.Silence))
	return nil
}
