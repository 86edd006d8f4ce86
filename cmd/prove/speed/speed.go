// Package speed measures the throughput of the exporter. It publishes simulated
// events to a file-backed stream of a real NATS server and reads them back, in turn
// with a consumer that only counts messages and with the exporter, which decodes,
// correlates and folds them. Both run in this process against the same server.
// Absolute figures depend on the machine and its load; the ratio of the two does
// not.
package speed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"belfry/deploy/stack"
	"belfry/exporter"
	"belfry/exporter/simulate"
	"belfry/nats"
)

// Command adds the subcommand speed.
func Command(app *kingpin.Application) (*kingpin.CmdClause, func(context.Context) error) {
	c := app.Command("speed", "Measure events per second, compared with a consumer that only counts.")
	events := c.Flag("events", "Messages to publish.").Default("1000000").Int()
	runs := c.Flag("runs", "Runs of each. Medians are printed.").Default("3").Int()
	partitions := c.Flag("partitions", "Partitions of the stream, each folded by one goroutine.").Default("4").Int()
	return c, func(ctx context.Context) error { return bench(ctx, *events, *runs, *partitions) }
}

// run holds what one pass over the stream took.
type run struct {
	wall, cpu time.Duration
	resident  int64 // memory of this process after the pass, in bytes
}

func bench(ctx context.Context, events, runs, partitions int) error {
	dir, err := os.MkdirTemp("", "belfry-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	url, err := startServer(ctx, dir)
	if err != nil {
		return err
	}
	config, err := exporter.LoadConfig("")
	if err != nil {
		return err
	}
	config.Partitions, config.PartitionsNamed, config.Stream.MaxBytes = partitions, true, 2<<30
	nc, err := nats.Connect(ctx, nats.Options{URL: url})
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := nats.EnsureStreams(ctx, nc, config.StreamOptions()); err != nil {
		return err
	}
	if err := publish(ctx, url, events); err != nil {
		return err
	}
	var counting, folding []run
	for i := range runs {
		c, err := measure(func() error { return count(ctx, nc, config.Partitions) })
		if err != nil {
			return err
		}
		f, err := measure(func() error { return fold(ctx, nc, config) })
		if err != nil {
			return err
		}
		fmt.Printf("run %d: counting %s events/s, exporter %s events/s\n", i+1, rate(events, c.wall),
			rate(events, f.wall))
		counting, folding = append(counting, c), append(folding, f)
	}
	report(events, counting, folding)
	return nil
}

// startServer runs the pinned NATS server with its store in dir.
func startServer(ctx context.Context, dir string) (url string, err error) {
	programs, err := stack.Ensure(ctx, "", os.Stderr, stack.NATSServer)
	if err != nil {
		return "", err
	}
	port, err := stack.FreePort()
	if err != nil {
		return "", err
	}
	monitor, err := stack.FreePort()
	if err != nil {
		return "", err
	}
	_, err = stack.Start(ctx, stack.Command{
		Name: "nats-server", Binary: programs[stack.NATSServer], Port: monitor, ReadyPath: "/healthz",
		LogFile: filepath.Join(dir, "nats.log"),
		Args:    []string{"-a", "127.0.0.1", "-p", strconv.Itoa(port), "-m", strconv.Itoa(monitor), "-js", "-sd", dir},
	})
	return fmt.Sprintf("nats://127.0.0.1:%d", port), err
}

func publish(ctx context.Context, url string, events int) error {
	simulator, err := simulate.New(simulate.Config{Seed: 1, Events: events, PerMinute: 100_000, Users: 200_000})
	if err != nil {
		return err
	}
	publisher, err := nats.NewPublisher(ctx, nats.Options{URL: url}, nats.PublisherOptions{})
	if err != nil {
		return err
	}
	start, size := time.Now(), 0
	var m simulate.Message
	for simulator.Next(&m) {
		size += len(m.JSON)
		err := publisher.Publish(ctx, nats.Event{ID: m.EventID, Type: m.Type.FullName(), Key: m.Key, Data: m.JSON,
			ReceivedAt: m.ReceivedAt, Repeatable: m.Duplicate})
		if err != nil {
			return err
		}
	}
	if err := publisher.Close(ctx); err != nil {
		return err
	}
	fmt.Printf("published %d events of %d bytes on average, %s events/s\n", events, size/events,
		rate(events, time.Since(start)))
	return nil
}

// measure times a pass and the CPU of this process.
func measure(pass func() error) (run, error) {
	before, start := cpuTime(), time.Now()
	err := pass()
	return run{time.Since(start), cpuTime() - before, resident()}, err
}

// resident returns the memory of this process, or 0 if the system does not say.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // cannot fail for the process itself
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// errDone ends a pass when everything is read.
var errDone = errors.New("done")

// count reads all partitions in parallel and counts their messages.
func count(ctx context.Context, nc *natsgo.Conn, partitions int) error {
	var total atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for p := range partitions {
		group.Go(func() error {
			err := nats.Read(ctx, nc, nats.ReadOptions{Stream: nats.StreamName(p), From: 1},
				func(batch []nats.Message) error {
					total.Add(int64(len(batch)))
					if batch[len(batch)-1].Pending == 0 {
						return errDone
					}
					return nil
				})
			if errors.Is(err, errDone) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

// fold runs an exporter until it has read all partitions and is ready.
func fold(ctx context.Context, nc *natsgo.Conn, config *exporter.Config) error {
	dir, err := os.MkdirTemp("", "belfry-bench-state-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := exporter.New(config, exporter.Options{TrustReceivedAt: true, StateDir: dir, UserKey: []byte("bench")})
	if err != nil {
		return err
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, nc) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if ready, _ := e.Ready(); ready {
				cancel()
				return <-done
			}
		}
	}
}

func rate(events int, d time.Duration) string {
	return fmt.Sprintf("%.0fk", float64(events)/d.Seconds()/1000)
}

func report(events int, counting, folding []run) {
	million := float64(events) / 1e6
	show := func(name string, runs []run) (perSecond float64) {
		wall := median(runs, func(r run) time.Duration { return r.wall })
		cpu := median(runs, func(r run) time.Duration { return r.cpu })
		largest := slices.MaxFunc(runs, func(a, b run) int { return cmp.Compare(a.resident, b.resident) })
		fmt.Printf("%-10s %8s events/s  %5.1f CPU-s per million events  %4d MB resident at the end\n",
			name, rate(events, wall), cpu.Seconds()/million, largest.resident>>20)
		return float64(events) / wall.Seconds()
	}
	c := show("counting", counting)
	f := show("exporter", folding)
	fmt.Printf("ratio      %8.2f\n", f/c)
}

func median(runs []run, of func(run) time.Duration) time.Duration {
	var all []time.Duration
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
