package schedule

import (
	"errors"
	"slices"
	"testing"

	"belfry/nats"
)

// A write fails if the entry has changed since it was read, or was removed.
func TestLedger(t *testing.T) {
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	var all [2]Ledger
	for i := range all { // the second finds the bucket of the first
		if all[i], err = OpenLedger(t.Context(), nc, 1); err != nil {
			t.Fatal(err)
		}
	}
	one, two := all[0], all[1]
	if _, revision, err := one.Get(t.Context(), "a.b"); revision != 0 || err != nil {
		t.Fatalf("got revision %d, %v", revision, err)
	}
	first, err := one.Put(t.Context(), "a.b", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Put(t.Context(), "a.b", []byte("2"), 0); !errors.Is(err, ErrMoved) {
		t.Errorf("created twice: %v", err)
	}
	second, err := two.Put(t.Context(), "a.b", []byte("2"), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Put(t.Context(), "a.b", []byte("3"), first); !errors.Is(err, ErrMoved) {
		t.Errorf("overwritten: %v", err)
	}
	if data, revision, err := one.Get(t.Context(), "a.b"); string(data) != "2" || revision != second || err != nil {
		t.Errorf("got %s, %d, %v", data, revision, err)
	}
	if _, err := one.Put(t.Context(), "a.c", nil, 0); err != nil {
		t.Fatal(err)
	}
	keys, err := two.Keys(t.Context(), "a.")
	slices.Sort(keys)
	if err != nil || !slices.Equal(keys, []string{"a.b", "a.c"}) {
		t.Errorf("got %v, %v", keys, err)
	}
	if err := two.Delete(t.Context(), "a.b"); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Put(t.Context(), "a.b", []byte("4"), second); !errors.Is(err, ErrMoved) {
		t.Errorf("written after it was removed: %v", err)
	}
	if _, err := one.Put(t.Context(), "a.b", []byte("5"), 0); err != nil {
		t.Errorf("created again: %v", err)
	}
}
