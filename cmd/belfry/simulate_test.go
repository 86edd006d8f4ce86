package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"belfry/nats"
)

// outcome holds the exit code and the output of one run.
type outcome struct {
	code           int
	stdout, stderr string
}

// belfry runs the program.
func belfry(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, &process{
		stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr, getenv: func(string) string { return "" },
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// expect checks the exit code, and that the output matches a pattern.
func (o outcome) expect(t *testing.T, code int, pattern string) outcome {
	t.Helper()
	if o.code != code || !regexp.MustCompile(pattern).MatchString(o.stdout+o.stderr) {
		t.Errorf("exit code %d, want %d and %q in:\n%s%s", o.code, code, pattern, o.stdout, o.stderr)
	}
	return o
}

func TestSimulatedFileReplaysToItsTruth(t *testing.T) {
	dir := t.TempDir()
	events, truth, shown := filepath.Join(dir, "e.ndjson"), filepath.Join(dir, "t.json"), filepath.Join(dir, "m.prom")
	belfry(t, "",
		"simulate", "--events=5000", "--seed=7", "--incident=halving,at=1m", "--out="+events, "--truth="+truth).
		expect(t, 0, `^5000 events, \d+ of them duplicates, \d+\.\d MB, \d+m\d+s of traffic in .*/s\)\n$`)
	replayed := belfry(t, "", "replay", events).expect(t, 0, "notification_stage_total")
	if err := os.WriteFile(shown, []byte(replayed.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	belfry(t, "", "verify", "--truth="+truth, shown).expect(t, 0, `^\d+ series of \d+ families agree with the truth\n$`)
	belfry(t, replayed.stdout, "verify", "--truth="+truth, "-").expect(t, 0, "agree with the truth")
}

func TestVerifyShowsDifferences(t *testing.T) {
	truth := filepath.Join(t.TempDir(), "t.json")
	out := belfry(t, "", "simulate", "--events=2000", "--truth="+truth)
	if got := strings.Count(out.stdout, "\n"); got != 2000 {
		t.Fatalf("%d lines on standard output, want 2000", got)
	}
	replayed := belfry(t, out.stdout, "replay", "-").stdout
	wrong := strings.Replace(replayed, "belfry_events_duplicate_total{partition=\"0\"} ",
		"belfry_events_duplicate_total{partition=\"0\"} 1", 1)
	belfry(t, wrong, "verify", "--truth="+truth, "-").
		expect(t, 1, `^belfry_events_duplicate_total\{\}: want \d+, got \d+\n1 differences from the truth of \d+ `+
			`series of \d+ families\n$`)
	shown := belfry(t, "", "verify", "--truth="+truth, "--show=3", "-").expect(t, 1, `\d{3} differences`)
	if got := strings.Count(shown.stdout, "\n"); got != 4 {
		t.Errorf("%d lines, want 3 differences and their number:\n%s", got, shown.stdout)
	}
}

// verify polls an exporter until it has caught up.
func TestVerifyWaitsForAnExporter(t *testing.T) {
	truth := filepath.Join(t.TempDir(), "t.json")
	events := belfry(t, "", "simulate", "--events=200", "--truth="+truth).stdout
	metrics := belfry(t, events, "replay", "-").stdout
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(metrics))
	}))
	defer server.Close()
	belfry(t, "", "verify", "--truth="+truth, server.URL).expect(t, 1, "503")
	belfry(t, "", "verify", "--truth="+truth, "--wait=1m", server.URL).expect(t, 0, "agree with the truth")
}

// Every message reaches the stream, even deliberate duplicates, which the stream
// would refuse.
func TestSimulateToStreams(t *testing.T) {
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir(), MaxStore: 200 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	belfry(t, "", "simulate", "--events=3000", "--nats.url="+server.URL(), "--partitions=2").
		expect(t, 0, `3000 events, [1-9]\d* of them`)

	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	stored := uint64(0)
	for p := range 2 {
		state, err := nats.Info(t.Context(), nc, nats.StreamName(p))
		if err != nil {
			t.Fatal(err)
		}
		stored += state.LastSequence
	}
	if stored != 3000 {
		t.Errorf("%d messages are stored, want 3000", stored)
	}
	for _, other := range []string{"1", "3"} {
		belfry(t, "", "simulate", "--events=10", "--nats.url="+server.URL(), "--partitions="+other).
			expect(t, 1, "set --partitions=2, or leave it out")
	}
	belfry(t, "", "simulate", "--events=10", "--nats.url="+server.URL()).expect(t, 0, `^10 events`)
	if n, err := nats.CountPartitions(t.Context(), nc); err != nil || n != 2 {
		t.Errorf("streams of %d partitions (%v), want 2", n, err)
	}
}

// The default is one partition, in the streams of a new installation and in a replay.
func TestSimulateUsesOnePartitionByDefault(t *testing.T) {
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: t.TempDir(), MaxStore: 200 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	belfry(t, "", "simulate", "--events=10", "--nats.url="+server.URL()).expect(t, 0, `^10 events`)
	nc, err := nats.Connect(t.Context(), nats.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if n, err := nats.CountPartitions(t.Context(), nc); err != nil || n != 1 {
		t.Errorf("streams of %d partitions (%v), want 1", n, err)
	}
	events := belfry(t, "", "simulate", "--events=500").stdout
	replayed := belfry(t, events, "replay", "-").expect(t, 0, `partition="0"`)
	if strings.Contains(replayed.stdout, `partition="1"`) {
		t.Error("replay folds into more than one partition")
	}
}

func TestSimulateSaysWhatIsWrong(t *testing.T) {
	for want, args := range map[string][]string{
		"the simulation has no end":     {},
		"leave out --start":             {"--live", "--start=2026-01-01T00:00:00Z"},
		`cannot parse "noon"`:           {"--events=1", "--start=noon"},
		"choose one of provider-outage": {"--events=1", "--incident=flood"},
		"no such file or directory":     {"--events=1", "--out=" + filepath.Join(t.TempDir(), "no", "file")},
	} {
		belfry(t, "", append([]string{"simulate"}, args...)...).expect(t, 1, want)
	}
	belfry(t, "", "simulate", "--events=1", "--per-minute=-1").
		expect(t, 2, "--per-minute: -1 is out of range: use 0.001 to 10000000")
	belfry(t, "", "simulate", "--events=1", "--rate=NaN").
		expect(t, 2, `--rate: invalid number "NaN": use a finite number`)
	belfry(t, "", "simulate", "--list-incidents").expect(t, 0, "provider-outage: all attempts of a provider fail")
	belfry(t, "", "simulate", "--list-experiments").
		expect(t, 0, `exp_subject: marketing on email; b is better \(control open=0.2; b open=0.25\)`)
}
