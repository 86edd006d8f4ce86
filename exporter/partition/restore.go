package partition

import (
	"errors"
	"fmt"
	"math"
	"time"

	"belfry/exporter/exposure"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// restoreNumbers continues from the latest checkpoint, if any. The numbers are
// shown again once the fold has reached what was shown before.
func restoreNumbers(
	o *Options, store *state.Store, ledger *exposure.Ledger, latest *state.Checkpoint,
) (*numbers, error) {
	mark := ledger.Mark()
	n := &numbers{
		options: o, ledger: ledger, store: store, foldedAt: time.Now(), seenAt: time.Now(),
		gate: exposure.Gate{Target: mark}, hold: ledger.Hold(), mistakes: newMistakes(),
	}
	if latest == nil {
		n.fold = fold.New(o.Fold, store)
		n.place.Created = mark.Created
		return n, nil
	}
	n.place, n.lost, n.kept = latest.Place, latest.Lost, latest.Place.Sequence > 0
	same, err := n.reconcile(latest)
	if err != nil {
		return nil, err
	}
	if n.fold, err = fold.Restore(o.Fold, store, latest.Fold); err != nil {
		return nil, err
	}
	target := mark.Sequence
	switch {
	case mark == state.Place{} && n.place.Sequence > 0: // locate finds the target
		n.gate.Guessed, target = true, math.MaxUint64
		o.Log.Warn("the high-water mark is missing: numbers stay off /metrics until all that the stream has now is " +
			"counted, so that no counter goes down")
	case mark.Sequence <= n.place.Sequence:
		n.gate.Target = n.place
		return n, n.tryShow(n.place.Sequence)
	}
	n.gate.Altered = !same
	if latest.Earlier || latest.Unbounded {
		n.countAsBefore(asBefore{target, latest.Earlier, latest.Unbounded, n.fold.Now()})
	}
	return n, nil
}

// reconcile compares the checkpoint with the options and reports whether the
// stream yields the same numbers under both.
func (n *numbers) reconcile(latest *state.Checkpoint) (same bool, err error) {
	same = true
	if now := fingerprint(n.options.Fold.UserKey); latest.UserKey != now {
		same = false
		if n.options.OnUserKeyMismatch != ForgetUsers {
			return false, fmt.Errorf("the state was counted with the user key %s, the key now is %s: %s",
				latest.UserKey, now, KeyAdvice)
		}
		n.options.Log.Warn("the user key has changed: what is filed under it is dropped; every user counts as new, "+
			"events of notifications that were sent before count as orphans, and an event that comes again "+
			"counts again",
			"before", latest.UserKey, "now", now)
		latest.Fold.Population = fold.Population{}
		if latest.Fold.Salted { // with the former key: they match no name, and take the room of those that do
			latest.Fold.UnknownFields = nil
		}
		if err := n.store.DropKeyed(); err != nil {
			return false, err
		}
	}
	if latest.Config != n.options.Settings {
		same = false
		n.options.Log.Warn("the configuration has changed since the latest checkpoint",
			"sequence", latest.Place.Sequence, "before", latest.Config, "now", n.options.Settings)
	}
	return same, nil
}

// Begin writes the first checkpoint of a partition that has counted something before
// there was a stream. play returns the fold of it, whose records it stores. The
// partition's directory must not have a checkpoint yet. Of the options, Begin needs Dir,
// Fold and Settings.
func Begin(o Options, play func(records fold.Records) (*fold.State, error)) (err error) {
	o.setDefaults()
	store, latest, err := state.Open(state.Options{
		Dir: o.Dir, Window: o.Fold.AttributionWindow, OverlayBytes: math.MaxInt, Cache: o.Cache, Log: o.Log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if latest != nil {
		return fmt.Errorf("begin in %s: it has a checkpoint already: use a new directory", o.Dir)
	}
	f, err := play(store)
	if err != nil {
		return err
	}
	p, err := store.Take(state.Checkpoint{
		Fold: f.Image(), Config: o.Settings, UserKey: fingerprint(o.Fold.UserKey),
	})
	if err != nil {
		return err
	}
	_, err = p.Write()
	p.Finish(err)
	return errors.Join(err, store.Err())
}
