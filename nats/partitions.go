package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// CountPartitions returns for how many partitions the account's streams were created, or 0 if there are none.
//
// Each stream records the number, so the answer is right while the streams are still being created.
func CountPartitions(ctx context.Context, nc *natsgo.Conn) (int, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return 0, fmt.Errorf("count partitions: %w", err)
	}
	for n := 0; ; n++ {
		s, err := js.Stream(ctx, StreamName(n))
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return n, nil
		}
		if err != nil {
			return 0, fmt.Errorf("count partitions: %w", explain(nc, err))
		}
		if recorded, err := strconv.Atoi(s.CachedInfo().Config.Metadata[partitionsKey]); err == nil {
			return recorded, nil
		}
	}
}

// awaitPartitions returns for how many partitions the streams were created, and waits for them until ctx ends.
func (d *dialer) awaitPartitions(ctx context.Context) (int, error) {
	nc, err := d.dialUntil(ctx, d.reconnecting()...)
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	for wait := retryWait; ; wait = min(2*wait, retryWaitMost) {
		count, err := CountPartitions(ctx, nc)
		switch {
		case count > 0:
			return count, nil
		case err == nil:
			err = fmt.Errorf("%w %s: start belfry-exporter, which creates the streams", ErrStreamNotFound,
				StreamName(0))
		case errors.Is(err, natsgo.ErrPermissionViolation):
			return 0, fmt.Errorf("%w, or set PublisherOptions.Partitions", err)
		}
		d.logger.Warn("the number of partitions is unknown, retrying", "err", err, "wait", wait)
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(jitter(wait)):
		}
	}
}
