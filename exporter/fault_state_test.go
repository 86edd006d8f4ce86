package exporter_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/exporter/state"
)

// Two exporters on one state directory: the second one exits and names the
// first.
func TestFaultTwoExportersOnOneState(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	r := in.run(exporter.Options{})
	defer r.stop()
	r.awaitSent(3)
	second := in.start()
	second.awaitExit()
	if !second.has(fmt.Sprintf("is in use by process %d: stop it or choose another directory", os.Getpid()))() {
		t.Errorf("the second exporter does not name the first, process %d:\n%s", os.Getpid(), second.log)
	}
	second.proves("a second exporter runs on the same state")
	in.send(4, 5)
	r.awaitSent(5)
}

// Checkpoint written by a newer version: the exporter does not start and says
// which version to run.
func TestFaultNewerCheckpoint(t *testing.T) {
	in := install(t, 1)
	in.send(1, 3)
	r := in.run(exporter.Options{})
	r.awaitSent(3)
	r.stop()
	in.editCheckpoint(func(checkpoint []byte) { checkpoint[0] = 200 })

	_, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: testKey})
	if !errors.Is(err, state.ErrNewer) || !strings.Contains(err.Error(), "partition 0: ") ||
		!strings.Contains(err.Error(), "run that version, or a newer one") {
		t.Errorf("error %v", err)
	}
	refused(t, "the state is that of a newer version", err)
}

// editCheckpoint changes the latest checkpoint in the database.
func (in *installation) editCheckpoint(edit func([]byte)) {
	in.t.Helper()
	db, err := pebble.Open(in.partitionDir("records"), &pebble.Options{
		FormatMajorVersion: pebble.FormatNewest, Logger: quiet{},
	})
	if err != nil {
		in.t.Fatal(err)
	}
	key := []byte("mc")
	value, closer, err := db.Get(key)
	if err != nil {
		in.t.Fatal(err)
	}
	changed := append([]byte(nil), value...)
	edit(changed)
	if err := errors.Join(closer.Close(), db.Set(key, changed, pebble.Sync), db.Close()); err != nil {
		in.t.Fatal(err)
	}
}

// quiet discards the messages of pebble.
type quiet struct{}

func (quiet) Infof(string, ...any)              {}
func (quiet) Errorf(string, ...any)             {}
func (quiet) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (in *installation) partitionDir(elem ...string) string {
	return filepath.Join(append([]string{partition.Dir(in.state, 0)}, elem...)...)
}

// A flipped byte in an SST: the exporter does not count with damaged records.
// It exits at its start or when it reads the damage, and says what is damaged
// and what to do.
func TestFaultFlippedByteInSST(t *testing.T) {
	in := install(t, 1)
	in.send(1, 1000)
	for range 2 { // the second start writes what the first has left in the WAL to an SST
		r := in.run(counting())
		r.awaitSent(1000)
		r.stop()
	}
	tables, err := filepath.Glob(in.partitionDir("records", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no SST (%v)", err)
	}
	intact := t.TempDir()
	copyTree(t, intact, in.state)
	for i := range 1000 {
		in.publish(0, "delivered", delivered(fmt.Sprint("n", i+1)))
	}
	for _, at := range []float64{0.02, 0.3, 0.6} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			replaceTree(t, in.state, intact)
			for _, table := range tables {
				flip(t, table, at)
			}
			p := in.start("--state.overlay-bytes=1KiB")
			p.t = t
			p.awaitExit()
			const advice = "restore the partition's directory from a backup, " +
				"or remove it to count the stream from its beginning"
			if !p.has(advice, ".sst")() && !p.has("open state in", "corrupt")() {
				t.Errorf("the log does not say what to do:\n%s", p.log)
			}
			if p.has("the state database cannot continue")() {
				p.proves("a byte of a database table is damaged")
			}
		})
	}
}

// A flipped byte in the WAL: the exporter starts from an older checkpoint and
// folds the stream again up to what was shown, or it does not start and says
// why. It never shows other numbers.
func TestFaultFlippedByteInWAL(t *testing.T) {
	in := install(t, 1)
	for round := range 3 {
		in.send(1+100*round, 100*(round+1))
		r := in.run(counting())
		r.awaitSent(float64(100 * (round + 1)))
		r.stop()
	}
	logs, err := filepath.Glob(in.partitionDir("records", "*.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no WAL (%v)", err)
	}
	intact := t.TempDir()
	copyTree(t, intact, in.state)
	for _, at := range []float64{0, 0.5, 1} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			replaceTree(t, in.state, intact)
			for _, log := range logs {
				flip(t, log, at)
			}
			e, err := exporter.New(in.config, exporter.Options{StateDir: in.state, UserKey: testKey})
			if err != nil {
				if !strings.Contains(err.Error(), "open state in "+in.partitionDir()) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			r := in.run(counting())
			defer r.stop()
			r.awaitReady()
			r.shows(300, catalog.Stages, "stage", "sent")
			r.shows(0, catalog.EventsDuplicate)
			if at < 1 { // the very end is no part of a checkpoint
				r.said("numbers stay off /metrics", "sequence=200", "target=300")
				r.proves("a byte of the database's log is damaged")
			}
		})
	}
}

// flip flips the bits of one byte of a file, at a fraction of its written
// part.
func flip(t *testing.T, file string, at float64) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	written := len(strings.TrimRight(string(content), "\x00"))
	if written == 0 {
		return
	}
	content[int(at*float64(written-1))] ^= 0xff
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
