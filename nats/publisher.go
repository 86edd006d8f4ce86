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

// Event describes an event to publish.
type Event struct {
	// ID holds the eventId, sent as Nats-Msg-Id, by which the stream stores an event once.
	ID string
	// Type names the event type in full, such as notification.sent.
	Type string
	// Key determines the partition: the user id, or the component for system.performance.
	Key string
	// Data holds the event as JSON. Publish copies it.
	Data []byte
	// ReceivedAt is sent as Belfry-Received-At unless it is zero, for recorded events that include their time of arrival.
	ReceivedAt time.Time
	// Repeatable omits Nats-Msg-Id, so that the stream stores a copy of an event that it has. A retry may store it twice.
	Repeatable bool
}

// PublisherOptions configures a publisher. The zero value means the defaults.
type PublisherOptions struct {
	// Partitions must be the number that the streams were created for. If it is 0, NewPublisher asks the streams, for
	// which the user needs permission to publish to $JS.API.STREAM.INFO.NOTIFY_*, and waits until they exist.
	Partitions int
	// MaxInFlight limits the unacknowledged messages of each partition, beyond which Publish waits; 0 means 4096.
	MaxInFlight int
	// AckWait limits the wait for an acknowledgement, after which the message is sent again; 0 means 5 s.
	AckWait time.Duration
}

const (
	defaultMaxInFlight = 4096
	defaultAckWait     = 5 * time.Second
	publisherTick      = 50 * time.Millisecond
)

var (
	// ErrTooLarge means that a message exceeds MaxMessageBytes.
	ErrTooLarge = errors.New("message too large")
	// ErrPublisherClosed means that Close was called.
	ErrPublisherClosed = errors.New("publisher closed")
)

// UnacknowledgedError lists the messages that a publisher could not store, or does not know to be stored.
type UnacknowledgedError struct {
	// IDs lists the events, those that the server refused first. Of refused events it has at most a thousand.
	IDs []string
	// Count counts all of them.
	Count int
	// Err holds the latest cause.
	Err error
}

func (e *UnacknowledgedError) Error() string {
	return fmt.Sprintf("messages not acknowledged: %d, first %q: %v", e.Count, e.IDs[0], e.Err)
}

func (e *UnacknowledgedError) Unwrap() error { return e.Err }

func (e *UnacknowledgedError) add(count int, err error, ids ...string) {
	e.Count += count
	e.IDs = append(e.IDs, ids...)
	e.Err = err
}

// Publisher publishes events without waiting for each acknowledgement. It retries unacknowledged messages until it is
// closed. It is safe for concurrent use.
//
// Order: the messages of a partition are sent in the order of the Publish calls, and stay in order when the connection
// is lost or the server dies: the stream then holds the beginning of what was sent, and the rest is sent again before
// anything new. The only exception is a server that temporarily refuses a message and accepts later ones that are
// already in flight. Those stay ahead, at most MaxInFlight of them, and none with MaxInFlight 1.
//
// Duplicates: the stream recognizes a message that is sent twice by its Nats-Msg-Id, for DuplicateWindow. After a
// longer interruption, messages in flight may be stored twice; the exporter counts an eventId once.
type Publisher struct {
	dialer *dialer
	logger *slog.Logger
	lanes  []*lane // one for each partition
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// NewPublisher connects and returns a publisher. It waits for a server that does not answer until ctx ends, as Connect
// does, and for the streams if it has to ask them for the number of partitions.
//
// The publisher has its own connection because it controls the order of messages after a reconnect: nats.go would send
// new messages before the publisher knows which old ones to send again.
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

// Publish queues an event. It blocks only while too many messages of the partition are unacknowledged, until there is
// room or ctx ends. An error means that this event will not be sent. Flush and Close report events that were queued and
// could not be stored.
func (p *Publisher) Publish(ctx context.Context, e Event) error {
	return p.publish(ctx, Partition(e.Key, len(p.lanes)), e)
}

// PublishToAll queues an event in each partition, whatever its key, and otherwise does what Publish does. It is for
// requests that must also reach what was published to a wrong partition.
func (p *Publisher) PublishToAll(ctx context.Context, e Event) error {
	for partition := range p.lanes {
		if err := p.publish(ctx, partition, e); err != nil {
			return err
		}
	}
	return nil
}

func (p *Publisher) publish(ctx context.Context, partition int, e Event) error {
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

// Flush waits until everything published before is acknowledged or refused, or ctx ends. It returns an
// *UnacknowledgedError for the rest; refused messages are reported once.
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

// Close flushes and ends the publisher. It gives up what is unacknowledged when ctx ends, and reports it as Flush does.
func (p *Publisher) Close(ctx context.Context) error {
	for _, l := range p.lanes {
		l.close()
	}
	err := p.Flush(ctx)
	p.stop()
	p.done.Wait()
	return err
}

// link holds one connection of the publisher, until it is lost.
type link struct {
	nc    *natsgo.Conn
	inbox string
	gone  chan struct{}
}

func (p *Publisher) dial(ctx context.Context) (*link, error) {
	l := &link{gone: make(chan struct{})}
	nc, err := p.dialer.dialUntil(ctx,
		natsgo.NoReconnect(),
		natsgo.SkipSubjectValidation(), // Subject has validated it
		natsgo.ClosedHandler(func(*natsgo.Conn) { close(l.gone) }))
	if err != nil {
		return nil, err
	}
	l.nc, l.inbox = nc, nc.NewInbox()
	sub, err := nc.Subscribe(l.inbox+".>", func(m *natsgo.Msg) { p.acknowledged(l.inbox, m) })
	if err == nil {
		err = sub.SetPendingLimits(-1, -1) // the lanes limit what can be outstanding
	}
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("subscribe to acknowledgements: %w", err)
	}
	return l, nil
}

// run keeps the publisher connected and the lanes' clock ticking.
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

// serve keeps the lanes going on a connection until it is lost or ctx ends.
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

// redial dials until it succeeds or ctx ends. It does not give up on a refusal: the server may know the user again in a
// minute.
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
		p.logger.Error("publisher cannot connect, retrying", "err", err, "wait", retryWaitMost)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(jitter(retryWaitMost)):
		}
	}
}

// acknowledged passes an answer of the server to its lane.
func (p *Publisher) acknowledged(inbox string, m *natsgo.Msg) {
	number, index, err := parseReply(inbox, m.Subject)
	if err != nil || number >= len(p.lanes) {
		p.logger.Warn("ignoring an answer to an unknown message", "subject", m.Subject)
		return
	}
	p.lanes[number].answered(index, parseAck(m))
}
