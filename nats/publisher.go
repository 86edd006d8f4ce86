package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// Event is one event on its way out.
type Event struct {
	// ID is the eventId. It goes out as Nats-Msg-Id, by which the stream refuses a second copy.
	ID string
	// Type is the event type in full, like notification.sent.
	Type string
	// Key chooses the partition: the user id, or the component for system.performance.
	Key string
	// Data is the event as JSON. Publish copies it.
	Data []byte
	// ReceivedAt goes out as Belfry-Received-At, for recorded events whose time of arrival is part of the record. Zero sends none.
	ReceivedAt time.Time
	// Repeatable sends no Nats-Msg-Id, so that the stream stores a copy of an event that it has. A retry may then store it twice.
	Repeatable bool
}

// PublisherOptions describes a publisher. The zero value means the defaults.
type PublisherOptions struct {
	// Partitions must be the number that the streams were created for. If it is 0, NewPublisher asks the streams, for
	// which the user needs permission to publish to $JS.API.STREAM.INFO.NOTIFY_*, and waits until they exist.
	Partitions int
	// MaxInFlight is how many messages of one partition may be without acknowledgement before Publish waits; 0 means 4096.
	MaxInFlight int
	// AckWait is how long an acknowledgement may take before the message is sent again; 0 means 5 s.
	AckWait time.Duration
}

const (
	defaultMaxInFlight = 4096
	defaultAckWait     = 5 * time.Second
	publisherTick      = 50 * time.Millisecond
)

var (
	// ErrTooLarge says that a message exceeds what the streams take.
	ErrTooLarge = errors.New("message too large")
	// ErrPublisherClosed says that Close was called.
	ErrPublisherClosed = errors.New("publisher closed")
)

// UnacknowledgedError lists what a publisher could not bring into its stream, or does not know to be there.
type UnacknowledgedError struct {
	// IDs of the events, those refused by the server first. Of many refused ones only the first thousand are kept.
	IDs []string
	// Count is how many there are.
	Count int
	// Err is the latest reason.
	Err error
}

func (e *UnacknowledgedError) Error() string {
	return fmt.Sprintf("%d messages were not acknowledged, the first is %q: %v", e.Count, e.IDs[0], e.Err)
}

func (e *UnacknowledgedError) Unwrap() error { return e.Err }

func (e *UnacknowledgedError) add(count int, err error, ids ...string) {
	e.Count += count
	e.IDs = append(e.IDs, ids...)
	e.Err = err
}

