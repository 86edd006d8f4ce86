package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nuid"

	"belfry/insights/report/deliver"
)

const (
	// Lease is how long a replica that died keeps its claim on a recipient.
	Lease = time.Minute
	// firstRetry and lastRetry bound the time between two attempts, which doubles.
	firstRetry, lastRetry = time.Minute, time.Hour
	// giveUpAfter is how long an occurrence is tried, unless the next one is due before.
	giveUpAfter = 24 * time.Hour
	// lookAgain is how soon the ledger is looked at again when it does not answer, and
	// lookAnyway how late although nothing is due: clocks may be set.
	lookAgain, lookAnyway = 10 * time.Second, 10 * time.Minute
)

// Maker makes the report of an occurrence.
type Maker func(ctx context.Context, s Schedule, at time.Time) (deliver.Message, error)

// Options configures a Runner. Ledger and Make are required.
type Options struct {
	Ledger Ledger
	Make   Maker
	// Log receives what was sent and what failed; nil discards.
	Log *slog.Logger
	// Lease replaces the constant of that name, and Retry the first time between two
	// attempts; 0 stands for the default.
	Lease, Retry time.Duration
}

// Runner sends the reports of schedules when they are due. It is safe for concurrent use.
type Runner struct {
	o     Options
	owner string // of claims

	mu        sync.Mutex
	schedules []Schedule
	changed   chan struct{}
	stats     map[string]*Stat
}

// Stat says how a schedule is doing.
type Stat struct {
	Name string
	// Sent is when a report last reached all its recipients, zero for never.
	Sent time.Time
	// Failures counts attempts that failed since the start.
	Failures int

	warned time.Time // the occurrence that left others out
}

// NewRunner returns a Runner of some schedules.
func NewRunner(o Options, schedules []Schedule) *Runner {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Lease, o.Retry = cmp.Or(o.Lease, Lease), cmp.Or(o.Retry, firstRetry)
	r := &Runner{o: o, owner: nuid.Next(), changed: make(chan struct{}, 1), stats: map[string]*Stat{}}
	r.Set(schedules)
	return r
}

// Set replaces the schedules.
func (r *Runner) Set(schedules []Schedule) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.schedules = schedules
	stats := map[string]*Stat{}
	for _, s := range schedules {
		if stats[s.Name] = r.stats[s.Name]; stats[s.Name] == nil {
			stats[s.Name] = &Stat{Name: s.Name}
		}
	}
	r.stats = stats
	r.again()
}

// again has Run begin again, with the present schedules.
func (r *Runner) again() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// Stats says how each schedule is doing, in their order.
func (r *Runner) Stats() (all []Stat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.schedules {
		all = append(all, *r.stats[s.Name])
	}
	return all
}

// tell changes what is known of how a schedule is doing.
func (r *Runner) tell(name string, change func(*Stat)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.stats[name]; s != nil {
		change(s)
	}
}

// Run sends what is due until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.changed:
		}
		r.mu.Lock()
		schedules := r.schedules
		r.mu.Unlock()
		running, stop := context.WithCancel(ctx)
		var group sync.WaitGroup
		for _, s := range schedules {
			group.Go(func() { r.follow(running, s) })
		}
		select {
		case <-ctx.Done():
		case <-r.changed:
			r.again()
		}
		stop()
		group.Wait()
	}
}

