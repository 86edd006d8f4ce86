package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// lane publishes the messages of one partition to its stream. It keeps the accepted, unacknowledged messages in a ring,
// in order, and retries them in these phases:
//
//	flowing   each message is sent as it comes
//	draining  one failed: nothing more is sent until all messages in flight are answered or overdue
//	waiting   a pause, longer each time
//	probing   the oldest message is sent alone; once it is stored, all others follow in order and the lane flows again
//	away      there is no connection; the next one starts with probing
//
// So a server in trouble receives one message at a time, and a retried message never changes places with one that was
// not already in flight.
type lane struct {
	ackWait time.Duration
	logger  *slog.Logger

	mu      sync.Mutex
	changed *sync.Cond // broadcast to callers that wait for room or in flush
	blocked int        // number of callers that wait for room
	flushes int        // number of callers in flush
	closed  bool

	ring       []slot
	head, tail uint64 // indexes of the oldest unfinished message and of the next one; index i is at ring[i % len]
	bytes      int    // in the ring
	inFlight   int    // sent and not answered

	phase   phase
	link    *link
	replies string // prefix of reply subjects
	retryAt time.Time
	drainBy time.Time
	backoff time.Duration
	cause   error // why the lane last stopped flowing

	refusedIDs []string // not yet reported
	refused    int
	refusal    error // the latest

	scratch []byte
	message natsgo.Msg
	idValue []string // the header values of message, set for each attempt
	atValue []string
}

// slot holds a message in the ring. Its data is a copy in a buffer that later messages reuse.
type slot struct {
	outgoing
	sentAt   time.Time
	inFlight bool
	finished bool
}

type phase int

const (
	away phase = iota
	flowing
	draining
	waiting
	probing
)

const (
	laneBytes    = 16 << 20 // limits large messages; ordinary ones are limited by their number
	keepBuffer   = 4 << 10  // a slot keeps a buffer up to this size for its next message
	keptRefusals = 1000
)

func newLane(maxInFlight int, ackWait time.Duration, logger *slog.Logger) *lane {
	l := &lane{ackWait: ackWait, logger: logger, ring: make([]slot, maxInFlight), backoff: backoffFirst}
	l.changed = sync.NewCond(&l.mu)
	l.idValue, l.atValue = make([]string, 1), make([]string, 1)
	l.message.Header = natsgo.Header{}
	l.scratch = make([]byte, 0, 128)
	return l
}

// add accepts a message, and sends it if the lane is flowing.
func (l *lane) add(ctx context.Context, o outgoing) error {
	if err := o.check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && !l.hasRoom(len(o.data)) {
		l.blocked++
		l.await(ctx, func() bool { return l.closed || l.hasRoom(len(o.data)) })
		l.blocked--
	}
	switch {
	case l.closed:
		return ErrPublisherClosed
	case !l.hasRoom(len(o.data)):
		return fmt.Errorf("%d messages of the partition are unacknowledged: %w", l.tail-l.head,
			l.reason(context.Cause(ctx)))
	}
	s := l.at(l.tail)
	buffer := append(s.data[:0], o.data...)
	*s = slot{outgoing: o}
	s.data = buffer
	l.bytes += len(buffer)
	l.tail++
	if l.phase == flowing {
		l.send(l.tail - 1)
	}
	return nil
}

func (l *lane) at(index uint64) *slot { return &l.ring[index%uint64(len(l.ring))] }

func (l *lane) hasRoom(size int) bool {
	held := l.tail - l.head
	return held == 0 || held < uint64(len(l.ring)) && l.bytes+size <= laneBytes
}

// await blocks until ready returns true or ctx ends. It releases the lock meanwhile.
func (l *lane) await(ctx context.Context, ready func() bool) {
	wake := context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed.Broadcast()
	})
	defer wake()
	for !ready() && ctx.Err() == nil {
		l.changed.Wait()
	}
}

// send sends a message of the ring, for the first time or again.
func (l *lane) send(index uint64) {
	s := l.at(index)
	m := &l.message
	m.Subject, m.Data = s.subject, s.data
	m.Reply = replySubject(l.scratch, l.replies, index)
	setHeader(m.Header, messageIDHeader, l.idValue, s.id, s.dedupe)
	setHeader(m.Header, receivedAtHeader, l.atValue, s.receivedAt, s.receivedAt != "")
	err := l.link.nc.PublishMsg(m)
	switch {
	case errors.Is(err, natsgo.ErrMaxPayload):
		l.refuse(index, fmt.Errorf("%w: raise the server's max_payload to %d bytes", err, MaxMessageBytes))
	case err != nil:
		l.stall(err)
	default:
		s.sentAt, s.inFlight = time.Now(), true
		l.inFlight++
	}
}

func setHeader(h natsgo.Header, name string, value []string, text string, present bool) {
	if !present {
		delete(h, name)
		return
	}
	value[0] = text
	h[name] = value
}

// answered takes the outcome of an attempt. The lane may have given that attempt up: a success still counts, a failure
// costs a pause at most.
func (l *lane) answered(index uint64, o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < l.head || index >= l.tail || l.at(index).finished {
		return // answered before: it was sent twice
	}
	l.landed(index)
	switch o.kind {
	case stored:
		l.finish(index)
	case refused:
		l.refuse(index, o.err)
	case failed:
		l.stall(o.err)
	}
	l.proceed(time.Now())
}

// landed records that a message is no longer in flight.
func (l *lane) landed(index uint64) {
	if s := l.at(index); s.inFlight {
		s.inFlight = false
		l.inFlight--
	}
}

// finish marks a message as done, and drops it from the ring once all messages before it are done.
func (l *lane) finish(index uint64) {
	l.at(index).finished = true
	for l.head < l.tail && l.at(l.head).finished {
		s := l.at(l.head)
		l.bytes -= len(s.data)
		if cap(s.data) > keepBuffer {
			s.data = nil
		}
		l.head++
	}
	// Waking a publishing goroutine for each acknowledgement would cost more than the message: wait until half the room
	// is free.
	halfFree := l.tail-l.head <= uint64(len(l.ring)/2) && l.bytes <= laneBytes/2
	if l.flushes > 0 || l.blocked > 0 && halfFree {
		l.changed.Broadcast()
	}
}

func (l *lane) refuse(index uint64, err error) {
	l.refused++
	l.refusal = err
	if len(l.refusedIDs) < keptRefusals {
		l.refusedIDs = append(l.refusedIDs, l.at(index).id)
	}
	l.finish(index)
}

// flush waits until everything accepted so far is done, or ctx ends. It adds to left what is not done then, and what
// was refused since the last flush.
func (l *lane) flush(ctx context.Context, left *UnacknowledgedError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	target := l.tail
	l.flushes++
	l.await(ctx, func() bool { return l.head >= target })
	l.flushes--
	if l.refused > 0 {
		left.add(l.refused, l.refusal, l.refusedIDs...)
		l.refusedIDs, l.refused = nil, 0
	}
	for i := l.head; i < target; i++ {
		if !l.at(i).finished {
			left.add(1, l.reason(context.Cause(ctx)), l.at(i).id)
		}
	}
}

// close makes add refuse further messages.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
}

// reason adds to an error why the lane last stopped, if it did.
func (l *lane) reason(otherwise error) error {
	if l.cause != nil {
		return fmt.Errorf("%w (%w)", otherwise, l.cause)
	}
	return otherwise
}
