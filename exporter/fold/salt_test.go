package fold_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"

	"belfry/exporter/catalog"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// stored is a fold whose state is in a directory.
type stored struct {
	*fold.State
	t     *testing.T
	dir   string
	store *state.Store
}

// openStored opens the state in a directory under the key of testdata.
func openStored(t *testing.T, dir string) *stored {
	t.Helper()
	o := options()
	o.UserKey = []byte("key")
	store, latest, err := state.Open(state.Options{Dir: dir, Window: o.AttributionWindow, OverlayBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	s := &stored{fold.New(o, store), t, dir, store}
	if latest != nil {
		if s.State, err = fold.Restore(o, store, latest.Fold); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if s.store != nil {
			s.close()
		}
	})
	return s
}

func (s *stored) close() {
	s.t.Helper()
	if err := errors.Join(s.store.Err(), s.store.Close()); err != nil {
		s.t.Error(err)
	}
	s.store = nil
}

// again writes a checkpoint and opens the state again.
func (s *stored) again() *stored {
	s.t.Helper()
	p, err := s.store.Take(state.Checkpoint{Place: state.Place{Created: 1, Sequence: 2}, Fold: s.Image()})
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = p.Write()
	if p.Finish(err); err != nil {
		s.t.Fatal(err)
	}
	s.close()
	return openStored(s.t, s.dir)
}

// quiet is a log of pebble that nobody reads.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

// content returns all keys and values in a state directory, which nobody has open.
func content(t *testing.T, dir string) (all []byte) {
	t.Helper()
	db, err := pebble.Open(filepath.Join(dir, "records"), &pebble.Options{ReadOnly: true, Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	it, err := db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for it.First(); it.Valid(); it.Next() {
		all = append(append(append(append(all, it.Key()...), '|'), it.Value()...), '|')
	}
	if err := errors.Join(it.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}

// confirmed lists the guesses that somebody with the state and without the key can
// confirm: by the hashes of a notification to a user, an event id and a field's name.
func confirmed(content []byte) (guesses []string) {
	record := func(id string) []byte { hash := xxh3.HashString128(id).Bytes(); return hash[:10] }
	event := func(id string) []byte { return binary.LittleEndian.AppendUint64(nil, xxh3.HashString128(id).Lo)[:6] }
	field := func(name string) []byte { return binary.BigEndian.AppendUint64(nil, xxh3.HashString(name)) }
	for guess, hash := range map[string][]byte{
		"notification mail-ann@example.org to u1": record("mail-ann@example.org\x00u1"),
		"event bob@example.org-1":                 event("bob@example.org-1"),
		"event pref-cid@example.org":              record("pref-cid@example.org"),
		"field dan@example.org":                   field("dan@example.org"),
	} {
		if bytes.Contains(content, hash) {
			guesses = append(guesses, guess)
		}
	}
	slices.Sort(guesses)
	return guesses
}

// testdata/version3/state.tar.gz holds the state of a version without salts after the
// events of before.ndjson, the last 400 of which have one notification id.
func version3(t *testing.T) (dir string, events string) {
	t.Helper()
	dir = t.TempDir()
	extract(t, filepath.Join("testdata", "version3", "state.tar.gz"), dir)
	before, err := os.ReadFile(filepath.Join(dir, "before.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "state"), string(before)
}

// Nobody can confirm an address in an id by the state without the key: in notification
// ids, event ids and names of fields.
func TestNoIDInTheStateCanBeConfirmed(t *testing.T) {
	dir, events := version3(t)
	if got := confirmed(content(t, dir)); len(got) != 4 {
		t.Fatalf("a state without salts confirms %q, want all 4 guesses", got)
	}
	s := openStored(t, t.TempDir())
	read(t, s.State, events)
	s.again().close()
	if got := confirmed(content(t, s.dir)); got != nil {
		t.Errorf("the state confirms %q", got)
	}
}

// A state without salts continues: what it has counted does not count again, before and
// after the next checkpoint, and what is used of it is salted from then on.
func TestAStateWithoutSaltsContinues(t *testing.T) {
	dir, events := version3(t)
	s := openStored(t, dir)
	repeat := func(when string) {
		t.Helper()
		want := counts(s.State)
		read(t, s.State, events)
		want[catalog.EventsDuplicate.Name+"{}"] += float64(strings.Count(events, "\n"))
		got := counts(s.State)
		for _, all := range []map[string]float64{want, got} {
			for series := range all {
				if strings.HasPrefix(series, catalog.PlaceholderIDs.Name) {
					delete(all, series)
				}
			}
		}
		if d := difference(want, got); d != "" {
			t.Errorf("%s: %s", when, d)
		}
	}
	notifications, _, outside := s.store.Len()
	repeat("at first")
	if n, _, e := s.store.Len(); n != notifications || e < outside {
		t.Errorf("of %d notifications and %d event ids %d and %d are left", notifications, outside, n, e)
	}
	s = s.again()
	repeat("after a checkpoint")
	before := stages(s.State)
	read(t, s.State, happened("e1", "delivered", "n2", "u1", "10:00:05"))
	read(t, s.State, happened("e2", "sent", "n3", "u3", "10:00:05"))
	after := stages(s.State)
	for stage, more := range map[string]float64{
		"sent": 1, "delivered": 1, "recovered": 0, catalog.EventsOrphan.Name: 0,
	} {
		if after[stage]-before[stage] != more {
			t.Errorf("%s grew by %v, want %v", stage, after[stage]-before[stage], more)
		}
	}
	s.again().close()
	got := confirmed(content(t, dir))
	if want := []string{"event pref-cid@example.org"}; !slices.Equal(got, want) {
		t.Errorf("the state confirms %q, want %q until it expires", got, want)
	}
}