// follow sends the reports of one schedule.
func (r *Runner) follow(ctx context.Context, s Schedule) {
	lost := false
	for {
		wake, err := r.step(ctx, s)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			wake = time.Now().Add(lookAgain)
		}
		if failed := err != nil; failed != lost {
			lost = failed
			if lost {
				r.o.Log.Error("nothing is sent until it is known what was sent", "schedule", s.Name, "err", err)
			} else {
				r.o.Log.Info("it is known again what was sent", "schedule", s.Name)
			}
		}
		wait := lookAnyway
		if !wake.IsZero() { // else it is never due
			wait = min(wait, time.Until(wake))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func settledKey(s Schedule) string   { return "settled." + s.Name }
func recipientsOf(s Schedule) string { return "recipient." + s.Name + "." }
func occurrence(at time.Time) string { return fmt.Sprint(at.Unix()) }

// step does what is due, and says when to look again. An error is one of the ledger.
func (r *Runner) step(ctx context.Context, s Schedule) (wake time.Time, err error) {
	entry, revision, err := read[settledEntry](ctx, r.o.Ledger, settledKey(s))
	if err != nil {
		return wake, err
	}
	now := time.Now()
	if revision == 0 { // the schedule is new: what was due before is not missed
		entry.Settled = now
		if _, err := write(ctx, r.o.Ledger, settledKey(s), entry, 0); err != nil && !errors.Is(err, ErrMoved) {
			return wake, err
		}
		return s.Next(now), nil
	}
	r.tell(s.Name, func(stat *Stat) { stat.Sent = entry.Sent })
	at, missed := s.latest(entry.Settled, now)
	if at.IsZero() || at.After(now) {
		return at, nil
	}
	if missed > 0 && !r.warned(s, at) {
		r.o.Log.Warn("reports were due while nobody sent them; only the latest is caught up", "schedule", s.Name,
			"left_out", missed, "latest", at)
	}
	settled, all, wake, err := r.send(ctx, s, at)
	if err != nil || !settled {
		return wake, err
	}
	entry.Settled = at
	if all {
		entry.Sent = time.Now()
	}
	if _, err := write(ctx, r.o.Ledger, settledKey(s), entry, revision); err != nil && !errors.Is(err, ErrMoved) {
		return wake, err
	}
	return time.Now(), r.forget(ctx, s, at)
}

// latest returns the latest occurrence until now and how many others were since the last that
// is settled, or the next one if there is none.
func (s Schedule) latest(settled, now time.Time) (at time.Time, missed int) {
	at = s.Next(settled)
	for !at.IsZero() {
		next := s.Next(at)
		if next.IsZero() || next.After(now) {
			return at, missed
		}
		at, missed = next, missed+1
	}
	return at, missed
}

// warned reports whether it was told already what an occurrence leaves out, and notes that it
// was.
func (r *Runner) warned(s Schedule, at time.Time) (before bool) {
	r.tell(s.Name, func(stat *Stat) { before, stat.warned = stat.warned.Equal(at), at })
	return before
}

// send sends the report of an occurrence to each recipient that has not got it. It reports
// whether nothing more is to be done, and whether all have got it, or when to look again.
func (r *Runner) send(ctx context.Context, s Schedule, at time.Time) (settled, all bool, wake time.Time, err error) {
	report := sync.OnceValues(func() (deliver.Message, error) { return r.o.Make(ctx, s, at) })
	settled, all = true, true
	for _, target := range s.targets {
		d := delivery{Runner: r, schedule: s, at: at, target: target, report: report}
		state, again, err := d.attempt(ctx)
		if err != nil {
			return false, false, wake, err
		}
		switch state {
		case done:
		case givenUp:
			all = false
		default:
			settled = false
			if wake.IsZero() || again.Before(wake) {
				wake = again
			}
		}
	}
	return settled, all, wake, nil
}

// forget removes what is remembered of the recipients of occurrences before one. Who has not got
// an earlier one does not get it any more.
func (r *Runner) forget(ctx context.Context, s Schedule, at time.Time) error {
	keys, err := r.o.Ledger.Keys(ctx, recipientsOf(s))
	if err != nil {
		return err
	}
	for _, key := range keys {
		seconds, ok := occurrenceOf(key)
		if !ok || seconds >= at.Unix() {
			continue
		}
		entry, revision, err := read[recipientEntry](ctx, r.o.Ledger, key)
		if err != nil {
			return err
		}
		if revision > 0 && entry.State != done && entry.State != givenUp {
			r.o.Log.Error("report not sent: it was tried until the next one was due", "schedule", s.Name,
				"due", time.Unix(seconds, 0).UTC(), "attempts", entry.Attempts)
		}
		if err := r.o.Ledger.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}
