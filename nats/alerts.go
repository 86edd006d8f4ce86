package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// AlertStream stores the history of alerts, one message per transition.
const AlertStream = "NOTIFY_ALERTS"

const (
	// AlertMaxAge limits the age of messages in AlertStream: twelve months, and one more to compare with.
	AlertMaxAge = 13 * 31 * 24 * time.Hour

	alertRoot = "notify-alerts"
	// alertBytes holds about half a million transitions. The server reserves all of it.
	alertBytes = 256 << 20
)

// ErrAlertMoved means that a subject of AlertStream has messages that the caller has not seen. The transition may be
// stored already, or may no longer be true. Read the new messages and decide again.
var ErrAlertMoved = errors.New("the alert has newer transitions")

// AlertSubject returns the subject for the transitions of one alert: notify-alerts.9f2c61d0a3b47e58 for that
// fingerprint.
func AlertSubject(key string) string { return alertRoot + "." + key }

// EnsureAlertStream creates AlertStream or updates its settings, as [EnsureStreams] does. A new stream gets its limits
// from AlertMaxAge and, at most, 256 MiB; an existing one keeps them. Of the options it uses Replicas and Logger.
func EnsureAlertStream(ctx context.Context, nc *natsgo.Conn, o StreamOptions) error {
	d := definition{common(), AlertMaxAge, alertBytes}
	d.Name = AlertStream
	d.Description = "what happened to alerts"
	d.Subjects = []string{alertRoot + ".*"}
	d.Replicas = o.Replicas
	return ensure(ctx, nc, StreamOptions{Replicas: o.Replicas, Logger: o.Logger}, []definition{d})
}

// AppendAlert stores a transition of an alert and returns its sequence once the stream has it. after is the sequence of
// the alert's latest transition that the caller knows, 0 for none. If the alert has a later one, or the stream already
// has the id, AppendAlert stores nothing and returns ErrAlertMoved: each transition is stored once, even if several
// writers race, retry or crash.
func AppendAlert(
	ctx context.Context, nc *natsgo.Conn, key string, after uint64, id string, data []byte,
) (sequence uint64, err error) {
	if err := checkTokens(key); err != nil {
		return 0, fmt.Errorf("append to %s: key %w", AlertStream, err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	js, err := jetstream.New(nc)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", AlertStream, err)
	}
	message := &natsgo.Msg{Subject: AlertSubject(key), Data: data}
	ack, err := js.PublishMsg(ctx, message, jetstream.WithMsgID(id), jetstream.WithExpectLastSequencePerSubject(after))
	switch {
	case isMoved(err), err == nil && ack.Duplicate:
		return 0, ErrAlertMoved
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return 0, fmt.Errorf("append to %s: %w: create it with EnsureAlertStream", AlertStream, ErrStreamNotFound)
	case err != nil:
		return 0, fmt.Errorf("append to %s: %w", AlertStream, explain(nc, err))
	}
	return ack.Sequence, nil
}

func isMoved(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	return api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// LastAlert returns the latest transition of an alert, or ErrMessageNotFound if the stream has none of it.
func LastAlert(ctx context.Context, nc *natsgo.Conn, key string) (Message, error) {
	return lastMessage(ctx, nc, AlertStream, AlertSubject(key))
}

// ReadAlerts passes everything that AlertStream holds now to handle, oldest first, starting at sequence from. An error
// from handle ends it.
func ReadAlerts(ctx context.Context, nc *natsgo.Conn, from uint64, handle func([]Message) error) error {
	return readToEnd(ctx, nc, AlertStream, from, handle)
}

// lastMessage returns the newest message of a subject.
func lastMessage(ctx context.Context, nc *natsgo.Conn, stream, subject string) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request := fmt.Appendf(nil, `{"last_by_subj":%q}`, subject)
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, request)
	if err != nil {
		return Message{}, fmt.Errorf("read the last message of %s: %w", subject, explain(nc, err))
	}
	message, err := decodeStored(nc, reply.Data)
	if err != nil {
		return Message{}, fmt.Errorf("read the last message of %s: %w", subject, err)
	}
	return message, nil
}

// errReadAll ends a Read that has reached the end of the stream.
var errReadAll = errors.New("everything is read")

// readToEnd passes everything that a stream holds now to handle.
func readToEnd(ctx context.Context, nc *natsgo.Conn, stream string, from uint64, handle func([]Message) error) error {
	isEmpty := func(s StreamState) error {
		if s.LastSequence < from || s.FirstSequence > s.LastSequence {
			return errReadAll
		}
		return nil
	}
	err := Read(ctx, nc, ReadOptions{Stream: stream, From: from, Opened: isEmpty}, func(batch []Message) error {
		if err := handle(batch); err != nil {
			return err
		}
		if batch[len(batch)-1].Pending == 0 {
			return errReadAll
		}
		return nil
	})
	if errors.Is(err, errReadAll) {
		return nil
	}
	return err
}
