package partition

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/time/rate"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/nats"
)

// DeadLetter is what the dead-letter stream keeps, as JSON, of an event that
// could not be counted: what is wrong with it and what it looks like, but no
// value of it. The event itself can be read from its stream while it is there.
type DeadLetter struct {
	// Reason is one of the values of catalog.LabelRejection, Field the path of
	// the field at fault, empty where the whole message is.
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	// Event is the event type that the message's subject names, without its
	// prefix; catalog.Other for a subject that names none.
	Event string `json:"event"`
	// Partition, Sequence and StreamTime, the time at which the stream got it,
	// are where the event lies. A stream that was made anew has other messages
	// under the same sequences, at other times.
	Partition  int       `json:"partition"`
	Sequence   uint64    `json:"sequence"`
	StreamTime time.Time `json:"streamTime"`
	// Size is that of the message in bytes.
	Size int `json:"size"`
	// Fields are its fields without their values.
	Fields []event.FieldShape `json:"fields,omitempty"`
}

func newDeadLetter(partition int, m *nats.Message, why *event.Rejection) DeadLetter {
	return DeadLetter{
		Reason: why.Reason.String(), Field: why.Field, Event: eventOf(m.Subject), Partition: partition,
		Sequence: m.Sequence, StreamTime: time.Unix(0, m.Time).UTC(), Size: len(m.Data), Fields: event.Shape(m.Data),
	}
}

// eventOf is the event type at the end of a subject. What is none of the
// contract could be anything, a user id too.
func eventOf(subject string) string {
	if _, name, err := nats.ParseSubject(subject); err == nil && catalog.LabelEvent.Known(name) {
		return name
	}
	return catalog.Other
}

// ID tells the message from all others, of the same sequence too: it is the
// dead letter's Nats-Msg-Id, by which the stream keeps it once.
func (l *DeadLetter) ID() string {
	return fmt.Sprintf("%d-%d-%d", l.Partition, l.Sequence, l.StreamTime.UnixNano())
}

// Of each reason, a partition writes lettersAtOnce dead letters without delay and
// then lettersPerSecond: enough to see what a producer does wrong, and nothing
// beside the events themselves when it does so a million times. The others are
// counted only.
const (
	lettersPerSecond = 10
	lettersAtOnce    = 100
)

const (
	// letterQueue bounds the rejected messages of a partition that wait to be
	// written, and with them the memory they take: 32 MiB at the very worst.
	letterQueue = 128
	// letterAttempts is how often a server may refuse a letter before it is
	// given up. While there is no server at all, it waits.
	letterAttempts = 3
	// letterLinger is how long letters may still be written at shutdown.
	letterLinger = 5 * time.Second
)

// deadLetters keeps the rejected events of one partition. The fold hands them
// over and goes on; another goroutine writes them.
type deadLetters struct {
	options   *Options
	partition int
	queue     chan rejected
	limits    [catalog.NumReasons]*rate.Limiter
	warnings  [catalog.NumReasons]rate.Sometimes
	trouble   rate.Sometimes

	// Up to this place the letters were written, before this process or a fold
	// that starts over came by again.
	writtenTo   uint64
	writtenTime int64
}

// rejected is a message with the reason why it could not be counted.
type rejected struct {
	message nats.Message
	why     *event.Rejection
}

func newDeadLetters(o *Options) *deadLetters {
	d := &deadLetters{
		options: o, partition: o.Fold.Partition,
		queue: make(chan rejected, letterQueue), trouble: rate.Sometimes{Interval: time.Minute},
	}
	for i := range d.limits {
		d.limits[i] = rate.NewLimiter(lettersPerSecond, lettersAtOnce)
		d.warnings[i].Interval = time.Minute
	}
	return d
}

// resume looks up which letter the partition wrote last. Letters are written in
// order, so that all events up to that one have theirs when they are folded
// again, or were left out for good.
func (d *deadLetters) resume(ctx context.Context, nc *natsgo.Conn) error {
	m, err := nats.LastDeadLetter(ctx, nc, d.partition)
	if errors.Is(err, nats.ErrMessageNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var last DeadLetter
	if err := json.Unmarshal(m.Data, &last); err != nil {
		return fmt.Errorf("read the last dead letter of partition %d: %w", d.partition, err)
	}
	d.writtenTo, d.writtenTime = last.Sequence, last.StreamTime.UnixNano()
	return nil
}

// add hands over a rejected message, and logs one of each reason a minute as a
// warning, without anything of its content. It never waits: a letter too many
// is counted as missed.
func (d *deadLetters) add(m *nats.Message, why *event.Rejection) {
	level := slog.LevelDebug
	d.warnings[why.Reason].Do(func() { level = slog.LevelWarn })
	d.options.Log.Log(context.Background(), level, "event rejected; belfry deadletters list has more of them",
		"sequence", m.Sequence, "reason", why.Reason.String(), "field", why.Field)
	if m.Sequence <= d.writtenTo && m.Time <= d.writtenTime {
		return
	}
	if !d.limits[why.Reason].Allow() {
		d.options.MissLetter()
		return
	}
	select {
	case d.queue <- rejected{*m, why}:
	default:
		d.options.MissLetter()
	}
}

// end says that nothing will be added any more.
func (d *deadLetters) end() { close(d.queue) }

// write writes letters until end, and until shortly after ctx has ended.
func (d *deadLetters) write(ctx context.Context, nc *natsgo.Conn) {
	linger, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(letterLinger, cancel) })
	defer stop()
	for r := range d.queue {
		if err := d.keep(linger, nc, newDeadLetter(d.partition, &r.message, r.why)); err != nil {
			d.options.MissLetter()
			d.trouble.Do(func() {
				d.options.Log.Warn("a dead letter could not be written; the rejection is counted all the same", "err", err)
			})
		}
	}
}

// keep writes one letter, again and again while the connection is away.
func (d *deadLetters) keep(ctx context.Context, nc *natsgo.Conn, l DeadLetter) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	for refusals := 0; ; pause(ctx, retryAfter) {
		if err = nats.KeepDeadLetter(ctx, nc, nats.DeadLetterSubject(d.partition), l.ID(), data); err == nil {
			return nil
		}
		if nc.IsConnected() {
			refusals++
		}
		if refusals == letterAttempts || ctx.Err() != nil {
			return err
		}
	}
}
