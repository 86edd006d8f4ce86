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

// lane is the way of one partition's messages into its stream: a ring of what was accepted and is not yet
// acknowledged, in order, and the rule for sending it again.
//
//	flowing   each message is sent as it comes
//	draining  one failed: nothing more is sent until all that are on their way are answered or overdue
//	waiting   a pause, longer each time
//	probing   the oldest goes out alone; when it is stored, all others follow in order and the lane flows again
//	away      there is no connection; the next one starts with probing
//
// So a server in trouble is asked one message at a time, and what is sent again never overtakes or is overtaken by
// anything that was not already on its way.
type lane struct {
	ackWait time.Duration
	logger  *slog.Logger

	mu      sync.Mutex
	changed *sync.Cond // broadcast to those who wait for room or for the end
	blocked int        // how many wait for room
	flushes int        // how many wait for an index
	closed  bool

	ring       []slot
	head, tail uint64 // indexes of the oldest unfinished message and of the next to come; index i lives in ring[i % len]
	bytes      int    // in the ring
	inFlight   int    // sent and unanswered

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
	idValue []string // the header values within message, set anew for each sending
	atValue []string
}

// slot is a message in the ring. Its data is a copy in a buffer that later messages use again.
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
	laneBytes    = 16 << 20 // bounds large messages; ordinary ones are bounded by their number
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

// add accepts a message, and sends it if the lane flows.
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
		return fmt.Errorf("%d messages of the partition are unacknowledged: %w", l.tail-l.head, l.reason(context.Cause(ctx)))
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
	waiting := l.tail - l.head
	return waiting == 0 || waiting < uint64(len(l.ring)) && l.bytes+size <= laneBytes
}

// await blocks until ready or until ctx ends. It gives the lock free meanwhile.
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

// send sends one message of the ring, the first time or again.
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
		l.refuse(index, fmt.Errorf("%w: the server's max_payload is below the streams' %d bytes, raise it", err, MaxMessageBytes))
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

// answered hears what became of a sending. It may be one that was given up long ago: a good answer counts all the same,
// a bad one costs a pause at most.
func (l *lane) answered(index uint64, o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < l.head || index >= l.tail || l.at(index).finished {
		return // answered before: it was sent again while this was on its way
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

// landed notes that a message is no longer on its way.
func (l *lane) landed(index uint64) {
	if s := l.at(index); s.inFlight {
		s.inFlight = false
		l.inFlight--
	}
}

// finish takes a message out of the ring's concern, and those before it that were waiting for it out of the ring.
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
	// Waking the publishing goroutine for each acknowledgement would cost more than the message: wait until half the room is free.
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

// flush waits until everything accepted so far is finished, or ctx ends. It adds to left what then is not,
// and what was refused since the last flush.
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

// close refuses further messages.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
}

// reason is the lane's own trouble where it has had any, else the given one.
func (l *lane) reason(otherwise error) error {
	if l.cause != nil {
		return fmt.Errorf("%w (%w)", otherwise, l.cause)
	}
	return otherwise
}
