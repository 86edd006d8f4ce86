package recorder

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"belfry/alertmanager/history"
	"belfry/nats"
	"belfry/rules/promapi"
)

const (
	// DefaultInterval is the default of [Options.Interval].
	DefaultInterval = 5 * time.Second
	// DefaultSettle is a good [Options.Settle]: Prometheus sends an alert again
	// after a minute, and may be slow.
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
	// Interval is the time between two polls; 0 means DefaultInterval.
	Interval time.Duration
	// Settle is how long after its start Alertmanager may lack alerts that fire;
	// with 0, what it lacks is resolved at once.
	Settle time.Duration
	// Ignore names alerts that are not faults, such as the watchdog.
	Ignore []string
	// Replicas of the stream, see [belfry/nats.EnsureAlertStream].
	Replicas int
	// Status is the connection to NATS, for the landing page.
	Status *nats.Status
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

	// observing is held from a poll of Alertmanager to the last record that follows
	// from it, so that a webhook's message comes either before or after.
	observing sync.Mutex
	canWrite  bool // as logged last
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
	r := &Recorder{o: o, canWrite: true}
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
	if err := nats.EnsureAlertStream(ctx, nc, r.o.Replicas); err != nil {
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

// retryAfter is the time before the journal is opened or followed again.
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

// pollEvery polls at once and then at each interval.
func (r *Recorder) pollEvery(ctx context.Context) error {
	tick := time.NewTicker(r.o.Interval)
	defer tick.Stop()
	for {
		if j := r.journal.Load(); j != nil {
			r.poll(ctx, j)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// poll queries both servers once and writes what is new.
func (r *Recorder) poll(ctx context.Context, j *history.Journal) {
	r.observing.Lock()
	defer r.observing.Unlock()
	now := r.o.now()
	observed, absentResolved, err := r.observe(ctx, j, now)
	r.conditions.refresh(ctx, now, j.Firing())
	r.noteWrite(ctx, j.Write(ctx, func(b *history.Book) ([]history.Record, error) {
		records := b.ExpireAcknowledgements(now)
		if err == nil {
			records = append(records, b.ReconcilePoll(now, observed, absentResolved, r.conditions.end)...)
		}
		return records, nil
	}))
	if err := j.SaveTotals(ctx, now); err != nil && ctx.Err() == nil {
		r.o.Log.Warn("cannot save totals, trying again", "err", err)
	}
}

// observe requests the alerts of Alertmanager, and decides whether those that it
// lacks are resolved.
func (r *Recorder) observe(
	ctx context.Context, j *history.Journal, now time.Time,
) (observed []history.Observation, absentResolved bool, err error) {
	err = r.alertmanager.request(ctx, now, func(ctx context.Context) error {
		if observed, err = r.alerts(ctx); err != nil || !isAnyAbsent(j.Firing(), observed) {
			return err
		}
		started, err := r.startTime(ctx)
		absentResolved = now.Sub(started) >= r.o.Settle
		return err
	})
	return observed, absentResolved, err
}

// isAnyAbsent reports whether one of the alerts was not observed.
func isAnyAbsent(firing []*history.Alert, observed []history.Observation) bool {
	present := map[string]bool{}
	for _, o := range observed {
		present[o.Fingerprint] = true
	}
	return slices.ContainsFunc(firing, func(a *history.Alert) bool { return !present[a.Fingerprint] })
}

// noteWrite counts a failed write, and logs when writing stops and starts to work.
func (r *Recorder) noteWrite(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.self.writeFailures.Inc()
		if r.canWrite {
			r.o.Log.Error("cannot write the history of alerts, trying again", "err", err)
		}
	case !r.canWrite:
		r.o.Log.Info("history of alerts is written again")
	}
	r.canWrite = err == nil
}
