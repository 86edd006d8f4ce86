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

// The defaults of Options.
const (
	// DefaultInterval is the pause between two looks at Alertmanager.
	DefaultInterval = 5 * time.Second
	// DefaultSettle is the minute after which Prometheus sends an alert again,
	// and time for it to be slow.
	DefaultSettle = 3 * time.Minute
)

// Options says whom to ask. Alertmanager and Prometheus are required.
type Options struct {
	// Alertmanager and Prometheus are the servers' addresses, such as
	// http://127.0.0.1:9093, with their path prefix where they have one.
	Alertmanager, Prometheus string
	// Client asks them; http.DefaultClient where it is nil. No question takes
	// longer than a few seconds, whatever its own timeout.
	Client *http.Client
	// Interval is the pause between two rounds, DefaultInterval where it is 0.
	Interval time.Duration
	// Settle is how long after its own start Alertmanager may lack alerts that
	// fire, DefaultSettle where it is 0.
	Settle time.Duration
	// Ignore are the names of alerts that are no fault, such as the watchdog.
	Ignore []string
	// Replicas of the stream, see [belfry/nats.EnsureAlertStream].
	Replicas int
	// Status is the connection to NATS, for the landing page.
	Status *nats.Status
	// Log gets a line when somebody stops answering and one when he does again;
	// nil discards.
	Log *slog.Logger

	now func() time.Time // time.Now where nil; tests have their own
}

// Recorder writes the history of alerts. Its handler may be served before it
// runs.
type Recorder struct {
	o            Options
	alertmanager upstream
	conditions   *conditions
	self         *self
	journal      atomic.Pointer[history.Journal] // nil until the history is read

	// turn is held from a look at Alertmanager to the last record that follows
	// from it, so that a webhook's message is either before the look or after.
	turn    sync.Mutex
	writing bool // the last round wrote what it wanted to
}

// New makes a recorder. It refuses an address of Prometheus that is not a URL.
func New(o Options) (*Recorder, error) {
	o.Client = cmp.Or(o.Client, http.DefaultClient)
	o.Interval = cmp.Or(o.Interval, DefaultInterval)
	o.Settle = cmp.Or(o.Settle, DefaultSettle)
	o.Status = cmp.Or(o.Status, &nats.Status{})
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.now == nil {
		o.now = time.Now
	}
	prometheus, err := promapi.New(o.Prometheus, promapi.Options{Client: o.Client, MaxBytes: answerBytes})
	if err != nil {
		return nil, err
	}
	r := &Recorder{o: o, writing: true}
	r.self = newSelf(r)
	r.alertmanager = r.upstream("alertmanager", o.Alertmanager)
	r.conditions = &conditions{
		upstream: r.upstream("prometheus", o.Prometheus), api: prometheus, held: map[condition]time.Time{},
	}
	return r, nil
}

// Run records until ctx ends. It waits for a NATS that is away; a stream that is
// not as it must be is an error.
func (r *Recorder) Run(ctx context.Context, nc *natsgo.Conn) error {
	if err := nats.EnsureAlertStream(ctx, nc, r.o.Replicas); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.follow(ctx, nc) })
	group.Go(func() error { return r.rounds(ctx) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// retryAfter is the pause before the journal is opened or followed again.
const retryAfter = time.Second

// follow keeps up with what others write. It opens the journal at the start and
// whenever the stream is another one. Of attempts that fail one after another the
// first is logged.
func (r *Recorder) follow(ctx context.Context, nc *natsgo.Conn) error {
	told := false
	for {
		began := time.Now()
		err := r.followOnce(ctx, nc)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.As(err, new(*nats.StartError)) {
			r.journal.Store(nil)
		}
		if told = told && time.Since(began) < retryAfter; !told {
			r.o.Log.Warn("the history of alerts cannot be followed, trying again", "err", err)
			told = true
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
		if j, err = history.Open(ctx, nc); err != nil {
			return err
		}
		r.journal.Store(j)
		r.o.Log.Info("the history of alerts is read", "open", len(open(j)))
	}
	return j.Follow(ctx, nil)
}

func open(j *history.Journal) (alerts []*history.Alert) {
	j.View(func(b *history.Book) { alerts = b.Open() })
	return alerts
}

// rounds asks and writes, at once and then in each interval.
func (r *Recorder) rounds(ctx context.Context) error {
	tick := time.NewTicker(r.o.Interval)
	defer tick.Stop()
	for {
		if j := r.journal.Load(); j != nil {
			r.round(ctx, j)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// round looks once at everything and writes what is new.
func (r *Recorder) round(ctx context.Context, j *history.Journal) {
	r.turn.Lock()
	defer r.turn.Unlock()
	now := r.o.now()
	seen, gone, err := r.look(ctx, j, now)
	r.conditions.refresh(ctx, now, open(j))
	r.wrote(ctx, j.Write(ctx, func(b *history.Book) ([]history.Record, error) {
		records := b.Expire(now)
		if err == nil {
			records = append(records, b.Poll(now, seen, gone, r.conditions.end)...)
		}
		return records, nil
	}))
	if err := j.KeepTotals(ctx, now); err != nil && ctx.Err() == nil {
		r.o.Log.Warn("totals could not be kept, trying again", "err", err)
	}
}

// look asks Alertmanager for its alerts, and whether those that it lacks are
// over.
func (r *Recorder) look(ctx context.Context, j *history.Journal, now time.Time) (seen []history.Sighting, gone bool, err error) {
	err = r.alertmanager.ask(ctx, now, func(ctx context.Context) error {
		if seen, err = r.alerts(ctx); err != nil || !lacks(seen, open(j)) {
			return err
		}
		started, err := r.started(ctx)
		gone = now.Sub(started) >= r.o.Settle
		return err
	})
	return seen, gone, err
}

// lacks says whether an open alert was not seen.
func lacks(seen []history.Sighting, open []*history.Alert) bool {
	return slices.ContainsFunc(open, func(a *history.Alert) bool {
		return !slices.ContainsFunc(seen, func(s history.Sighting) bool { return s.Fingerprint == a.Fingerprint })
	})
}

// wrote logs when writing stops to work, and when it does again.
func (r *Recorder) wrote(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.self.writeFailures.Inc()
		if r.writing {
			r.o.Log.Error("transitions of alerts cannot be written, trying again", "err", err)
		}
	case !r.writing:
		r.o.Log.Info("transitions of alerts are written again")
	}
	r.writing = err == nil
}
