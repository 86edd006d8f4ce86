package exporter_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// counted publishes the events of a user, whose state is counted with testKey.
func (in *installation) counted() {
	in.t.Helper()
	in.publish(0, "sent", sent("n1"))
	r := in.run(exporter.Options{})
	r.awaitSent(1)
	r.shows(1, catalog.Users)
	r.stop()
}

// A key that is missing at one start forgets nobody, and none is created in its place. It
// is the same if the only state with a key is that of another partition, or retired.
func TestAMissingUserKeyForgetsNobody(t *testing.T) {
	in := install(t, 2)
	in.counted()
	key := filepath.Join(t.TempDir(), "user.key")
	isRefused := func(o exporter.Options) {
		t.Helper()
		o.StateDir = in.state
		missing := o.LoadUserKey(key)
		if missing == nil ||
			!strings.Contains(missing.Error(), key+" does not exist, but the state in "+in.partitionDir()) ||
			!strings.Contains(missing.Error(), "restore it from a copy; to forget all users on purpose, "+
				"start once with --on-user-key-mismatch=forget-users") {
			t.Errorf("error %v", missing)
		}
		if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a key was created (%v)", err)
		}
		refused(t, "the user key is missing", missing)
	}
	isRefused(exporter.Options{})
	if err := os.RemoveAll(partition.Dir(in.state, 1)); err != nil {
		t.Fatal(err)
	}
	isRefused(exporter.Options{Partitions: []int{1}})
	if err := state.Retire(in.partitionDir(), &state.Manifest{}); err != nil {
		t.Fatal(err)
	}
	isRefused(exporter.Options{})
	if err := os.Remove(in.partitionDir("exported")); err != nil {
		t.Fatal(err)
	}

	r := in.run(exporter.Options{}) // with the right key
	r.shows(1, catalog.Users)
	r.stop()
	o := exporter.Options{StateDir: in.state, OnUserKeyMismatch: partition.ForgetUsers}
	if err := o.LoadUserKey(key); err != nil || len(o.UserKey) != 32 {
		t.Errorf("forgetting on purpose: a key of %d bytes, error %v", len(o.UserKey), err)
	}
}

// A state whose key is unknown because it cannot be read counts as one that has a key.
func TestNoUserKeyIsCreatedForAStateThatCannotBeRead(t *testing.T) {
	in := install(t, 1)
	in.counted()
	in.editCheckpoint(func(checkpoint []byte) { checkpoint[0] = 200 })
	key := filepath.Join(t.TempDir(), "user.key")
	o := exporter.Options{StateDir: in.state}
	err := o.LoadUserKey(key)
	if !errors.Is(err, state.ErrNewer) || !strings.Contains(err.Error(), "is unknown") {
		t.Errorf("error %v", err)
	}
	refused(t, "the user key is missing, and the state cannot be read", err)
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was created (%v)", err)
	}
}

// Another key than that of the state is refused, and the state stays as it is, until
// somebody says that all users are to be forgotten. The counters stay.
func TestAnotherUserKeyForgetsOnlyOnPurpose(t *testing.T) {
	in := install(t, 1)
	in.counted()
	other := bytes.Repeat([]byte("another key "), 3)
	_, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: other})
	if err == nil || !strings.Contains(err.Error(), "partition 0: the state was counted with the user key ") ||
		!strings.Contains(err.Error(), "every user would be forgotten, for good; set --user-key-file to the file") {
		t.Errorf("error %v", err)
	}
	refused(t, "the user key is another one than that of the state", err)
	r := in.run(exporter.Options{})
	r.shows(1, catalog.Users)
	r.stop()

	e, err := exporter.New(in.config, exporter.Options{
		StateDir: in.state, UserKey: other, OnUserKeyMismatch: partition.ForgetUsers,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r = &running{Exporter: e, t: t}
	r.shows(0, catalog.Users)
	r.shows(1, catalog.Stages, "stage", "sent")
}

// An empty or cut-off key says what to do, and one that others can read is said.
func TestADamagedOrExposedUserKey(t *testing.T) {
	key := filepath.Join(t.TempDir(), "user.key")
	log := &journal{}
	o := exporter.Options{StateDir: t.TempDir(), Log: log.logger()}
	for _, content := range [][]byte{nil, testKey[:31]} {
		if err := os.WriteFile(key, content, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, "the user key is empty or cut off", o.LoadUserKey(key))
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		if err := o.LoadUserKey(key); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 || log.has("others can read it") {
			t.Errorf("round %d: %v, %v, %s", round, info.Mode(), err, log)
		}
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o610} {
		if err := os.Chmod(key, mode); err != nil {
			t.Fatal(err)
		}
		if why := exporter.UserKeyExposed(key); !strings.Contains(why, "run chmod 600 "+key) {
			t.Errorf("mode %o: %q", mode, why)
		}
	}
	if err := o.LoadUserKey(key); err != nil || !log.has("has mode 0610: others can read it") {
		t.Errorf("error %v, log %s", err, log)
	}
}

// A key that cannot be created says which flag to set.
func TestAUserKeyThatCannotBeCreated(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "link", "user.key")
	err := (&exporter.Options{StateDir: t.TempDir()}).LoadUserKey(key)
	if err == nil || !strings.HasPrefix(err.Error(), "create user key "+key+": ") ||
		!strings.HasSuffix(err.Error(), ": set --user-key-file to a file that this user may create") {
		t.Errorf("error %v", err)
	}
}
