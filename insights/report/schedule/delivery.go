package schedule

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"belfry/insights/report/deliver"
)

// delivery is one recipient of one occurrence.
type delivery struct {
	*Runner
	schedule Schedule
	at       time.Time
	target   deliver.Target
	report   func() (deliver.Message, error)
}

// key names the recipient in the ledger, by a digest: addresses are not kept there.
func (d delivery) key() string {
	return recipientsOf(d.schedule) + occurrence(d.at) + "." + deliver.Key(d.target)
}

// occurrenceOf returns the time of the occurrence in a key.
func occurrenceOf(key string) (seconds int64, ok bool) {
	parts := strings.Split(key, ".")
	if len(parts) < 2 {
		return 0, false
	}
	seconds, err := strconv.ParseInt(parts[len(parts)-2], 10, 64)
	return seconds, err == nil
}

// attempt sends the report unless that is done, somebody else does it, or it is not yet time to
// try again. An error is one of the ledger.
func (d delivery) attempt(ctx context.Context) (state, time.Time, error) {
	entry, revision, err := read[recipientEntry](ctx, d.o.Ledger, d.key())
	if err != nil {
		return "", time.Time{}, err
	}
	now := time.Now()
	switch {
	case entry.State == done || entry.State == givenUp:
		return entry.State, now, nil
	case entry.Until.After(now) && entry.Owner != d.owner:
		return entry.State, entry.Until, nil
	case entry.Until.After(now) && entry.State == waiting:
		return entry.State, entry.Until, nil
	}
	entry = recipientEntry{State: claimed, Owner: d.owner, Until: now.Add(d.o.Lease), Attempts: entry.Attempts}
	revision, err = write(ctx, d.o.Ledger, d.key(), entry, revision)
	if errors.Is(err, ErrMoved) {
		return claimed, now.Add(time.Second), nil
	}
	if err != nil {
		return "", now, err
	}
	revision, err = d.hand(ctx, entry, revision)
	if err != nil && ctx.Err() != nil {
		return "", now, ctx.Err() // the claim expires
	}
	// What was handed over is written down even if the program is to end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.o.Lease)
	defer cancel()
	return d.settle(ctx, entry, revision, err)
}

// hand makes the report and hands it over, and renews the claim meanwhile. It returns the
// revision of the claim.
func (d delivery) hand(ctx context.Context, entry recipientEntry, revision uint64) (uint64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	renewed := make(chan uint64)
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(d.o.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				renewed <- revision
				return
			case <-tick.C:
			}
			entry.Until = time.Now().Add(d.o.Lease)
			next, err := write(ctx, d.o.Ledger, d.key(), entry, revision)
			switch {
			case err == nil:
				revision = next
			case errors.Is(err, ErrMoved):
				cancel(errors.New("another replica took over"))
			}
		}
	}()
	message, err := d.report()
	if err == nil {
		message.ID = fmt.Sprintf("%s.%s", d.schedule.Name, occurrence(d.at))
		message.At = d.at
		err = d.target.Send(ctx, message)
	} else {
		err = fmt.Errorf("make the report: %w", err)
	}
	close(stop)
	revision = <-renewed
	if cause := context.Cause(ctx); cause != nil && err != nil {
		err = cause
	}
	cancel(nil)
	return revision, err
}

// settle writes down what has become of an attempt.
func (d delivery) settle(
	ctx context.Context, entry recipientEntry, revision uint64, failure error,
) (state, time.Time, error) {
	now := time.Now()
	entry.Owner, entry.Attempts = "", entry.Attempts+1
	about := []any{"schedule", d.schedule.Name, "due", d.at, "recipient", d.target.String()}
	switch next := d.schedule.Next(d.at); {
	case failure == nil:
		entry.State, entry.Until = done, time.Time{}
		d.o.Log.Info("report sent", about...)
	case deliver.IsPermanent(failure):
		entry.State, entry.Until, entry.Reason = givenUp, time.Time{}, "refused"
		d.o.Log.Error("report not sent: it was refused, and is not sent again", append(about, "err", failure)...)
	case now.Sub(d.at) > giveUpAfter || !next.IsZero() && !next.After(now):
		entry.State, entry.Until, entry.Reason = givenUp, time.Time{}, "too late"
		d.o.Log.Error("report not sent: it is too late to try again", append(about, "attempts", entry.Attempts,
			"err", failure)...)
	default:
		entry.State, entry.Until = waiting, now.Add(d.backOff(entry.Attempts))
		d.o.Log.Warn("report not sent, trying again", append(about, "attempts", entry.Attempts, "again", entry.Until,
			"err", failure)...)
	}
	if failure != nil {
		d.tell(d.schedule.Name, func(s *Stat) { s.Failures++ })
	}
	return entry.State, entry.Until, d.writeDown(ctx, entry, revision)
}

// writeDown writes the entry until it is written, since otherwise the report would be sent
// again once the claim expires.
func (d delivery) writeDown(ctx context.Context, entry recipientEntry, revision uint64) error {
	for {
		_, err := write(ctx, d.o.Ledger, d.key(), entry, revision)
		if err == nil || errors.Is(err, ErrMoved) {
			return nil // another replica took over, and knows better
		}
		d.o.Log.Warn("it cannot be written down what has become of a report, trying again", "schedule", d.schedule.Name,
			"err", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(lookAgain / 10):
		}
	}
}

// backOff returns how long to wait after so many attempts: twice as long each time, give or take
// a fifth.
func (d delivery) backOff(attempts int) time.Duration {
	wait := min(d.o.Retry<<min(attempts-1, 16), lastRetry)
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}

// SendNow makes the report of a schedule as if it were due at a time, and sends it to each
// recipient, whatever was sent before. It tells what has become of each.
func SendNow(
	ctx context.Context, s Schedule, at time.Time, maker Maker, tell func(target deliver.Target, err error),
) error {
	message, err := maker(ctx, s, at)
	if err != nil {
		return err
	}
	message.ID, message.At = fmt.Sprintf("%s.now.%d", s.Name, at.UnixNano()), at
	failed := 0
	for _, target := range s.targets {
		err := target.Send(ctx, message)
		tell(target, err)
		if err != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d recipients did not get the report", failed, len(s.targets))
	}
	return nil
}
