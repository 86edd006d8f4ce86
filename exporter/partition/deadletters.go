package partition

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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

// For each reason, a partition writes lettersAtOnce dead letters without delay
// and then lettersPerSecond. That shows what a producer does wrong, and costs
// little when it does so a million times. The other events are only counted.
const (
	lettersPerSecond = 10
	lettersAtOnce    = 100
)

const (
	// letterQueue limits the rejected messages that wait to be written, and with
	// them the memory they take: 32 MiB in the worst case.
	letterQueue = 128
	// letterAttempts limits how often the server may refuse a letter. Attempts
	// without a connection do not count.
	letterAttempts = 3
	// letterDrainTime limits how long letters are written after shutdown began.
	letterDrainTime = 5 * time.Second
)

// deadLetters writes the dead letters of one partition. The fold queues rejected
// messages without waiting; another goroutine writes them.
type deadLetters struct {
	options   *Options
	partition int
	queue     chan rejected
	limits    [catalog.NumReasons]*rate.Limiter
	warnings  [catalog.NumReasons]rate.Sometimes
	failures  rate.Sometimes

	// The letters up to this message were written by an earlier process or fold.
	writtenTo   uint64
	writtenTime int64
}

// rejected holds a message with the reason why it could not be counted.
type rejected struct {
	message nats.Message
	why     *event.Rejection
}

func newDeadLetters(o *Options) *deadLetters {
	d := &deadLetters{
		options: o, partition: o.Fold.Partition,
		queue: make(chan rejected, letterQueue), failures: rate.Sometimes{Interval: time.Minute},
	}
	for i := range d.limits {
		d.limits[i] = rate.NewLimiter(lettersPerSecond, lettersAtOnce)
		d.warnings[i].Interval = time.Minute
	}
	return d
}

// resume looks up the last letter of the partition. Letters are written in order,
// so events up to that one get none when they are folded again: they have
// theirs, or were left out for good.
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
		return fmt.Errorf("read the last dead letter of partition %d, which another program wrote: %w",
			d.partition, err)
	}
	if !hmac.Equal([]byte(last.Seal), []byte(d.seal(&last))) {
		return fmt.Errorf("the last dead letter of partition %d lacks the seal of this exporter's user key: "+
			"an earlier version or another program wrote it; see who may publish to %s",
			d.partition, nats.DeadLetterSubject(d.partition))
	}
	if err := d.checkGenuine(ctx, nc, &last); err != nil {
		return err
	}
	d.writtenTo, d.writtenTime = last.Sequence, last.StreamTime.UnixNano()
	return nil
}

// seal returns a hash with the user key of the place that a letter is about. Whoever may
// publish dead letters cannot make one, so no forged letter silences those up to its place.
func (d *deadLetters) seal(l *DeadLetter) string {
	mac := hmac.New(sha256.New, d.options.Fold.UserKey)
	mac.Write([]byte("belfry dead letter\x00" + l.ID()))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// checkGenuine compares the last letter with the stream: its sequence and time would
// otherwise silence all letters up to them. A letter about a message that has left the
// stream, or about an earlier stream, silences nothing.
func (d *deadLetters) checkGenuine(ctx context.Context, nc *natsgo.Conn, last *DeadLetter) error {
	stream, at := nats.StreamName(d.partition), last.StreamTime.UnixNano()
	m, err := nats.Get(ctx, nc, stream, last.Sequence)
	if err != nil && !errors.Is(err, nats.ErrMessageNotFound) {
		return err
	}
	if err == nil && last.Partition == d.partition && m.Time == at {
		return nil
	}
	state, err := nats.Info(ctx, nc, stream)
	if err != nil || last.Sequence < state.FirstSequence || at < state.Created.UnixNano() {
		return err
	}
	return fmt.Errorf("the last dead letter of partition %d names message %d, which %s does not have as described: "+
		"another program wrote it, or the message was deleted; see who may publish to %s",
		d.partition, last.Sequence, stream, nats.DeadLetterSubject(d.partition))
}

// add queues a rejected message. It logs one message per reason and minute as a
// warning, without any of its content. It never waits: if the queue is full or
// the limit reached, the letter is counted as missed.
func (d *deadLetters) add(m *nats.Message, why *event.Rejection) {
	level := slog.LevelDebug
	d.warnings[why.Reason].Do(func() { level = slog.LevelWarn })
	d.options.Log.Log(context.Background(), level, "event rejected; see belfry deadletters list",
		"sequence", m.Sequence, "reason", why.Reason.String(), "field", why.Field, "found", why.What(nil))
	if m.Sequence <= d.writtenTo && m.Time <= d.writtenTime {
		return
	}
	if !d.limits[why.Reason].Allow() {
		d.options.CountMissedLetter()
		return
	}
	select {
	case d.queue <- rejected{*m, why}:
	default:
		d.options.CountMissedLetter()
	}
}

// end ends write once the queue is empty. Nothing may be added afterwards.
func (d *deadLetters) end() { close(d.queue) }

// write writes queued letters until end is called, but no longer than
// letterDrainTime after ctx has ended.
func (d *deadLetters) write(ctx context.Context, nc *natsgo.Conn) {
	drain, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(letterDrainTime, cancel) })
	defer stop()
	for r := range d.queue {
		if err := d.writeOne(drain, nc, newDeadLetter(d.partition, &r.message, r.why, d.fieldName)); err != nil {
			d.options.CountMissedLetter()
			d.failures.Do(func() {
				d.options.Log.Warn("a dead letter could not be written; the rejected event is still counted",
					"err", err)
			})
		}
	}
}

// writeOne writes one letter. It retries as long as there is no connection.
func (d *deadLetters) writeOne(ctx context.Context, nc *natsgo.Conn, l DeadLetter) error {
	l.Seal = d.seal(&l)
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	for refusals := 0; ; pause(ctx, retryAfter) {
		err = nats.KeepDeadLetter(ctx, nc, nats.DeadLetterSubject(d.partition), l.ID(), data)
		if err == nil {
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
