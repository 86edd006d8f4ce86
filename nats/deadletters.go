package nats

import (
	"context"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// RequeuedSubject is where it is noted, in the dead-letter stream, which events were published again.
const RequeuedSubject = deadLetterRoot + ".requeued"

// KeepDeadLetter stores what is kept of an event that could not be counted, or a note at RequeuedSubject, and
// returns when the stream has it. The id must be the same when the same thing is told again: within
// DuplicateWindow the stream then keeps it once.
func KeepDeadLetter(ctx context.Context, nc *natsgo.Conn, subject, id string, data []byte) error {
	if _, err := store(ctx, nc, &natsgo.Msg{Subject: subject, Data: data}, id); err != nil {
		return fmt.Errorf("store dead letter %q: %w", id, err)
	}
	return nil
}

// Requeue publishes an event anew, with what its stream has kept of it: subject, body and time of arrival. It does
// not take the event's own id for Nats-Msg-Id, by which the stream might refuse it as a copy of the original, but
// the given one, so that doing the same again at once has no effect. It returns the sequence of the copy.
func Requeue(ctx context.Context, nc *natsgo.Conn, original Message, id string) (sequence uint64, err error) {
	m := &natsgo.Msg{Subject: original.Subject, Data: original.Data, Header: natsgo.Header{}}
	if original.ReceivedAt != 0 {
		m.Header.Set(receivedAtHeader, time.Unix(0, original.ReceivedAt).UTC().Format(time.RFC3339Nano))
	}
	sequence, err = store(ctx, nc, m, id)
	if err != nil {
		return 0, fmt.Errorf("publish message %d again: %w", original.Sequence, err)
	}
	return sequence, nil
}

func store(ctx context.Context, nc *natsgo.Conn, m *natsgo.Msg, id string) (sequence uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	js, err := jetstream.New(nc)
	if err != nil {
		return 0, err
	}
	ack, err := js.PublishMsg(ctx, m, jetstream.WithMsgID(id))
	if err != nil {
		return 0, explain(nc, err)
	}
	return ack.Sequence, nil
}

// LastDeadLetter is the newest dead letter of a partition, ErrMessageNotFound where it has none.
func LastDeadLetter(ctx context.Context, nc *natsgo.Conn, partition int) (Message, error) {
	return last(ctx, nc, DeadLetterStream, DeadLetterSubject(partition))
}

// ReadDeadLetters hands everything over that the dead-letter stream has by now, oldest first: dead letters and the
// notes between them, told apart by their subjects. An error of handle ends it.
func ReadDeadLetters(ctx context.Context, nc *natsgo.Conn, handle func([]Message) error) error {
	return readToEnd(ctx, nc, DeadLetterStream, 1, handle)
}
