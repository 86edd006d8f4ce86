package nats

import (
	"context"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// RequeuedSubject receives a note, in the dead-letter stream, for each event that was published again.
const RequeuedSubject = deadLetterRoot + ".requeued"

// KeepDeadLetter stores a dead letter, or a note at RequeuedSubject, and returns when the stream has it. Use the same
// id when storing the same thing again: within DuplicateWindow the stream then keeps it once.
func KeepDeadLetter(ctx context.Context, nc *natsgo.Conn, subject, id string, data []byte) error {
	if _, err := store(ctx, nc, &natsgo.Msg{Subject: subject, Data: data}, id); err != nil {
		return fmt.Errorf("store dead letter %q: %w", id, err)
	}
	return nil
}

// Requeue publishes an event again with what its stream holds: subject, body and time of arrival. It returns the
// sequence of the copy. Nats-Msg-Id is the given id, not that of the event, by which the stream might refuse the copy;
// repeating the call soon has no effect.
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

// LastDeadLetter returns the newest dead letter of a partition, or ErrMessageNotFound if there is none.
func LastDeadLetter(ctx context.Context, nc *natsgo.Conn, partition int) (Message, error) {
	return lastMessage(ctx, nc, DeadLetterStream, DeadLetterSubject(partition))
}

// ReadDeadLetters passes everything that the dead-letter stream holds now to handle, oldest first: dead letters and, by
// their subject, notes of requeued events. An error from handle ends it.
func ReadDeadLetters(ctx context.Context, nc *natsgo.Conn, handle func([]Message) error) error {
	return readToEnd(ctx, nc, DeadLetterStream, 1, handle)
}
