package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/alecthomas/kingpin/v2"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"belfry/exporter"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/state"
	"belfry/nats"
)

func replayCommand(app *kingpin.Application) command {
	clause := app.Command("replay", "Count recorded events and print their metrics, without any server.")
	input := clause.Arg("file", "Events, one JSON object per line; - reads standard input.").Required().String()
	config := clause.Flag("config.file", "The exporter's configuration file; - reads standard input.").String()
	explain := clause.Flag("explain", "Instead of metrics print for each rejected line what is wrong and what to "+
		"send instead, without any value of the events, and which fields were repaired.").Bool()
	return command{clause, func(ctx context.Context, p *process) error {
		c, err := p.exporterConfig(*config)
		if err != nil {
			return err
		}
		in, name, err := p.open(*input)
		if err != nil {
			return err
		}
		defer in.Close()
		r := newReplay(c)
		if *explain {
			r.explanation = newExplanation(p.stdout)
		}
		if err := r.read(ctx, in); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if *explain {
			return r.explanation.end()
		}
		return r.print(p.stdout)
	}}
}

// replay folds recorded events as the exporter folds them from the streams: each
// into the partition of its key, in the order of the file.
type replay struct {
	partitions []*fold.State
	decoder    *event.Decoder
	// explanation takes each line, unless it is nil.
	explanation *explanation
}

func newReplay(c *exporter.Config) *replay {
	r := &replay{decoder: event.NewDecoder(c.FoldOptions(0).Channels)}
	for n := range c.Partitions {
		o := c.FoldOptions(n)
		o.KeepLabelValues = true
		r.partitions = append(r.partitions, fold.New(o, state.NewMemory(o.AttributionWindow)))
	}
	return r
}

// read folds every line of in and skips blank lines. Like the exporter, it counts
// what is not a valid event as rejected.
func (r *replay) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReaderSize(in, event.MaxSize+2)
	var e event.Event
	for number := 1; ctx.Err() == nil; number++ {
		line, err := readLine(lines)
		if len(line) > 0 {
			n := 0 // for what has no key
			if r.decoder.Decode(line, &e) == nil {
				n = nats.Partition(e.Key(), len(r.partitions))
			}
			why := r.partitions[n].Fold(fold.Message{Data: line})
			if r.explanation != nil {
				r.explanation.add(number, line, why, r.decoder.Repairs())
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// readLine returns the next line without its end. For a line that is too long for an
// event it returns a part that is too long as well, and skips the rest, so that
// memory does not depend on the input.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		return line, err
	}
	for n := len(line); n > 0 && (line[n-1] == '\n' || line[n-1] == '\r'); n = len(line) {
		line = line[:n-1]
	}
	return line, err
}

// families returns the metrics of all partitions, ordered for reading.
func (r *replay) families() []*dto.MetricFamily {
	var parts []metrics.Part
	for n, s := range r.partitions {
		parts = append(parts, metrics.Part{Partition: strconv.Itoa(n), Snapshot: s.Snapshot(), Now: s.Now()})
	}
	families := new(metrics.Exposition).Families(parts)
	metrics.Sort(families)
	return families
}

func (r *replay) print(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, family := range r.families() {
		if _, err := expfmt.MetricFamilyToText(out, family); err != nil {
			return fmt.Errorf("print metrics: %w", err)
		}
	}
	return out.Flush()
}
