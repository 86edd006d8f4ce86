package verdicts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"belfry/exporter"
	"belfry/nats"
)

// platform is a NATS server and an exporter that reads it.
type platform struct {
	programs
	url       string // of the exporter
	publisher *nats.Publisher
	published uint64 // messages
}

// hold is shorter than the time between two scrapes, in which simulated minutes pass.
const hold = time.Millisecond

// streamBytes limits the stream, which has room for weeks at the rate of the proof.
const streamBytes = 4 << 30

// startWithin bounds how long the exporter takes until it shows its numbers, and
// countWithin until it has counted what was published between two scrapes.
const startWithin, countWithin = 2 * time.Minute, 5 * time.Minute

// settle bounds how long the publisher waits for acknowledgements at the end.
const settle = 30 * time.Second

func startPlatform(ctx context.Context, dir string) (_ *platform, err error) {
	p := &platform{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop())
		}
	}()
	server, err := nats.StartServer(ctx, nats.ServerOptions{StoreDir: filepath.Join(dir, "nats")})
	if err != nil {
		return nil, err
	}
	p.onStop(server.Shutdown)
	if err := p.startExporter(ctx, server.URL(), dir); err != nil {
		return nil, err
	}
	options := nats.Options{URL: server.URL(), Name: "belfry-verdicts-traffic"}
	if p.publisher, err = nats.NewPublisher(ctx, options, nats.PublisherOptions{}); err != nil {
		return nil, err
	}
	p.onStop(func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
		defer cancel()
		return p.publisher.Close(ctx)
	})
	return p, nil
}

func (p *platform) startExporter(ctx context.Context, natsURL, dir string) error {
	config, err := exporter.LoadConfig("")
	if err != nil {
		return err
	}
	config.Stream.MaxBytes = streamBytes
	status := &nats.Status{}
	o := exporter.Options{StateDir: filepath.Join(dir, "state"), Hold: hold, TrustReceivedAt: true, Status: status}
	if err := o.LoadUserKey(filepath.Join(dir, "user.key")); err != nil {
		return err
	}
	e, err := exporter.New(config, o)
	if err != nil {
		return err
	}
	p.onStop(e.Close)
	nc, err := nats.Connect(ctx, nats.Options{URL: natsURL, Name: "belfry-verdicts", Status: status})
	if err != nil {
		return err
	}
	p.onStop(func() error { nc.Close(); return nil })
	p.background(ctx, func(ctx context.Context) error { return e.Run(ctx, nc) })
	if p.url, err = p.serve(e.Handler()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	err = await(ctx, func(context.Context) (bool, error) { ready, _ := e.Ready(); return ready, nil })
	if _, why := e.Ready(); err != nil {
		return fmt.Errorf("start the exporter: %w: %s", err, why)
	}
	return nil
}

// sequence matches what the exporter's page says of a partition.
var sequence = regexp.MustCompile(`is at sequence (\d+)`)

// awaitCounted waits until the exporter has counted all that was published. It asks the
// page for people: a scrape would start the hold of new series.
func (p *platform) awaitCounted(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, countWithin)
	defer cancel()
	return await(ctx, func(ctx context.Context) (bool, error) {
		page, err := get(ctx, p.url)
		if err != nil {
			return false, err
		}
		found := sequence.FindSubmatch(page)
		if found == nil {
			return false, fmt.Errorf("the exporter does not say where it is:\n%s", page)
		}
		at, err := strconv.ParseUint(string(found[1]), 10, 64)
		return at >= p.published, err
	})
}
