package recorder

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"belfry/alertmanager/history"
	"belfry/exporter/door"
	"belfry/nats"
	"belfry/rules/promapi"
)

const (
	// DefaultInterval applies if [Options.Interval] is 0.
	DefaultInterval = 5 * time.Second
	// DefaultSettle suits [Options.Settle]: Prometheus sends an alert again after a
	// minute, and may be slow.
	DefaultSettle = 3 * time.Minute
)

// Options configures a recorder. Alertmanager and Prometheus are required.
type Options struct {
	// Alertmanager and Prometheus are the URLs of the servers, such as
	// http://127.0.0.1:9093, with their path prefix if they have one.
	Alertmanager, Prometheus string
	// Client sends the requests; nil means http.DefaultClient. Whatever its own
	// timeout, the requests of a poll may take a few seconds.
	Client *http.Client
	// Interval separates two polls; 0 means DefaultInterval.
	Interval time.Duration
	// Settle sets how long after its start Alertmanager may lack alerts that fire; 0
	// resolves what it lacks at once.
	Settle time.Duration
	// Ignore names alerts that are not faults, such as the watchdog.
	Ignore []string
	// Replicas of the stream, see [belfry/nats.EnsureAlertStream].
	Replicas int
	// Status describes the connection to NATS for the landing page.
	Status *nats.Status
	// Webhook decides who may send messages; nil admits this machine only.
	Webhook *door.Guard
	// Log receives a line when a server stops answering and when it answers again;
	// nil discards.
	Log *slog.Logger

	now func() time.Time // time.Now if nil; tests set it
}

// Recorder writes the history of alerts. Its handler may be served before it
// runs.
type Recorder struct {
	o            Options
	alertmanager upstream
	conditions   *conditions
	self         *self
	journal      atomic.Pointer[history.Journal] // nil until the history is read

	// Hold observing from a poll of Alertmanager to the last record that follows from
	// it, so that a webhook's message comes either before or after.
	observing sync.Mutex
	polled    time.Time // when the last poll began, and how it ended
	pollErr   error
	canWrite  bool // as logged last

	webhook  *door.Guard
	messages door.Latest
}

// New returns a recorder. It refuses an address of Prometheus that is not a URL.
func New(o Options) (*Recorder, error) {
	o.Client = cmp.Or(o.Client, http.DefaultClient)
	o.Interval = cmp.Or(o.Interval, DefaultInterval)
	o.Status = cmp.Or(o.Status, &nats.Status{})
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.now == nil {
		o.now = time.Now
	}
	prometheus, err := promapi.New(o.Prometheus, promapi.Options{Client: o.Client, MaxBytes: maxResponseBytes})
	if err != nil {
		return nil, err
	}
	r := &Recorder{
		o: o, canWrite: true, webhook: cmp.Or(o.Webhook, &door.Guard{}), messages: door.Latest{Limit: messagesAtOnce},
	}
	if err := r.webhook.Check(); err != nil {
		return nil, err
	}
	r.self = newSelf(r)
	r.alertmanager = r.upstream("alertmanager", o.Alertmanager)
	r.conditions = &conditions{
		upstream: r.upstream("prometheus", o.Prometheus), api: prometheus, lastHeld: map[condition]time.Time{},
	}
	return r, nil
}

// Run records until ctx ends. It waits while NATS is down, and fails if the stream
// cannot have the settings that it needs.
func (r *Recorder) Run(ctx context.Context, nc *natsgo.Conn) error {
	if err := nats.EnsureAlertStream(ctx, nc, nats.StreamOptions{Replicas: r.o.Replicas, Logger: r.o.Log}); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.follow(ctx, nc) })
	group.Go(func() error { return r.pollEvery(ctx) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// retryAfter delays opening or following the journal again.
const retryAfter = time.Second

// follow keeps up with what others write. It opens the journal at the start and
// when the stream has been replaced. Of several failures in a row it logs the first.
func (r *Recorder) follow(ctx context.Context, nc *natsgo.Conn) error {
	isLogged := false
	for {
		began := time.Now()
		err := r.followOnce(ctx, nc)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.As(err, new(*nats.StartError)) {
			r.journal.Store(nil)
		}
		if isLogged = isLogged && time.Since(began) < retryAfter; !isLogged {
			r.o.Log.Warn("cannot follow the history of alerts, trying again", "err", err)
			isLogged = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryAfter):
		}
	}
}

func (r *Recorder) followOnce(ctx context.Context, nc *natsgo.Conn) error {
	j := r.journal.Load()
	if j == nil {
		var err error
		if j, err = history.OpenJournal(ctx, nc); err != nil {
			return err
		}
		r.journal.Store(j)
		r.o.Log.Info("history of alerts is read", "firing", len(j.Firing()))
	}
	return j.Follow(ctx, nil)
}
