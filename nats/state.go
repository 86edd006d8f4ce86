package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// StreamState describes a stream.
type StreamState struct {
	// FirstSequence numbers the oldest message. In an empty stream it is LastSequence+1.
	FirstSequence uint64
	// LastSequence numbers the newest message ever stored, even if expired; 0 before the first.
	LastSequence uint64
	// FirstTime says when the stream got the oldest message; zero in an empty stream.
	FirstTime time.Time
	// Created records when the stream was created. It differs after the stream was deleted and created again.
	Created time.Time
}

// Lost returns how many messages after the given sequence are gone from the front of the stream: expired, purged or
// deleted.
func (s StreamState) Lost(after uint64) uint64 {
	if s.FirstSequence <= after+1 {
		return 0
	}
	return s.FirstSequence - after - 1
}

// ErrMessageNotFound means that a stream does not have a message, no longer or not yet.
var ErrMessageNotFound = errors.New("no such message")

// ErrStreamNotFound means that the stream does not exist. EnsureStreams creates it.
var ErrStreamNotFound = errors.New("no such stream")

// Info returns the state of a stream.
func Info(ctx context.Context, nc *natsgo.Conn, stream string) (StreamState, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return StreamState{}, fmt.Errorf("state of stream %s: %w", stream, err)
	}
	handle, err := js.Stream(ctx, stream)
	if err != nil {
		return StreamState{}, fmt.Errorf("state of stream %s: %w", stream, explain(nc, err))
	}
	s := handle.CachedInfo()
	return StreamState{
		FirstSequence: s.State.FirstSeq, LastSequence: s.State.LastSeq, FirstTime: s.State.FirstTime, Created: s.Created,
	}, nil
}

// Get returns a stored message, or ErrMessageNotFound.
//
// It asks the leader of the stream: a replica that lags behind might not have the message yet.
func Get(ctx context.Context, nc *natsgo.Conn, stream string, sequence uint64) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request := fmt.Appendf(nil, `{"seq":%d}`, sequence)
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, request)
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of stream %s: %w", sequence, stream, explain(nc, err))
	}
	message, err := decodeStored(nc, reply.Data)
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of stream %s: %w", sequence, stream, err)
	}
	return message, nil
}

// requestTimeout limits a single request. The server answers in milliseconds unless it is electing a leader.
const requestTimeout = 5 * time.Second

func decodeStored(nc *natsgo.Conn, body []byte) (Message, error) {
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Message{}, err
	}
	if answer.Error != nil {
		return Message{}, explainAPI(nc, answer.Error)
	}
	found := answer.Message
	m := Message{Sequence: found.Sequence, Time: found.Time.UnixNano(), Data: found.Data, Subject: found.Subject}
	if len(found.Header) > 0 {
		header, err := natsgo.DecodeHeadersMsg(found.Header)
		if err != nil {
			return Message{}, fmt.Errorf("decode headers: %w", err)
		}
		m.ReceivedAt = receivedAt(header)
	}
	return m, nil
}
