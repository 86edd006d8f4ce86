package verdicts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"belfry/deploy/stack"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/nats"
	"belfry/rules"
	"belfry/rules/simtime"
)

// The groups that record increases, and then those that add them up.
var (
	recording = []string{"notification_volumes"}
	summing   = []string{"notification_days"}
)

// between separates the two scrapes before an evaluation: a new series is shown at 0 and
// then at its value.
const between = time.Minute

// past is a platform that is watched in simulated time.
type past struct {
	*platform
	*simtime.Server
	simulator  *simulate.Simulator
	exposition *exposition
}

// record publishes the events, records what the exporter shows of them as blocks below
// the directory, and returns what is true.
func (p proof) record(ctx context.Context, dir string) (counted *truth.Truth, err error) {
	simulator, err := simulate.New(p.traffic())
	if err != nil {
		return nil, err
	}
	counted = simulator.Count()
	names, err := needed()
	if err != nil {
		return nil, err
	}
	platform, err := startPlatform(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, platform.stop()) }()
	files, err := filesOf(names)
	if err != nil {
		return nil, err
	}
	server, err := simtime.Open(ctx, filepath.Join(dir, "head"), files, simtime.OneBlock())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.DB.Close()) }()
	w := past{platform: platform, Server: server, simulator: simulator, exposition: newExposition(rules.Job, names)}
	if err := w.watch(ctx, p.from(), p.every); err != nil {
		return nil, err
	}
	return counted, server.DB.Snapshot(stack.BlocksDir(dir), true)
}

// watch scrapes and records until the end, as often as the shipped rules once insights
// reads them. In the last minute nothing happens, so that all that has happened is shown.
func (w *past) watch(ctx context.Context, from time.Time, every time.Duration) error {
	if err := w.seen(ctx, from); err != nil { // what appears later is new
		return err
	}
	for at := from; at.Before(until); {
		if !at.Before(decided) {
			every = refreshEvery
		}
		at = at.Add(every)
		for _, t := range []time.Time{at.Add(-between), at} {
			if t.Before(until) {
				if err := w.publish(ctx, t); err != nil {
					return err
				}
			}
			if err := w.seen(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish publishes the events up to a time, and waits until the exporter has counted
// them.
func (w *past) publish(ctx context.Context, until time.Time) error {
	var m simulate.Message
	for due, more := w.simulator.NextAt(); more && !due.After(until); due, more = w.simulator.NextAt() {
		w.simulator.Next(&m)
		if err := w.publisher.Publish(ctx, nats.Event{
			ID: m.EventID, Type: m.Type.FullName(), Key: m.Key, Data: m.JSON,
			ReceivedAt: m.ReceivedAt, Repeatable: m.Duplicate,
		}); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		w.published++
	}
	return w.awaitCounted(ctx)
}

// seen scrapes, and evaluates the rules that are due.
func (w *past) seen(ctx context.Context, at time.Time) error {
	page, err := get(ctx, w.url+"/metrics")
	if err != nil {
		return err
	}
	if err := w.Scrape(ctx, at, func(add simtime.Append) error { return w.exposition.add(page, add) }); err != nil {
		return err
	}
	for _, groups := range [][]string{recording, summing} {
		if err := w.Evaluate(ctx, at, 0, groups...); err != nil {
			return err
		}
	}
	return nil
}
