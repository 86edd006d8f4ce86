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

// StreamState is what a stream says about itself.
type StreamState struct {
	// FirstSequence is that of the oldest message still there. In an empty stream it is LastSequence+1.
	FirstSequence uint64
	// LastSequence is that of the newest message ever stored, expired or not; 0 before the first.
	LastSequence uint64
	// Created is when the stream was created. A stream deleted and made anew counts from 1 again, and only this tells.
	Created time.Time
}

// Lost is how many of the messages after the sequence that was read last are gone: expired, purged or deleted from the front.
func (s StreamState) Lost(last uint64) uint64 {
	if s.FirstSequence <= last+1 {
		return 0
	}
	return s.FirstSequence - last - 1
}

// ErrMessageNotFound says that a stream has no message with this sequence, any more or yet.
var ErrMessageNotFound = errors.New("no such message")

// ErrStreamNotFound says that the stream does not exist; EnsureStreams creates it.
var ErrStreamNotFound = errors.New("no such stream")

// Info asks the server for the state of a stream.
func Info(ctx context.Context, nc *natsgo.Conn, stream string) (StreamState, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return StreamState{}, fmt.Errorf("state of stream %s: %w", stream, err)
	}
	handle, err := js.Stream(ctx, stream)
	if err != nil {
		return StreamState{}, fmt.Errorf("state of stream %s: %w", stream, explain(nc, err))
	}
	info := handle.CachedInfo()
	return StreamState{FirstSequence: info.State.FirstSeq, LastSequence: info.State.LastSeq, Created: info.Created}, nil
}

// Get reads one message back as it is stored. A missing one is ErrMessageNotFound.
//
// It asks the stream's leader, not the nearest replica: a replica that lags would deny a message that is there.
func Get(ctx context.Context, nc *natsgo.Conn, stream string, sequence uint64) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request := fmt.Appendf(nil, `{"seq":%d}`, sequence)
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, request)
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of stream %s: %w", sequence, stream, explain(nc, err))
	}
	message, err := decodeStored(reply.Data)
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of stream %s: %w", sequence, stream, err)
	}
	return message, nil
}

// requestTimeout bounds a single question to the server, which answers in milliseconds or is electing a leader.
const requestTimeout = 5 * time.Second

func decodeStored(body []byte) (Message, error) {
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
		return Message{}, explainAPI(answer.Error)
	}
	stored := answer.Message
	m := Message{Sequence: stored.Sequence, Time: stored.Time.UnixNano(), Data: stored.Data, Subject: stored.Subject}
	if len(stored.Header) > 0 {
		header, err := natsgo.DecodeHeadersMsg(stored.Header)
		if err != nil {
			return Message{}, fmt.Errorf("its headers: %w", err)
		}
		m.ReceivedAt = receivedAt(header)
	}
	return m, nil
}
