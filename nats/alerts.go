package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// AlertStream keeps what happened to each alert, one message for each transition.
const AlertStream = "NOTIFY_ALERTS"

const (
	// AlertMaxAge is how long AlertStream keeps a message: twelve months, and one to compare them with.
	AlertMaxAge = 13 * 31 * 24 * time.Hour

	alertRoot = "notify-alerts"
	// alertBytes is room for half a million transitions. The server reserves it whole.
	alertBytes = 256 << 20
)

// ErrAlertMoved says that a subject of AlertStream has messages that whoever wanted to append has not seen: what was to
// be written may be written already, or no longer be true. Read on from where you are and decide again.
var ErrAlertMoved = errors.New("the alert has moved on")

// AlertSubject is where transitions of one alert go: notify-alerts.9f2c61d0a3b47e58 for that fingerprint.
func AlertSubject(key string) string { return alertRoot + "." + key }

// EnsureAlertStream creates AlertStream, or brings the one that exists to these settings, as [EnsureStreams] does.
// Replicas in a NATS cluster; where it is 0, a new stream has one and an existing one keeps what it has.
func EnsureAlertStream(ctx context.Context, nc *natsgo.Conn, replicas int) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("ensure stream %s: %w", AlertStream, err)
	}
	want := definition(StreamOptions{MaxAge: AlertMaxAge, MaxBytes: alertBytes, Replicas: replicas})
	want.Name = AlertStream
	want.Description = "what happened to alerts"
	want.Subjects = []string{alertRoot + ".*"}
	if err := ensure(ctx, js, want); err != nil {
		return fmt.Errorf("ensure stream %s: %w", AlertStream, explain(nc, err))
	}
	return nil
}

// AppendAlert stores a message behind the last one of its subject that the caller knows, by its sequence, 0 for none, and
// returns when the stream has it. Where the subject has a later one, or the stream has the id already, it is ErrAlertMoved and
// nothing is stored: so each transition is stored once, however many write, repeat themselves or die half way.
func AppendAlert(ctx context.Context, nc *natsgo.Conn, key string, after uint64, id string, data []byte) (sequence uint64, err error) {
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
	return errors.As(err, &api) &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// LastAlert is the newest message of a subject of AlertStream, ErrMessageNotFound where it has none, or none any more.
func LastAlert(ctx context.Context, nc *natsgo.Conn, key string) (Message, error) {
	return last(ctx, nc, AlertStream, AlertSubject(key))
}

// ReadAlerts hands everything over that AlertStream has by now, oldest first, beginning with the sequence from.
// An error of handle ends it.
func ReadAlerts(ctx context.Context, nc *natsgo.Conn, from uint64, handle func([]Message) error) error {
	return readToEnd(ctx, nc, AlertStream, from, handle)
}

// last is the newest message of a subject.
func last(ctx context.Context, nc *natsgo.Conn, stream, subject string) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request := fmt.Appendf(nil, `{"last_by_subj":%q}`, subject)
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, request)
	if err != nil {
		return Message{}, fmt.Errorf("read the last message of %s: %w", subject, explain(nc, err))
	}
	message, err := decodeStored(reply.Data)
	if err != nil {
		return Message{}, fmt.Errorf("read the last message of %s: %w", subject, err)
	}
	return message, nil
}

// errReadAll ends a Read that has come to where the stream ended.
var errReadAll = errors.New("everything is read")

// readToEnd hands over what a stream has by now.
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
