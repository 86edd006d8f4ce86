package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/fold"
	"belfry/nats"
)

// forget is what the flags of the subcommand ask for.
type forget struct {
	user    string
	keyFile string
	nats    nats.Options
}

func forgetCommand(app *kingpin.Application) command {
	c := app.Command("forget", "Have the exporter forget a user. What it publishes holds the user's pseudonym only.")
	f := &forget{nats: nats.Options{Name: "belfry-forget"}}
	c.Flag("user", "User id as events have it; - reads ids from standard input, one a line, and keeps them out of the shell's history.").Required().StringVar(&f.user)
	c.Flag("user-key-file", "The exporter's own key file, under which users have their pseudonyms.").Required().StringVar(&f.keyFile)
	daemon.NATSFlags(c.Flag, &f.nats)
	return command{c, f.run}
}

// forgotten is what there is to say, but never the user.
const forgotten = `users to forget: %d, published as pseudonyms under the key in %s
  when   as soon as the exporter has folded it; with another key than its own it forgets nobody
  goes   what is known of the user: activity, recent sends, experiments; no earlier event brings it back
  stays  the counters published so far, in which nobody can be told apart,
         and the raw events with the user's id, in the stream until its max_age is up
`

func (f *forget) run(ctx context.Context, p *process) error {
	key, err := exporter.ReadUserKey(f.keyFile)
	if err != nil {
		return fmt.Errorf("%w; name the file that the exporter has, no other finds the user", err)
	}
	users, err := f.users(p.stdin)
	if err != nil {
		return err
	}
	publisher, err := f.publisher(ctx)
	if err != nil {
		return err
	}
	pseudonyms := fold.NewPseudonyms(key)
	for _, user := range users {
		err = errors.Join(err, publishForget(ctx, publisher, user, pseudonyms.Of(user)))
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := errors.Join(err, publisher.Close(ctx)); err != nil {
		return fmt.Errorf("%w; run the command again, it does no harm twice", err)
	}
	fmt.Fprintf(p.stdout, forgotten, len(users), f.keyFile)
	return nil
}

// users are the ids given. kingpin leaves nothing of a "-" that is a word of
// its own.
func (f *forget) users(stdin io.Reader) (users []string, err error) {
	if f.user != "" && f.user != "-" {
		return []string{f.user}, nil
	}
	lines := bufio.NewScanner(stdin)
	for lines.Scan() {
		if id := lines.Text(); id != "" {
			users = append(users, id)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read user ids from standard input: %w", err)
	}
	if len(users) == 0 {
		return nil, errors.New("no user id on standard input")
	}
	return users, nil
}

// publisher is one for as many partitions as the server has: in a wrong
// partition the exporter would not know the user.
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
		return nil, errors.New("there are no streams on this server: is it the one that the exporter reads?")
	}
	return nats.NewPublisher(ctx, f.nats, nats.PublisherOptions{Partitions: partitions})
}

// forgetEvent is the control event as the stream gets it.
type forgetEvent struct {
	EventID   string    `json:"eventId"`
	EventType string    `json:"eventType"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		UserHash string `json:"userHash"`
	} `json:"data"`
}

func publishForget(ctx context.Context, publisher *nats.Publisher, user string, pseudonym fold.ID) error {
	e := forgetEvent{EventID: "forget_" + rand.Text(), EventType: catalog.EventForget.FullName(), Timestamp: time.Now().UTC()}
	e.Data.UserHash = hex.EncodeToString(pseudonym[:])
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return publisher.Publish(ctx, nats.Event{ID: e.EventID, Type: e.EventType, Key: user, Data: data})
}
