package exporter_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/simulate"
	"belfry/nats"
)

// A day of traffic goes through the exporter, with messages of hostile
// producers that put user ids and addresses wherever they can. Then everything
// that the exporter has written is searched for every user, address, device,
// session, place, notification and event of the day.
func TestNobodyIsFoundInAnythingThatIsWritten(t *testing.T) {
	t.Parallel()
	in := install(t, 2)
	for _, f := range catalog.Optional() {
		in.config.OptionalFamilies = append(in.config.OptionalFamilies, f.Name)
	}
	day := in.publishDay(simulate.Config{Seed: 11, Users: 2000, PerMinute: 3, Duration: 24 * time.Hour})
	rejected := in.publishHostile(day)

	log := &journal{}
	options := exporter.Options{
		TrustReceivedAt: true, CheckpointInterval: 200 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	written, state := map[string][]byte{}, map[string][]byte{}
	for round := range 2 { // the second round moves what the first one has written from the log to tables
		r := in.run(options)
		r.folded(day.messages)
		for name, page := range r.pages() {
			written[fmt.Sprint(name, ", round ", round)] = page
		}
		r.shows(float64(rejected), catalog.EventsRejected)
		r.stop()
		for name, content := range readState(t, in.state) {
			state[fmt.Sprint(name, ", round ", round)] = content
		}
	}
	maps.Copy(written, state)
	written["log"] = []byte(log.String())
	written["dead letters"] = in.deadLetters(rejected)

	for name, content := range written {
		if found := day.find(content); len(found) > 0 {
			t.Errorf("%s: %d personal values, such as %q", name, len(found), found[0])
		}
		if found := day.guesses.find(content); len(found) > 0 {
			t.Errorf("%s: %d unkeyed hashes of user ids", name, len(found))
		}
	}

	// The same search finds all values in the streams, and the users'
	// pseudonyms in the state.
	if found := day.find(in.streams()); len(found) != len(day.values) {
		t.Errorf("%d values found in the streams, of %d", len(found), len(day.values))
	}
	found := day.pseudonyms.find(bytes.Join(slices.Collect(maps.Values(state)), nil))
	if len(found) != len(day.pseudonyms.values) {
		t.Errorf("%d pseudonyms found in the state, of %d users", len(found), len(day.pseudonyms.values))
	}
}

// pages returns everything that the exporter serves by HTTP.
func (r *running) pages() map[string][]byte {
	pages := map[string][]byte{}
	for _, page := range [][2]string{
		{"/metrics", "text/plain"},
		{"/metrics", "application/openmetrics-text;version=1.0.0"},
		{"/metrics", protobuf},
		{"/", ""}, {"/-/ready", ""}, {"/-/healthy", ""}, {"/nothing", ""},
		{"/debug/pprof/", ""}, {"/debug/pprof/cmdline", ""},
		{"/debug/pprof/goroutine?debug=2", ""}, {"/debug/pprof/heap?debug=1", ""},
	} {
		_, body := r.get(page[0], page[1])
		if body == "" {
			r.t.Errorf("GET %s is empty", page[0])
		}
		pages[page[0]+" "+page[1]] = []byte(body)
	}
	return pages
}

// streams returns the content of the streams of all partitions.
func (in *installation) streams() (content []byte) {
	in.t.Helper()
	done := errors.New("all is read")
	for n := range in.config.Partitions {
		all := nats.ReadOptions{Stream: nats.StreamName(n), From: 1}
		err := nats.Read(in.t.Context(), in.nc, all, func(batch []nats.Message) error {
			for _, m := range batch {
				content = append(append(content, m.Subject...), m.Data...)
			}
			if batch[len(batch)-1].Pending == 0 {
				return done
			}
			return nil
		})
		if !errors.Is(err, done) {
			in.t.Fatal(err)
		}
	}
	return content
}

// deadLetters returns the content of the dead-letter stream, with subjects and
// headers.
func (in *installation) deadLetters(want int) (content []byte) {
	in.t.Helper()
	js, err := in.nc.JetStream()
	if err != nil {
		in.t.Fatal(err)
	}
	state, err := nats.Info(in.t.Context(), in.nc, nats.DeadLetterStream)
	if err != nil || state.LastSequence != uint64(want) {
		in.t.Fatalf("%d dead letters, want %d (%v)", state.LastSequence, want, err)
	}
	for sequence := range state.LastSequence {
		m, err := js.GetMsg(nats.DeadLetterStream, sequence+1)
		if err != nil {
			in.t.Fatal(err)
		}
		content = fmt.Appendf(content, "%s %v %s\n", m.Subject, m.Header, m.Data)
	}
	return content
}

// readState reads all files of a state directory as they are. It also reads
// the records of the databases, whose tables are compressed, with those that
// were overwritten since.
func readState(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	written := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		written[path], err = os.ReadFile(path)
		if filepath.Ext(path) == ".sst" {
			written[path+" as records"] = readTable(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	databases, err := filepath.Glob(filepath.Join(dir, "partition-*", "records"))
	if err != nil || len(databases) == 0 {
		t.Fatalf("no database in %s (%v)", dir, err)
	}
	for _, path := range databases {
		written[path+" as records"] = readDatabase(t, path)
	}
	return written
}

// readDatabase reads the records of a database, with those that are only in
// its log.
func readDatabase(t *testing.T, dir string) (records []byte) {
	t.Helper()
	db, err := pebble.Open(dir, &pebble.Options{
		ReadOnly: true, FormatMajorVersion: pebble.FormatNewest, Logger: databaseLog{t},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	it, err := db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for it.First(); it.Valid(); it.Next() {
		records = append(append(records, it.Key()...), it.Value()...)
	}
	if err := it.Error(); err != nil || len(records) == 0 {
		t.Fatalf("%s: %d bytes (%v)", dir, len(records), err)
	}
	return records
}

// databaseLog passes on only what is wrong.
type databaseLog struct{ *testing.T }

func (databaseLog) Infof(string, ...any) {}

// readTable reads all records of a table, also those that a newer one hides.
func readTable(t *testing.T, path string) (records []byte) {
	t.Helper()
	file, err := vfs.Default.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	readable, err := sstable.NewSimpleReadable(file)
	if err != nil {
		t.Fatal(err)
	}
	table, err := sstable.NewReader(t.Context(), readable, sstable.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	it, err := table.NewIter(sstable.NoTransforms, nil, nil, sstable.AssertNoBlobHandles)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for kv := it.First(); kv != nil; kv = it.Next() {
		value, _, err := kv.Value(nil)
		if err != nil {
			t.Fatal(err)
		}
		records = append(append(records, kv.K.UserKey...), value...)
	}
	if it.Error() != nil {
		t.Fatal(it.Error())
	}
	return records
}
