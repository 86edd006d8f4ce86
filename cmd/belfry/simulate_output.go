package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/nats"
)

// output sends events; close flushes those in flight.
type output struct {
	send  simulate.Sink
	close func(context.Context) error
}

// open opens the outputs that the flags name: a file, NATS or both.
func (s *simulation) open(ctx context.Context, p *process) (output, error) {
	if s.nats.URL == "" {
		return openFile(s.out, p.stdout)
	}
	stream, err := openStreams(ctx, s.nats, s.config.Partitions)
	if err != nil || s.out == "" {
		return stream, err
	}
	file, err := openFile(s.out, p.stdout)
	if err != nil {
		return output{}, errors.Join(err, stream.close(ctx))
	}
	return output{
		send: func(ctx context.Context, m *simulate.Message) error {
			return errors.Join(file.send(ctx, m), stream.send(ctx, m))
		},
		close: func(ctx context.Context) error { return errors.Join(file.close(ctx), stream.close(ctx)) },
	}, nil
}

// printsEvents reports whether the events go to standard output.
func (s *simulation) printsEvents() bool {
	return s.out == standard || s.out == "" && s.nats.URL == ""
}

// openFile opens a file, or standard output for "-" and where no file is named.
func openFile(path string, stdout io.Writer) (output, error) {
	w, closeFile := stdout, func() error { return nil }
	if path != "" && path != standard {
		file, err := os.Create(path)
		if err != nil {
			return output{}, err
		}
		w, closeFile = file, file.Close
	}
	buffered := bufio.NewWriterSize(w, 1<<20)
	var line []byte
	return output{
		send: func(_ context.Context, m *simulate.Message) error {
			line = m.AppendNDJSON(line[:0])
			_, err := buffered.Write(line)
			return err
		},
		close: func(context.Context) error { return errors.Join(buffered.Flush(), closeFile()) },
	}, nil
}

// settleTime bounds how long an interrupted publisher waits for acknowledgements.
const settleTime = 30 * time.Second

func openStreams(ctx context.Context, o nats.Options, partitions int) (output, error) {
	publisher, err := nats.NewPublisher(ctx, o, nats.PublisherOptions{Partitions: partitions})
	if err != nil {
		return output{}, err
	}
	return output{send: publishTo(publisher), close: func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
		return publisher.Close(ctx)
	}}, nil
}

// publishTo returns a sink that publishes simulated messages. Deliberate duplicates
// are marked as repeatable, because the stream would refuse them.
func publishTo(publisher *nats.Publisher) simulate.Sink {
	return func(ctx context.Context, m *simulate.Message) error {
		return publisher.Publish(ctx, nats.Event{
			ID: m.EventID, Type: m.Type.FullName(), Key: m.Key, Data: m.JSON,
			ReceivedAt: m.ReceivedAt, Repeatable: m.Duplicate,
		})
	}
}

// ensureStreams creates the streams unless they exist, and returns their number of
// partitions. Streams that exist keep their limits, which the exporter's
// configuration sets, but must have the number of partitions given, if one is
// given: otherwise events would be misrouted or lost.
func ensureStreams(ctx context.Context, o nats.Options, partitions int) (int, error) {
	nc, err := nats.Connect(ctx, o)
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	existing, err := nats.CountPartitions(ctx, nc)
	switch {
	case err != nil:
		return 0, err
	case existing == 0:
		partitions = cmp.Or(partitions, nats.DefaultPartitions)
		return partitions, createStreams(ctx, nc, partitions)
	case partitions != 0 && existing != partitions:
		return 0, fmt.Errorf("the NATS server has streams for %d partitions, not %d: "+
			"set --partitions=%d, or leave it out", existing, partitions, existing)
	}
	return existing, nil
}

func createStreams(ctx context.Context, nc *natsgo.Conn, partitions int) error {
	if err := nats.EnsureStreams(ctx, nc, nats.StreamOptions{Partitions: partitions}); err != nil {
		return fmt.Errorf("%w; or start belfry-exporter first, which creates the streams from its configuration", err)
	}
	return nil
}

// writeTruth writes the totals to a file, or to standard output for "-".
func writeTruth(path string, t *truth.Truth, stdout io.Writer) error {
	if path == standard {
		return t.Write(stdout)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(t.Write(file), file.Close())
}
