package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"belfry/deploy/stack"
	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/exporter/truth"
	"belfry/nats"
)

// options set the size of a crash test.
type options struct {
	seed          uint64
	events, kills int
	rate          float64 // events per second
	hold, settle  time.Duration
}

// crashTest runs the servers, the exporter that is killed, and what watches it.
type crashTest struct {
	options
	dir        string
	progress   io.Writer
	programs   stack.Paths
	nats       *stack.Server
	natsURL    string
	exporter   *exporter
	scraper    *scraper
	prometheus *prometheus
	simulator  *simulate.Simulator
	truth      *truth.Truth
	published  atomic.Int64
	report     report
}

// There are several partitions, so that they are in different states at a kill.
const partitions = 4

// run runs a crash test. If it fails, its files are kept and the error says where.
// The report is nil if the run did not finish.
func run(ctx context.Context, o options, progress io.Writer) (r *report, err error) {
	dir, err := os.MkdirTemp("", "belfry-crash-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			err = os.RemoveAll(dir)
		} else {
			err = fmt.Errorf("%w\nlogs and state are in %s", err, dir)
		}
	}()
	c := &crashTest{options: o, dir: dir, progress: progress, report: report{options: o}}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := c.publishAndKill(ctx); err != nil {
		return nil, err
	}
	err = c.verify(ctx)
	c.report.took = time.Since(began)
	return &c.report, err
}

// start starts everything, in the order of its dependencies. The streams are
// empty at the first scrape, so that every series starts while it is watched.
func (c *crashTest) start(ctx context.Context) (err error) {
	// At this rate 500,000 events take more than a day, so that users have engaged on days
	// before they enter an experiment.
	if c.simulator, err = simulate.New(simulate.Config{
		Seed: c.seed, Events: c.events, PerMinute: 40, Users: 20_000, Partitions: partitions,
	}); err != nil {
		return err
	}
	c.truth = c.simulator.Count()
	if c.programs, err = stack.Ensure(ctx, "", c.progress, stack.NATSServer, stack.Prometheus); err != nil {
		return err
	}
	if err := c.startNATS(ctx); err != nil {
		return err
	}
	if c.exporter, err = newExporter(ctx, c); err != nil {
		return err
	}
	if err := c.exporter.start(); err != nil {
		return err
	}
	c.scraper = newScraper(c.exporter.url + "/metrics")
	if c.prometheus, err = c.startPrometheus(ctx); err != nil {
		return err
	}
	if err := c.exporter.awaitShown(ctx); err != nil {
		return err
	}
	for c.scraper.scrape(ctx) != nil { // the exporter may not listen yet
		if err := sleep(ctx, retryEvery); err != nil {
			return err
		}
	}
	return c.prometheus.await(ctx, fmt.Sprintf("count(%s) == %d", catalog.EventsDuplicate.Name, partitions))
}

// stop stops everything that was started.
func (c *crashTest) stop() error {
	if c.exporter != nil {
		c.exporter.kill()
	}
	var errs []error
	if c.prometheus != nil {
		errs = append(errs, c.prometheus.server.Stop())
	}
	if c.nats != nil {
		errs = append(errs, c.nats.Stop())
	}
	return errors.Join(errs...)
}

func (c *crashTest) startNATS(ctx context.Context) error {
	port, err := stack.FreePort()
	if err != nil {
		return err
	}
	monitor, err := stack.FreePort()
	if err != nil {
		return err
	}
	store := filepath.Join(c.dir, "nats")
	c.nats, err = stack.Start(ctx, stack.Command{
		Name: "nats-server", Binary: c.programs[stack.NATSServer], Port: monitor, ReadyPath: "/healthz",
		LogFile: filepath.Join(c.dir, "nats.log"),
		Args:    []string{"-a", "127.0.0.1", "-p", fmt.Sprint(port), "-m", fmt.Sprint(monitor), "-js", "-sd", store},
	})
	c.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", port)
	return err
}

// publishAndKill publishes, scrapes and kills until everything is published and
// the exporter has recovered from the last kill.
func (c *crashTest) publishAndKill(ctx context.Context) error {
	scraping, stopScraping := context.WithCancel(ctx)
	defer stopScraping()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.scraper.run(scraping)
	}()
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return c.publish(ctx) })
	work.Go(func() error { return c.killAll(ctx) })
	err := work.Wait()
	stopScraping()
	<-done
	return err
}

// publish publishes the simulated events at the rate of the options.
func (c *crashTest) publish(ctx context.Context) error {
	publisher, err := nats.NewPublisher(ctx, nats.Options{URL: c.natsURL},
		nats.PublisherOptions{Partitions: partitions})
	if err != nil {
		return err
	}
	began := time.Now()
	c.report.published, err = simulate.Publish(ctx, c.simulator, func(ctx context.Context, m *simulate.Message) error {
		c.published.Add(1)
		return publisher.Publish(ctx, nats.Event{
			ID: m.EventID, Type: m.Type.FullName(), Key: m.Key, Data: m.JSON, ReceivedAt: m.ReceivedAt,
			Repeatable: m.Duplicate,
		})
	}, simulate.PublishOptions{Rate: c.rate})
	if err := errors.Join(err, publisher.Close(ctx)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	c.logf("published %d events in %s", c.report.published.Events, time.Since(began).Round(time.Second))
	return ctx.Err()
}

func (c *crashTest) logf(format string, args ...any) {
	fmt.Fprintf(c.progress, format+"\n", args...)
}
