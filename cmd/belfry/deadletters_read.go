package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/partition"
	"belfry/nats"
)

// deadLetterList holds what was read from the dead-letter stream.
type deadLetterList struct {
	letters []partition.DeadLetter // the latest ones, oldest first, each once
	found   int                    // how many matched, before the limit
	foreign int                    // messages that are not dead letters
	// requeued maps the id of a dead letter to the sequences under which its event was
	// published again, as notes say: see copyOf.
	requeued map[string][]uint64

	limit int
	seen  map[string]struct{}
}

// requeueNote records in the dead-letter stream that the event of a dead letter
// was published again, with the sequence Copy of its stream.
type requeueNote struct {
	ID   string `json:"id"`
	Copy uint64 `json:"copy"`
}

// readDeadLetters reads the dead-letter stream and keeps the latest letters that
// matches accepts; limit 0 keeps all.
func readDeadLetters(
	ctx context.Context, nc *natsgo.Conn, matches func(*partition.DeadLetter) bool, limit int,
) (*deadLetterList, error) {
	list := &deadLetterList{requeued: map[string][]uint64{}, limit: limit, seen: map[string]struct{}{}}
	err := nats.ReadDeadLetters(ctx, nc, func(batch []nats.Message) error {
		for _, m := range batch {
			if list.add(m, matches) != nil {
				list.foreign++
			}
		}
		return nil
	})
	if errors.Is(err, nats.ErrStreamNotFound) {
		return nil, errors.New("this NATS server has no streams yet: belfry-exporter creates them when it first starts")
	}
	if limit > 0 && len(list.letters) > limit {
		list.letters = list.letters[len(list.letters)-limit:]
	}
	return list, err
}

func (list *deadLetterList) add(m nats.Message, matches func(*partition.DeadLetter) bool) error {
	if m.Subject == nats.RequeuedSubject {
		var note requeueNote
		if err := json.Unmarshal(m.Data, &note); err != nil {
			return err
		}
		copies := append(list.requeued[note.ID], note.Copy)
		list.requeued[note.ID] = copies[max(0, len(copies)-maxCopies):]
		return nil
	}
	var l partition.DeadLetter
	if err := json.Unmarshal(m.Data, &l); err != nil {
		return err
	}
	if !matches(&l) {
		return nil
	}
	// The stream deduplicates only within nats.DuplicateWindow.
	if _, isSeen := list.seen[l.ID()]; isSeen {
		return nil
	}
	list.seen[l.ID()] = struct{}{}
	list.found++
	list.letters = append(list.letters, l)
	if list.limit > 0 && len(list.letters) >= 2*list.limit {
		list.letters = slices.Clone(list.letters[list.limit:])
	}
	return nil
}

// maxCopies limits how many notes about one dead letter are looked at, the latest ones.
const maxCopies = 8

// copyOf returns the sequence under which the event of a dead letter was published again,
// 0 if it was not. A note alone proves nothing, because whoever may publish dead letters
// can forge one: the stream must have the same event there, after the original. If the
// original is gone, an event of its size has to do.
func (list *deadLetterList) copyOf(ctx context.Context, nc *natsgo.Conn, l *partition.DeadLetter) (uint64, error) {
	copies := list.requeued[l.ID()]
	if len(copies) == 0 {
		return 0, nil
	}
	original, err := readOriginal(ctx, nc, l)
	isGone := errors.Is(err, errGone)
	if err != nil && !isGone {
		return 0, err
	}
	for _, sequence := range slices.Backward(copies) {
		m, err := nats.Get(ctx, nc, nats.StreamName(l.Partition), sequence)
		switch {
		case errors.Is(err, nats.ErrMessageNotFound), errors.Is(err, nats.ErrStreamNotFound):
		case err != nil:
			return 0, err
		case m.Time <= l.StreamTime.UnixNano():
		case isGone && len(m.Data) == l.Size, m.Subject == original.Subject && bytes.Equal(m.Data, original.Data):
			return sequence, nil
		}
	}
	return 0, nil
}

// errGone reports that a stream no longer has an event.
var errGone = errors.New("the original is gone")

// readOriginal reads the event of a dead letter from its stream. It compares the
// time of the message, because a stream created again has other messages with the
// same sequences.
func readOriginal(ctx context.Context, nc *natsgo.Conn, l *partition.DeadLetter) (nats.Message, error) {
	stream := nats.StreamName(l.Partition)
	m, err := nats.Get(ctx, nc, stream, l.Sequence)
	switch {
	case errors.Is(err, nats.ErrMessageNotFound), errors.Is(err, nats.ErrStreamNotFound):
		return m, fmt.Errorf("%w: %s has dropped the message, which exceeded its max_age or max_bytes", errGone, stream)
	case err == nil && m.Time != l.StreamTime.UnixNano():
		return m, fmt.Errorf("%w: %s was created again and has another message there", errGone, stream)
	}
	return m, err
}

// messageID identifies a dead letter by the place of its event, written
// partition/sequence.
type messageID struct {
	partition int
	sequence  uint64
}

func idOf(l *partition.DeadLetter) messageID { return messageID{l.Partition, l.Sequence} }

func (id messageID) String() string { return fmt.Sprintf("%d/%d", id.partition, id.sequence) }

// idList selects dead letters by id.
type idList []messageID

func parseIDs(texts []string) (idList, error) {
	var ids idList
	for _, text := range texts {
		number, sequence, _ := strings.Cut(text, "/")
		n, errN := strconv.Atoi(number)
		s, errS := strconv.ParseUint(sequence, 10, 64)
		if errN != nil || errS != nil {
			return nil, fmt.Errorf("invalid dead-letter id %q: use partition/sequence, such as 2/4711", text)
		}
		ids = append(ids, messageID{n, s})
	}
	return ids, nil
}

func (ids idList) includes(l *partition.DeadLetter) bool { return slices.Contains(ids, idOf(l)) }

// checkAllIn returns an error about the first id that no letter has.
func (ids idList) checkAllIn(letters []partition.DeadLetter) error {
	for _, id := range ids {
		if !slices.ContainsFunc(letters, func(l partition.DeadLetter) bool { return idOf(&l) == id }) {
			return fmt.Errorf("dead letter %s does not exist; see belfry deadletters list", id)
		}
	}
	return nil
}
