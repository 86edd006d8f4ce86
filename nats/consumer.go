package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// Message is one stored message.
type Message struct {
	// Sequence is its number in the stream, from 1.
	Sequence uint64
	// Time is when the stream took it, in nanoseconds since 1970.
	Time int64
	// ReceivedAt is the time in its header Belfry-Received-At, in nanoseconds since 1970; 0 where there is none or it is no time.
	ReceivedAt int64
	// Pending is how many messages the stream had after this one when it was read.
	Pending uint64
	// Subject is where it was published.
	Subject string
	// Data is its body. It belongs to whoever got the message.
	Data []byte
}

// BatchSize is the most messages that Read hands over at once.
//
// The server's cost per message dominates, and most of it is the cost of a request: batches of 10,000 read
// twice as fast as batches of 500.
const BatchSize = 10_000

const (
	// batchBytes bounds a batch of large messages; 10,000 ordinary ones are 7 MB.
	batchBytes = 16 << 20
	// While a request for messages waits at the server, this often it shows that it and the consumer are still there.
	// Two heartbeats missed end the read; after six the request is made anew.
	heartbeatInterval = 5 * time.Second
	// The server keeps a consumer that asks for nothing this long: longer than any pause between two batches.
	consumerIdle = 5 * time.Minute
)

// What ends a Read, besides its handler and its context. A *ReadError wraps one of these, or an error of the server.
var (
	// ErrDisconnected says that the connection was lost, be it for a moment.
	ErrDisconnected = errors.New("connection lost")
	// ErrConsumerGone says that the server ended the consumer: deleted, or its leader moved.
	ErrConsumerGone = errors.New("consumer ended by the server")
	// ErrSilent says that neither messages nor heartbeats came although some were due.
	ErrSilent = errors.New("no heartbeat from the server")
	// ErrDiscontinuous says that a message was dropped, repeated or reordered between the server and us.
	ErrDiscontinuous = errors.New("delivery is not continuous")
)

// ReadError says that reading a stream ended before its time. Nothing is lost by it: call Read again, from Next.
type ReadError struct {
	Stream string
	// Next is the sequence after the last message that was handled.
	Next uint64
	Err  error
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("read stream %s: %v; go on from sequence %d", e.Stream, e.Err, e.Next)
}

func (e *ReadError) Unwrap() error { return e.Err }

// StartError says that a stream ends before the sequence from which it was to be read, or was created anew.
// It is not the stream that somebody has read so far: reading on would skip events or count other ones.
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

// ReadOptions says what to read.
type ReadOptions struct {
	// Stream is the name of a partition's stream.
	Stream string
	// From is the sequence of the first message wanted, at least 1, at most one more than the stream's last.
	From uint64
	// Opened, unless nil, gets the state of the stream after the server has fixed where reading starts and before the
	// first message. Its FirstSequence above From means that the messages between are gone. An error ends the read.
	Opened func(StreamState) error

	heartbeat time.Duration // heartbeatInterval where 0; tests hurry
}

// Read reads one partition and hands its messages to handle, in order, until handle returns an error, ctx ends or something
// on the way is in doubt. It returns that error: as handle and Opened gave it, ctx.Err(), a *StartError or a *ReadError.
// It never repairs anything by itself. The caller knows what it has folded, compares its fence and calls Read again.
//
// handle gets between 1 and BatchSize messages, as many as are there without waiting: a lone message at once, a
// backlog in full batches. The slice is used again for the next batch, the messages' contents are not.
// While handle works the next batch comes in, so about two batches, at most 16 MiB of messages each, are in memory.
//
// Sequences that are missing from the stream, because messages expired, were purged or deleted, are simply
// missing from the messages: their Sequence rises by more than one.
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
