package nats

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// leastBytes bounds from below what a new stream reserves of a small server.
const leastBytes = 16 << 20

// create creates streams, of which some may exist if they are empty. Those whose size is set get it. The others share
// what the server offers, so that a quarter of it is left. An error comes with the name of the stream.
func create(ctx context.Context, js jetstream.JetStream, o StreamOptions, all []definition) (string, error) {
	var open []definition // as to their size
	var most int64
	for _, d := range all {
		if d.MaxBytes == 0 || o.OrLess {
			d.MaxBytes = 0
			open = append(open, d)
			most = max(most, d.newBytes)
		} else if err := createOne(ctx, js, d, d.MaxBytes); err != nil {
			return d.Name, err
		}
	}
	fits := most
	stream, err := reserve(ctx, js, open, fits, true)
	for lacksStorage(err) && fits/2 >= leastBytes {
		fits /= 2
		stream, err = reserve(ctx, js, open, fits, true)
	}
	if err == nil {
		stream, err = reserve(ctx, js, open, fits, false)
	}
	if err != nil {
		return stream, err
	}
	log := orDiscard(o.Logger)
	log.Info("streams are created", "streams", len(all))
	if fits < most {
		log.Warn("the NATS server cannot reserve as much as new streams would have, so they reserve what fits and "+
			"leave a quarter; set stream.max_bytes in the exporter's configuration to choose the size",
			"most", size(most), "max_bytes", size(fits))
	}
	return "", nil
}

// reserve creates streams with the size of a new one but at most so many bytes, or changes them to that size. It adds a
// third to spare, if asked to.
func reserve(
	ctx context.Context, js jetstream.JetStream, streams []definition, most int64, spare bool,
) (string, error) {
	for _, d := range streams {
		bytes := min(d.newBytes, most)
		if spare {
			bytes += bytes / 3
		}
		if err := createOne(ctx, js, d, bytes); err != nil {
			return d.Name, err
		}
	}
	return "", nil
}

// While a server removes the files of a stream that was just deleted, it cannot create another one of the name. That
// takes milliseconds.
const (
	createFailed   jetstream.ErrorCode = 10049
	createAgain                        = 20 * time.Millisecond
	createPatience                     = 2 * time.Second
)

// createOne creates a stream, and tries again for a moment if the server cannot. A stream that exists is resized.
func createOne(ctx context.Context, js jetstream.JetStream, d definition, bytes int64) error {
	for began := time.Now(); ; {
		s, err := js.Stream(ctx, d.Name)
		switch {
		case err == nil:
			return resize(ctx, js, s.CachedInfo(), d, bytes)
		case errors.Is(err, jetstream.ErrStreamNotFound):
			_, err = js.CreateStream(ctx, d.fresh(bytes))
		}
		if !isPassing(err) || time.Since(began) > createPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(createAgain):
		}
	}
}

// resize gives a stream a size, unless it has had a message. It returns a SettingsError if another process has created
// the stream meanwhile, and for another number of partitions.
func resize(ctx context.Context, js jetstream.JetStream, now *jetstream.StreamInfo, d definition, bytes int64) error {
	if err := checkUnchangeable(now.Config, d.StreamConfig); err != nil || now.State.LastSeq != 0 {
		return err
	}
	c := merge(now.Config, d.StreamConfig)
	c.MaxBytes = bytes
	_, err := js.UpdateStream(ctx, c)
	return err
}

// fresh returns the configuration of a new stream with a size.
func (d definition) fresh(bytes int64) jetstream.StreamConfig {
	c := d.StreamConfig
	c.MaxBytes, c.MaxAge = bytes, cmp.Or(d.MaxAge, d.newAge)
	c.Duplicates = min(c.Duplicates, c.MaxAge)
	return c
}

// isPassing reports whether creating a stream failed because it was just deleted, or because another process has just
// created it.
func isPassing(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) &&
		(api.ErrorCode == createFailed || api.ErrorCode == jetstream.JSErrCodeStreamNameInUse)
}
