package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// reader reads through an ephemeral pull consumer without acknowledgements. It has at most one outstanding request.
type reader struct {
	nc     *natsgo.Conn
	js     jetstream.JetStream
	stream string
	name   string // of the consumer

	inbox    string
	sub      *natsgo.Subscription
	incoming chan *natsgo.Msg
	status   chan natsgo.Status

	requests uint64 // sent so far; the number makes each reply subject unique
	request  string // reply subject of the outstanding request
	wanted   int    // messages that it may still bring; 0 without an outstanding request

	heartbeat time.Duration
	answered  func() // called at the first answer, then nil
	place     place
	next      uint64 // sequence after that of the last handled message
	batch     []Message
}

// openReader creates a consumer and verifies that it starts at o.From.
func openReader(ctx context.Context, nc *natsgo.Conn, o ReadOptions) (*reader, error) {
	if o.From < 1 {
		return nil, fmt.Errorf("read stream %s: invalid sequence %d: start at 1 or later", o.Stream, o.From)
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
		answered:  o.Answered,
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

// open checks the stream before and after it creates the consumer, because JetStream accepts any start: beyond the end
// it waits silently, and in a stream that was purged or recreated meanwhile it starts elsewhere.
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

// failed wraps the error that ended the read.
func (r *reader) failed(err error) error {
	return &ReadError{Stream: r.stream, Next: r.next, Err: err}
}

// close deletes the consumer. If the server cannot be reached, it drops the consumer once that is idle for long enough.
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

// collect waits for a message and takes what else has arrived. It leaves a request at the server, so that the next
// batch arrives while this one is handled.
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

// wait blocks until a message or a status arrives.
func (r *reader) wait(ctx context.Context) (*natsgo.Msg, error) {
	if ctx.Err() != nil { // also if there is always a message
		return nil, ctx.Err()
	}
	select {
	case m := <-r.incoming:
		return m, nil
	default:
	}
	silence, refusal := time.NewTimer(2*r.heartbeat), time.NewTimer(refusalWait)
	defer silence.Stop()
	defer refusal.Stop()
	for {
		select {
		case m := <-r.incoming:
			return m, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.status:
			return nil, ErrDisconnected
		case <-refusal.C:
			if err := r.refusal(); err != nil {
				return nil, err
			}
		case <-silence.C:
			return nil, cmp.Or(r.refusal(), ErrSilent)
		}
	}
}

// pull requests the next batch, unless a request is outstanding.
func (r *reader) pull() error {
	if r.wanted > 0 {
		return nil
	}
	r.requests++
	r.request = r.inbox + "." + strconv.FormatUint(r.requests, 10)
	body := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}`,
		BatchSize, batchBytes, 2*r.heartbeat, r.heartbeat)
	if r.requests == 1 { // answered at once, even by an empty stream
		body = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"no_wait":true}`, BatchSize, batchBytes)
	}
	if err := r.nc.PublishRequest(r.nextSubject(), r.request, body); err != nil {
		return fmt.Errorf("%w: request messages: %w", ErrDisconnected, err)
	}
	r.wanted = BatchSize
	return nil
}

// nextSubject returns the subject of requests for messages.
func (r *reader) nextSubject() string { return "$JS.API.CONSUMER.MSG.NEXT." + r.stream + "." + r.name }

// refusal returns an error if the user may not request messages: the server does not answer such a request.
func (r *reader) refusal() error {
	denied := r.nc.LastError()
	if errors.Is(denied, natsgo.ErrPermissionViolation) && strings.Contains(denied.Error(), r.nextSubject()) {
		return fmt.Errorf("%w: %w: give this user the permission", ErrSilent, denied)
	}
	return nil
}

// take adds a message to the batch, or handles a status.
func (r *reader) take(m *natsgo.Msg) error {
	if !strings.HasPrefix(m.Reply, replyPrefix) {
		return r.handleStatus(m)
	}
	d, err := parseDelivery(m.Reply)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDiscontinuous, err)
	}
	if err := r.place.advance(d); err != nil {
		return err
	}
	r.reportAnswer()
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

// reportAnswer reports the first answer.
func (r *reader) reportAnswer() {
	if r.answered != nil {
		r.answered()
		r.answered = nil
	}
}

// handleStatus handles a status of the outstanding request, and ignores one of an earlier request.
func (r *reader) handleStatus(m *natsgo.Msg) error {
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
		r.reportAnswer()
		r.wanted = 0
		return nil
	default:
		return fmt.Errorf("%w: %s", ErrConsumerGone, strings.TrimSpace(status+" "+description))
	}
}
