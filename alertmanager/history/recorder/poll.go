package recorder

import (
	"context"
	"errors"
	"slices"
	"time"

	"belfry/alertmanager/history"
)

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
	r.pollNow(ctx, j, nil)
	if err := j.SaveTotals(ctx, r.o.now()); err != nil && ctx.Err() == nil {
		r.o.Log.Warn("cannot save totals, trying again", "err", err)
	}
}

// pollSince polls unless one has begun since a time: several messages that wait share a
// poll. Alerts that Alertmanager no longer has ended when ended says.
func (r *Recorder) pollSince(
	ctx context.Context, j *history.Journal, since time.Time, ended []history.Observation,
) error {
	r.observing.Lock()
	defer r.observing.Unlock()
	if !r.polled.Before(since) {
		return r.pollErr
	}
	r.pollNow(ctx, j, ended)
	return r.pollErr
}

// pollNow polls. The caller holds r.observing.
func (r *Recorder) pollNow(ctx context.Context, j *history.Journal, ended []history.Observation) {
	r.polled = time.Now()
	now := r.o.now()
	observed, absentResolved, err := r.observe(ctx, j, now)
	r.conditions.refresh(ctx, now, j.Firing())
	written := j.Write(ctx, func(b *history.Book) ([]history.Record, error) {
		records := b.ExpireAcknowledgements(now)
		if err == nil {
			records = append(records, b.ReconcilePoll(now, observed, absentResolved, ended, r.conditions.end)...)
		}
		return records, nil
	})
	r.noteWrite(ctx, written)
	r.pollErr = errors.Join(err, written)
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
