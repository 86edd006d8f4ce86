package exporter_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/nats"
)

// testdata/earlier.tar.gz holds an installation of an earlier version: the store of
// its embedded NATS server, the state of its exporter, which was killed 20 events
// after its latest checkpoint, and the counters of the last scrape. The events
// come from
//
//	belfry simulate --events=20 --seed=1 --start=2026-01-05T10:00:00Z --users=30 --per-minute=20000
//
// and, after the checkpoint, the same with --seed=2 --start=2026-01-05T10:02:00Z.
// The stream keeps them for 100 years.

// testdata/earlier_meaning.tar.gz holds one of the same version whose exporter was
// killed 10 events after its latest checkpoint. Most of them mean something else by
// now: clicks, actions and a conversion by a program, and orphans without labels.

// installEarlier starts the NATS server of an earlier installation.
func installEarlier(t *testing.T, archive string) (in *installation, shown map[string]float64) {
	t.Helper()
	dir := t.TempDir()
	extract(t, filepath.Join("testdata", archive), dir)
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.Partitions, config.Stream.MaxBytes = 1, 1<<20
	if config.Stream.MaxAge, err = model.ParseDuration("100y"); err != nil {
		t.Fatal(err)
	}
	in = &installation{
		t: t, config: config, status: &nats.Status{},
		store: filepath.Join(dir, "nats"), state: filepath.Join(dir, "state"),
	}
	in.connect()
	counters, err := os.ReadFile(filepath.Join(dir, "counters.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return in, samples(t, string(counters))
}

func extract(t *testing.T, archive, dir string) {
	t.Helper()
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeDir {
			continue
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, header.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// samples returns the values of a text exposition, by series.
func samples(t *testing.T, text string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		series, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[series] = v
		}
	}
	return values
}

// The exporter continues from the state of an earlier version: it folds the
// messages after the checkpoint, shows what was shown before, and continues to
// count.
func TestAnEarlierInstallationContinues(t *testing.T) {
	in, shown := installEarlier(t, "earlier.tar.gz")
	r := in.run(exporter.Options{Hold: time.Hour, TrustReceivedAt: true})
	defer r.stop()
	r.awaitReady()
	r.said(partition.LogCatchingUp, "sequence=20", "target=40")
	_, text := r.get("/metrics", "text/plain;version=0.0.4")
	now := samples(t, text)
	for series, before := range shown {
		if now[series] != before {
			t.Errorf("%s} is %v, was %v", series, now[series], before)
		}
	}
	in.publish(0, "sent", sent("n1"))
	r.folded(41)
	_, text = r.get("/metrics", "text/plain;version=0.0.4")
	now = samples(t, text)
	for series, before := range shown {
		if now[series] < before {
			t.Errorf("%s} went down from %v to %v", series, before, now[series])
		}
	}
	if len(shown) < 200 {
		t.Errorf("only %d series were shown", len(shown))
	}
}

// What an earlier version has shown is folded again with the meaning that it had
// then. What comes after has the present meaning.
func TestEarlierEventsKeepTheirMeaning(t *testing.T) {
	in, shown := installEarlier(t, "earlier_meaning.tar.gz")
	r := in.run(exporter.Options{Hold: time.Millisecond})
	defer r.stop()
	r.awaitReady()
	r.said(partition.LogCatchingUp, "sequence=4", "target=14")
	compare := func(when string, agree func(now, before float64) bool) {
		_, text := r.get("/metrics", "text/plain;version=0.0.4")
		now := samples(t, text)
		for series, before := range shown {
			if !agree(now[series], before) {
				t.Errorf("%s %s} is %v, was %v", when, series, now[series], before)
			}
		}
	}
	compare("ready:", func(now, before float64) bool { return now == before })
	clicked := strings.NewReplacer("notification.sent", "notification.clicked", `"s-`, `"c-`, `"data":{`,
		`"data":{"machine":true,`).Replace(sent("n9"))
	in.publish(0, "clicked", clicked)
	r.folded(15)
	compare("a click later:", func(now, before float64) bool { return now >= before })
	r.await("a click of a machine", func() bool { return r.value(catalog.Stages, "stage", "machine_clicked") == 1 })
	r.shows(2, catalog.Stages, "stage", "clicked")
}
