package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/nats"
)

// forget holds the flags of the subcommand.
type forget struct {
	user    string
	exact   bool
	keyFile string
	nats    nats.Options
}

func forgetCommand(app *kingpin.Application) command {
	c := app.Command("forget", "Have the exporter forget a user. The published event holds only the user's pseudonym.")
	f := &forget{nats: nats.Options{Name: "belfry-forget"}}
	c.Flag("user", "User id as in events; - reads ids from standard input, one per line, which keeps them out of "+
		"the shell's history.").Required().StringVar(&f.user)
	c.Flag("exact", "Accept ids that begin or end with a space: events have it too.").BoolVar(&f.exact)
	daemon.FileVar(c.Flag("user-key-file", "The exporter's own user key file, which pseudonyms depend on.").
		Required(), &f.keyFile)
	daemon.NATSFlags(c.Flag, &f.nats)
	return command{c, f.run}
}

// forgetNotice says what happens next. It never names the user.
const forgetNotice = `users to forget: %d, published as pseudonyms with the key in %s, to every partition
  when     as soon as the exporter reads it; if the key is not the exporter's own, nobody is forgotten
  removed  what is known about the user: activity, recent sends, experiments; earlier events do not restore it
  kept     the counters so far, which identify nobody,
           and the raw events with the user's id, in the stream until its max_age
`

func (f *forget) run(ctx context.Context, p *process) error {
	key, err := exporter.ReadUserKey(f.keyFile)
	if err != nil {
		return fmt.Errorf("%w (use the exporter's own file: no other finds the user)", err)
	}
	if why := exporter.UserKeyExposed(f.keyFile); why != "" {
		fmt.Fprintln(p.stderr, why)
	}
	users, err := f.users(p)
	if err != nil {
		return err
	}
	publisher, err := f.publisher(ctx)
	if err != nil {
		return err
	}
	pseudonyms := fold.NewPseudonyms(key)
	for _, user := range users {
		err = errors.Join(err, publishForget(ctx, publisher, pseudonyms.Of(user)))
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := errors.Join(err, publisher.Close(ctx)); err != nil {
		return fmt.Errorf("%w; run the command again, which is safe", err)
	}
	fmt.Fprintf(p.stdout, forgetNotice, len(users), f.keyFile)
	return nil
}

// users returns the ids to forget: all of them, or an error if one is not an id that the
// exporter stores.
func (f *forget) users(p *process) (users []string, err error) {
	if f.user != standard {
		if err := f.check(f.user); err != nil {
			return nil, fmt.Errorf("the user id given as --user: %w", err)
		}
		return []string{f.user}, nil
	}
	in, _, err := p.open(standard)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(in)
	for line := 1; lines.Scan(); line++ {
		id := lines.Text()
		if id == "" {
			continue
		}
		if err := f.check(id); err != nil {
			return nil, fmt.Errorf("the user id on line %d of standard input: %w", line, err)
		}
		users = append(users, id)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read user ids from standard input: %w", err)
	}
	if len(users) == 0 {
		return nil, errors.New("no user id on standard input")
	}
	return users, nil
}

// check returns an error if no event has this user id, so that nobody would be forgotten.
// It never repeats the id.
func (f *forget) check(id string) error {
	if err := event.CheckID(id); err != nil {
		return fmt.Errorf("no event has such an id, and nobody was forgotten: %w", err)
	}
	if !f.exact && strings.Trim(id, " ") != id {
		return errors.New("it begins or ends with a space, and nobody was forgotten: remove the space, " +
			"or add --exact if events have it too")
	}
	return nil
}

// publisher returns a publisher for as many partitions as the server has. Each gets the
// request, because a producer may have published to a wrong one.
func (f *forget) publisher(ctx context.Context) (*nats.Publisher, error) {
	nc, err := connect(ctx, f.nats)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	partitions, err := nats.CountPartitions(ctx, nc)
	if err != nil {
		return nil, err
	}
	if partitions == 0 {
		return nil, errors.New("this NATS server has no streams: is it the one that the exporter reads?")
	}
	return nats.NewPublisher(ctx, f.nats, nats.PublisherOptions{Partitions: partitions})
}

// forgetEvent encodes the control event.
type forgetEvent struct {
	EventID   string    `json:"eventId"`
	EventType string    `json:"eventType"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		UserHash string `json:"userHash"`
	} `json:"data"`
}

func publishForget(ctx context.Context, publisher *nats.Publisher, pseudonym fold.ID) error {
	e := forgetEvent{
		EventID: "forget_" + rand.Text(), EventType: catalog.EventForget.FullName(), Timestamp: time.Now().UTC(),
	}
	e.Data.UserHash = hex.EncodeToString(pseudonym[:])
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return publisher.PublishToAll(ctx, nats.Event{ID: e.EventID, Type: e.EventType, Data: data})
}