// Publisher publishes events without waiting for each acknowledgement, and sends again what was not acknowledged
// until it is or the publisher is closed. It may be used by several goroutines.
//
// Order. The messages of a partition are sent in the order of the Publish calls. A lost connection, and a server that dies, keep
// that order: what the stream has is then the beginning of what was sent, and the rest is sent again before
// anything new. One thing can disturb it: a server that refuses a message for the moment while it takes later ones
// that are on their way already. Those stay ahead, at most MaxInFlight of them; with MaxInFlight 1 there are none.
//
// Once. A message that is sent again although the stream has it is recognised by its Nats-Msg-Id, for DuplicateWindow. After a longer
// break a copy of what was in flight may be stored twice; the exporter counts an eventId once.
type Publisher struct {
	dialer *dialer
	logger *slog.Logger
	lanes  []*lane // one for each partition
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// NewPublisher connects and returns a publisher. It waits for an absent server until ctx ends, as Connect does, and
// for streams that do not exist yet if it has to ask them for the number of partitions.
//
// The publisher has a connection of its own, because the order after a reconnection is its own business:
// nats.go would let new messages pass before it knows which old ones to send again.
func NewPublisher(ctx context.Context, connection Options, o PublisherOptions) (*Publisher, error) {
	o.MaxInFlight = cmp.Or(o.MaxInFlight, defaultMaxInFlight)
	o.AckWait = cmp.Or(o.AckWait, defaultAckWait)
	if o.Partitions < 0 || o.MaxInFlight < 1 || o.AckWait < 0 {
		return nil, fmt.Errorf("publisher for %d partitions with %d messages in flight and %s for an acknowledgement: "+
			"each must be positive", o.Partitions, o.MaxInFlight, o.AckWait)
	}
	d, err := newDialer(connection)
	if err != nil {
		return nil, err
	}
	if o.Partitions == 0 {
		if o.Partitions, err = d.awaitPartitions(ctx); err != nil {
			return nil, err
		}
	}
	p := &Publisher{dialer: d, logger: d.logger}
	for range o.Partitions {
		p.lanes = append(p.lanes, newLane(o.MaxInFlight, o.AckWait, p.logger))
	}
	first, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	p.attach(first)
	running, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.done.Go(func() { p.run(running, first) })
	return p, nil
}

// Publish hands one event over for sending. It waits only while too many messages of its partition are unacknowledged,
// until there is room or ctx ends. An error means that this event will not be sent; that of an event which
// was accepted and could not be delivered comes from Flush or Close.
func (p *Publisher) Publish(ctx context.Context, e Event) error {
	partition := Partition(e.Key, len(p.lanes))
	subject, err := Subject(partition, e.Type)
	if err != nil {
		return fmt.Errorf("publish event %q: %w", e.ID, err)
	}
	o := outgoing{subject: subject, id: e.ID, dedupe: !e.Repeatable, data: e.Data}
	if !e.ReceivedAt.IsZero() {
		o.receivedAt = e.ReceivedAt.UTC().Format(time.RFC3339Nano)
	}
	if err := p.lanes[partition].add(ctx, o); err != nil {
		return fmt.Errorf("publish event %q: %w", e.ID, err)
	}
	return nil
}

// Flush waits until everything published before has been acknowledged or refused, or ctx ends.
// What was not acknowledged is an *UnacknowledgedError; refused messages are reported once.
func (p *Publisher) Flush(ctx context.Context) error {
	left := &UnacknowledgedError{}
	for _, l := range p.lanes {
		l.flush(ctx, left)
	}
	if left.Count == 0 {
		return nil
	}
	return left
}

// Close flushes and ends the publisher. What is unacknowledged when ctx ends is given up and reported as by Flush.
func (p *Publisher) Close(ctx context.Context) error {
	for _, l := range p.lanes {
		l.close()
	}
	err := p.Flush(ctx)
	p.stop()
	p.done.Wait()
	return err
}

// link is one connection of the publisher, from its making to its loss.
type link struct {
	nc    *natsgo.Conn
	inbox string
	gone  chan struct{}
}

func (p *Publisher) dial(ctx context.Context) (*link, error) {
	l := &link{gone: make(chan struct{})}
	nc, err := p.dialer.dialUntil(ctx,
		natsgo.NoReconnect(),
		natsgo.SkipSubjectValidation(), // Subject has done it
		natsgo.ClosedHandler(func(*natsgo.Conn) { close(l.gone) }))
	if err != nil {
		return nil, err
	}
	l.nc, l.inbox = nc, nc.NewInbox()
	sub, err := nc.Subscribe(l.inbox+".>", func(m *natsgo.Msg) { p.acknowledged(l.inbox, m) })
	if err == nil {
		err = sub.SetPendingLimits(-1, -1) // the lanes bound what can be outstanding
	}
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("subscribe to acknowledgements: %w", err)
	}
	return l, nil
}

// run keeps a connection and gives the lanes a clock.
func (p *Publisher) run(ctx context.Context, current *link) {
	for {
		p.serve(ctx, current)
		if ctx.Err() != nil {
			return
		}
		if current = p.redial(ctx); current == nil {
			return
		}
		p.attach(current)
	}
}

// serve stays with a connection that the lanes use until it is lost or ctx ends.
func (p *Publisher) serve(ctx context.Context, current *link) {
	defer current.nc.Close()
	tick := time.NewTicker(publisherTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			p.detach(ErrPublisherClosed)
			p.dialer.status.connected.Store(false)
			return
		case <-current.gone:
			err := cmp.Or(current.nc.LastError(), ErrDisconnected)
			p.detach(err)
			p.dialer.lost(err)
			return
		case now := <-tick.C:
			for _, l := range p.lanes {
				l.tick(now)
			}
		}
	}
}

func (p *Publisher) attach(to *link) {
	for i, l := range p.lanes {
		l.attach(to, i)
	}
}

func (p *Publisher) detach(cause error) {
	for _, l := range p.lanes {
		l.detach(cause)
	}
}

// redial never gives up before ctx ends: a server that refuses us now may have its users back in a minute.
func (p *Publisher) redial(ctx context.Context) *link {
	for {
		l, err := p.dial(ctx)
		if err == nil {
			p.dialer.regained(l.nc)
			return l
		}
		if ctx.Err() != nil {
			return nil
		}
		p.logger.Error("publisher can't connect", "error", err, "wait", retryWaitMost)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(jitter(retryWaitMost)):
		}
	}
}

// acknowledged takes one answer of the server to its lane.
func (p *Publisher) acknowledged(inbox string, m *natsgo.Msg) {
	number, index, err := parseReply(inbox, m.Subject)
	if err != nil || number >= len(p.lanes) {
		p.logger.Warn("answer to no message", "subject", m.Subject)
		return
	}
	p.lanes[number].answered(index, parseAck(m))
}
