package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/partition"
	"belfry/nats"
)

// letterbox is what was found in the dead-letter stream.
type letterbox struct {
	letters []partition.DeadLetter // the latest ones, oldest first, each once
	found   int                    // how many there were before the limit
	foreign int                    // messages that somebody else has put there
	// requeued holds, by the id of a letter, the sequence of the copy of its
	// event.
	requeued map[string]uint64

	limit int
	seen  map[string]struct{}
}

// requeueing is the note that the event of a dead letter was published again,
// as the sequence Copy of its stream.
type requeueing struct {
	ID   string `json:"id"`
	Copy uint64 `json:"copy"`
}

// readLetterbox reads the dead-letter stream and keeps the latest letters that
// are wanted; all of them if limit is 0.
func readLetterbox(ctx context.Context, nc *natsgo.Conn, wanted func(*partition.DeadLetter) bool, limit int) (*letterbox, error) {
	b := &letterbox{requeued: map[string]uint64{}, limit: limit, seen: map[string]struct{}{}}
	err := nats.ReadDeadLetters(ctx, nc, func(batch []nats.Message) error {
		for _, m := range batch {
			if b.open(m, wanted) != nil {
				b.foreign++
			}
		}
		return nil
	})
	if errors.Is(err, nats.ErrStreamNotFound) {
		return nil, errors.New("there are no streams on this server yet: belfry-exporter makes them at its first start")
	}
	if limit > 0 && len(b.letters) > limit {
		b.letters = b.letters[len(b.letters)-limit:]
	}
	return b, err
}

func (b *letterbox) open(m nats.Message, wanted func(*partition.DeadLetter) bool) error {
	if m.Subject == nats.RequeuedSubject {
		var note requeueing
		err := json.Unmarshal(m.Data, &note)
		b.requeued[note.ID] = note.Copy
		return err
	}
	var l partition.DeadLetter
	if err := json.Unmarshal(m.Data, &l); err != nil {
		return err
	}
	if !wanted(&l) {
		return nil
	}
	// A letter that was written again later than DuplicateWindow.
	if _, twice := b.seen[l.ID()]; twice {
		return nil
	}
	b.seen[l.ID()] = struct{}{}
	b.found++
	b.letters = append(b.letters, l)
	if b.limit > 0 && len(b.letters) >= 2*b.limit {
		b.letters = slices.Clone(b.letters[b.limit:])
	}
	return nil
}

// errGone says that a stream no longer has an event.
var errGone = errors.New("the original is gone")

// original reads the event of a dead letter from its stream, and makes sure
// that it is that event: a stream made anew has others under its sequences.
func original(ctx context.Context, nc *natsgo.Conn, l *partition.DeadLetter) (nats.Message, error) {
	stream := nats.StreamName(l.Partition)
	m, err := nats.Get(ctx, nc, stream, l.Sequence)
	switch {
	case errors.Is(err, nats.ErrMessageNotFound), errors.Is(err, nats.ErrStreamNotFound):
		return m, fmt.Errorf("%w: %s does not have the message any more; its max_age or max_bytes was up", errGone, stream)
	case err == nil && m.Time != l.StreamTime.UnixNano():
		return m, fmt.Errorf("%w: %s was made anew and has another message there", errGone, stream)
	}
	return m, err
}

// messageID is a dead letter's id as people write it.
type messageID struct {
	partition int
	sequence  uint64
}

func shortID(l *partition.DeadLetter) messageID { return messageID{l.Partition, l.Sequence} }

func (id messageID) String() string { return fmt.Sprintf("%d/%d", id.partition, id.sequence) }

// idList is a choice by id.
type idList []messageID

func parseIDs(texts []string) (idList, error) {
	var list idList
	for _, text := range texts {
		partition, sequence, _ := strings.Cut(text, "/")
		p, errP := strconv.Atoi(partition)
		s, errS := strconv.ParseUint(sequence, 10, 64)
		if errP != nil || errS != nil {
			return nil, fmt.Errorf("%q is no id of a dead letter: expected partition/sequence, like 2/4711", text)
		}
		list = append(list, messageID{p, s})
	}
	return list, nil
}

func (list idList) includes(l *partition.DeadLetter) bool { return slices.Contains(list, shortID(l)) }

// checkAllIn complains of the first id that no letter has.
func (list idList) checkAllIn(letters []partition.DeadLetter) error {
	for _, id := range list {
		if !slices.ContainsFunc(letters, func(l partition.DeadLetter) bool { return shortID(&l) == id }) {
			return fmt.Errorf("there is no dead letter %s; see belfry deadletters list", id)
		}
	}
	return nil
}

// connectTimeout is how long a command waits for a server that does not answer.
const connectTimeout = 10 * time.Second

// connect connects a command that a person waits for.
func connect(ctx context.Context, o nats.Options) (*natsgo.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	return nats.Connect(ctx, o)
}
