package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// Message holds a stored message.
type Message struct {
	// Sequence numbers the messages of a stream, from 1.
	Sequence uint64
	// Time records when the stream stored the message, in nanoseconds since 1970.
	Time int64
	// ReceivedAt holds the time in the header Belfry-Received-At, in nanoseconds since 1970, or 0 without a valid one.
	ReceivedAt int64
	// Pending counts the messages that the stream held after this one when it was read.
	Pending uint64
	// Subject names where the message was published.
	Subject string
	// Data holds the body. The receiver owns it.
	Data []byte
}

// BatchSize limits the number of messages that Read passes on at once.
//
// The server's cost per message dominates, and most of that is the cost of a request: batches of 10,000 are read twice
// as fast as batches of 500.
const BatchSize = 10_000

const (
	// batchBytes limits a batch of large messages; 10,000 ordinary ones take 7 MB.
	batchBytes = 16 << 20
	// heartbeatInterval sets how often the server confirms, while a request waits for messages, that it and the consumer
	// are still there. Read ends after two missed heartbeats, and renews its request as often, because only a new
	// request shows that the user may no longer make one.
	heartbeatInterval = 5 * time.Second
	// refusalWait limits how long a server takes to refuse a request, of which it only tells the connection.
	refusalWait = time.Second
	// consumerIdle limits how long the server keeps an idle consumer: longer than any pause between batches.
	consumerIdle = 5 * time.Minute
)

// Read ends with one of these errors, or an error of the server, wrapped in a *ReadError.
var (
	// ErrDisconnected means that the connection was lost, even if only briefly.
	ErrDisconnected = errors.New("connection lost")
	// ErrConsumerGone means that the server ended the consumer: it was deleted or its leader moved.
	ErrConsumerGone = errors.New("consumer ended by the server")
	// ErrSilent means that neither messages nor heartbeats came although some were due.
	ErrSilent = errors.New("no heartbeat from the server")
	// ErrDiscontinuous means that a message was dropped, repeated or reordered on the way from the server.
	ErrDiscontinuous = errors.New("delivery is not continuous")
)

// ReadError reports that reading a stream was interrupted. Nothing is lost: call Read again, from Next.
type ReadError struct {
	Stream string
	// Next follows the sequence of the last handled message.
	Next uint64
	Err  error
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("read stream %s: %v; continue at sequence %d", e.Stream, e.Err, e.Next)
}

func (e *ReadError) Unwrap() error { return e.Err }

// StartError reports that a stream ends before the sequence to read from, or was deleted and created again. It is not
// the stream that the caller has read so far: reading on would skip events or count different ones.
type StartError struct {
	Stream string
	From   uint64
	State  StreamState
}

func (e *StartError) Error() string {
	return fmt.Sprintf("read stream %s from sequence %d: its last is %d and it was created %s; "+
		"it was deleted, or its server restored from an older copy, since it was last read",
		e.Stream, e.From, e.State.LastSequence, e.State.Created.Format(time.RFC3339))
}

// ReadOptions selects what Read reads.
type ReadOptions struct {
	// Stream names the stream of a partition.
	Stream string
	// From selects the first message to read by its sequence: at least 1, at most one more than the stream's last.
	From uint64
	// Opened, unless nil, receives the state of the stream after the server has fixed where reading starts and before the
	// first message. If FirstSequence is above From, the messages in between are gone. An error ends the read.
	Opened func(StreamState) error
	// Answered, unless nil, is called once, before the first message is handled, when the server has answered a request
	// for messages: with some, or with the answer that there are none yet. Until then it is not known that the stream
	// can be read.
	Answered func()

	heartbeat time.Duration // 0 means heartbeatInterval; tests use a shorter one
}

// Read reads one partition and passes its messages to handle, in order, until handle returns an error, ctx ends or
// anything about the delivery is in doubt. It returns the error of handle or Opened, ctx.Err(), a *StartError or a
// *ReadError. It never recovers by itself: the caller knows what it has folded, checks the stream and calls Read again.
//
// handle receives between 1 and BatchSize messages, as many as are available without waiting: a single message at once,
// a backlog in full batches. The slice is reused for the next batch, the contents of the messages are not. The next
// batch arrives while handle works, so about two batches of at most 16 MiB each are in memory.
//
// Messages that have expired or were purged or deleted are skipped: Sequence then rises by more than one.
func Read(ctx context.Context, nc *natsgo.Conn, o ReadOptions, handle func([]Message) error) error {
	r, err := openReader(ctx, nc, o)
	if err == nil {
		defer r.close(ctx)
		err = r.run(ctx, handle)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
