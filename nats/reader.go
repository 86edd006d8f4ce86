package nats

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// reader is a plain ephemeral pull consumer without acknowledgements, and at most one outstanding request for messages.
type reader struct {
	nc     *natsgo.Conn
	js     jetstream.JetStream
	stream string
	name   string // of the consumer

	inbox    string
	sub      *natsgo.Subscription
	incoming chan *natsgo.Msg
	status   chan natsgo.Status

	requests uint64 // made so far; the number makes each one's reply subject its own
	request  string // reply subject of the outstanding one
	wanted   int    // messages that it may still bring; 0 means that none is outstanding

	heartbeat time.Duration
	place     place
	next      uint64 // the sequence after the last message handled
	batch     []Message
}

// openReader makes a consumer that starts at o.From, and knows that it does.
func openReader(ctx context.Context, nc *natsgo.Conn, o ReadOptions) (*reader, error) {
	if o.From < 1 {
		return nil, fmt.Errorf("read stream %s: sequences start at 1, not at %d", o.Stream, o.From)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", o.Stream, err)
	}
	r := &reader{
		nc: nc, js: js, stream: o.Stream, name: "belfry-" + nuid.Next(),
		inbox:     nc.NewInbox(),
		incoming:  make(chan *natsgo.Msg, BatchSize+64), // a full batch and the heartbeats of a request that outlives it
		status:    nc.StatusChanged(natsgo.RECONNECTING, natsgo.DISCONNECTED, natsgo.CLOSED),
		heartbeat: cmp.Or(o.heartbeat, heartbeatInterval),
		place:     place{stream: o.From - 1},
		next:      o.From,
		batch:     make([]Message, 0, BatchSize),
	}
	if err := r.open(ctx, o); err != nil {
		r.close(ctx)
		return nil, err
	}
	return r, nil
}

// open looks at the stream before and after it makes the consumer, because JetStream takes any start: beyond the end it
// waits there in silence, and in a stream that was purged or made anew meanwhile it starts elsewhere.
func (r *reader) open(ctx context.Context, o ReadOptions) error {
	if !r.nc.IsConnected() {
		return r.failed(ErrDisconnected)
	}
	before, err := r.checkStart(ctx, o.From)
	if err != nil {
		return err
	}
	if r.sub, err = r.nc.ChanSubscribe(r.inbox+".*", r.incoming); err != nil {
		return r.failed(err)
	}
	_, err = r.js.CreateConsumer(ctx, r.stream, jetstream.ConsumerConfig{
		Name:              r.name,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       o.From,
		AckPolicy:         jetstream.AckNonePolicy,
		InactiveThreshold: consumerIdle,
		MemoryStorage:     true,
		Replicas:          1,
	})
	if err != nil {
		return r.failed(explain(r.nc, err))
	}
	after, err := r.checkStart(ctx, o.From)
	if err != nil {
		return err
	}
	if !after.Created.Equal(before.Created) {
		return &StartError{Stream: r.stream, From: o.From, State: after}
	}
	if o.Opened == nil {
		return nil
	}
	return o.Opened(after)
}

func (r *reader) checkStart(ctx context.Context, from uint64) (StreamState, error) {
	state, err := Info(ctx, r.nc, r.stream)
	if err != nil {
		return state, r.failed(err)
	}
	if from > state.LastSequence+1 {
		return state, &StartError{Stream: r.stream, From: from, State: state}
	}
	return state, nil
}

// failed wraps what ended the read, unless it was the caller's own wish.
func (r *reader) failed(err error) error {
	return &ReadError{Stream: r.stream, Next: r.next, Err: err}
}

// close leaves nothing behind. A consumer that can't be deleted because the server is away is dropped by it when it stays idle.
func (r *reader) close(ctx context.Context) {
	r.nc.RemoveStatusListener(r.status)
	if r.sub == nil || !r.nc.IsConnected() {
		return
	}
	_ = r.sub.Unsubscribe()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = r.js.DeleteConsumer(ctx, r.stream, r.name)
}

func (r *reader) run(ctx context.Context, handle func([]Message) error) error {
	for {
		if err := r.collect(ctx); err != nil {
			return r.failed(err)
		}
		if len(r.batch) == 0 {
			continue
		}
		if err := handle(r.batch); err != nil {
			return err
		}
		r.next = r.place.stream + 1
		clear(r.batch) // so that the messages can go while we wait for more
		r.batch = r.batch[:0]
	}
}

// collect waits for a first message and takes what else has arrived. It leaves a request at the server,
// so that the next batch comes in while this one is handled.
func (r *reader) collect(ctx context.Context) error {
	if err := r.pull(); err != nil {
		return err
	}
	first, err := r.wait(ctx)
	if err != nil {
		return err
	}
	if err := r.take(first); err != nil {
		return err
	}
	for len(r.batch) < BatchSize && r.wanted > 0 {
		select {
		case m := <-r.incoming:
			if err := r.take(m); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return r.pull()
}

// wait blocks until something comes in.
func (r *reader) wait(ctx context.Context) (*natsgo.Msg, error) {
	if ctx.Err() != nil { // also while there is always something
		return nil, ctx.Err()
	}
	select {
	case m := <-r.incoming:
		return m, nil
	default:
	}
	silence := time.NewTimer(2 * r.heartbeat)
	defer silence.Stop()
	select {
	case m := <-r.incoming:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.status:
		return nil, ErrDisconnected
	case <-silence.C:
		return nil, ErrSilent
	}
}

// pull asks for the next batch, unless a request is outstanding.
func (r *reader) pull() error {
	if r.wanted > 0 {
		return nil
	}
	r.requests++
	r.request = r.inbox + "." + strconv.FormatUint(r.requests, 10)
	body := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}`,
		BatchSize, batchBytes, 6*r.heartbeat, r.heartbeat)
	if err := r.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+r.stream+"."+r.name, r.request, body); err != nil {
		return fmt.Errorf("%w: ask for messages: %w", ErrDisconnected, err)
	}
	r.wanted = BatchSize
	return nil
}

// take adds a message to the batch, or hears what the server has to say.
func (r *reader) take(m *natsgo.Msg) error {
	if !strings.HasPrefix(m.Reply, replyPrefix) {
		return r.hear(m)
	}
	d, err := parseDelivery(m.Reply)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDiscontinuous, err)
	}
	if err := r.place.advance(d); err != nil {
		return err
	}
	r.wanted--
	r.batch = append(r.batch, Message{
		Sequence:   d.streamSequence,
		Time:       d.time,
		ReceivedAt: receivedAt(m.Header),
		Pending:    d.pending,
		Subject:    m.Subject,
		Data:       m.Data,
	})
	return nil
}

// hear understands a status of the outstanding request; one of an earlier request no longer matters.
func (r *reader) hear(m *natsgo.Msg) error {
	if m.Subject != r.request {
		return nil
	}
	const (
		heartbeat, noMessages, requestExpired, conflict = "100", "404", "408", "409"
	)
	description := m.Header.Get("Description")
	switch status := m.Header.Get("Status"); {
	case status == heartbeat:
		return r.place.confirm(m.Header.Get("Nats-Last-Consumer"))
	case status == noMessages, status == requestExpired,
		status == conflict && (description == "Message Size Exceeds MaxBytes" || description == "Batch Completed"):
		r.wanted = 0
		return nil
	default:
		return fmt.Errorf("%w: %s", ErrConsumerGone, strings.TrimSpace(status+" "+description))
	}
}
