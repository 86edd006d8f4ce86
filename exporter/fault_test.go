package exporter_test

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/nats"
)

// The tests in the files fault_*_test.go each break one thing. Their comments
// say what happens. Whatever breaks, no number is silently wrong, nothing is
// stuck for good, and a metric and a log message say what is wrong and what to
// do. The tables in fault_kinds*_test.go have that and the alerts for each kind of
// fault; a test says with proves which kind it has caused.

// never outlasts every test: no checkpoint is written on schedule.
const never = 1 << 40

// journal collects the log of an exporter. The zero value is ready to use.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// has reports whether one line has all the parts.
func (j *journal) has(parts ...string) bool { return hasLine(j.String(), parts) }

// hasLine reports whether one line of a text has all the parts.
func hasLine(text string, parts []string) bool {
	if len(parts) == 0 {
		return true
	}
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
			return true
		}
	}
	return false
}

// said checks that one line of the log has all the parts.
func (r *running) said(parts ...string) {
	r.t.Helper()
	if !r.log.has(parts...) {
		r.t.Errorf("no line of the log says %q:\n%s", parts, r.log)
	}
}

// shows checks the value of a family, summed over the series with the given
// labels.
func (r *running) shows(want float64, m catalog.Metric, pairs ...string) {
	r.t.Helper()
	if got := r.value(m, pairs...); got != want {
		r.t.Errorf("%s%q is %v, want %v", m.Desc().Name, pairs, got, want)
	}
}

// sent returns the number of notifications shown as sent.
func (r *running) sent() float64 { return r.value(catalog.Stages, "stage", "sent") }

func (r *running) awaitSent(want float64) {
	r.t.Helper()
	r.await(fmt.Sprint(want, " notifications to be shown as sent"), func() bool { return r.sent() == want })
}

func (r *running) awaitReady() {
	r.t.Helper()
	r.await("readiness", func() bool { ready, _ := r.Ready(); return ready })
}

// awaitHalt waits until partition 0 is halted and checks that /-/ready, the
// landing page and the log say why.
func (r *running) awaitHalt(why ...string) {
	r.t.Helper()
	r.await("the partition to halt", func() bool { return r.value(catalog.PartitionHalted) == 1 })
	status, ready := r.get("/-/ready", "")
	if status != http.StatusServiceUnavailable {
		r.t.Errorf("/-/ready has status %d", status)
	}
	_, landing := r.get("/", "")
	for _, part := range append(why, "partition 0 is halted") {
		if !strings.Contains(ready, part) || !strings.Contains(html.UnescapeString(landing), part) {
			r.t.Errorf("%q is missing on /-/ready or the landing page:\n%s\n%s", part, ready, landing)
		}
	}
	// The log message comes shortly after the metric.
	r.await("the log message", func() bool { return r.log.has(append(why, "partition is halted")...) })
}

// awaitWaiting waits until so many messages of the stream wait to be folded, and
// checks that their age is known.
func (r *running) awaitWaiting(messages float64) {
	r.t.Helper()
	r.await(fmt.Sprint(messages, " messages to wait"), func() bool {
		return r.value(catalog.StreamLagMessages) == messages
	})
	if lag := r.value(catalog.StreamLagSeconds); lag <= 0 {
		r.t.Errorf("%v messages wait, but the lag is %v s", messages, lag)
	}
}

// showsNoNumbers checks that /metrics has the exporter's own families but no
// business families.
func (r *running) showsNoNumbers() {
	r.t.Helper()
	_, text := r.get("/metrics", "text/plain")
	for _, f := range []catalog.Counter{catalog.Stages, catalog.EventsRejected} {
		if strings.Contains(text, "\n"+f.Name+"{") {
			r.t.Errorf("%s is shown", f.Name)
		}
	}
	if !strings.Contains(text, "\n"+catalog.PartitionExposed.Name+`{partition="0"} 0`) {
		r.t.Errorf("%s is not 0", catalog.PartitionExposed.Name)
	}
}

// send publishes sent events of notifications n<from> to n<to>.
func (in *installation) send(from, to int) {
	in.t.Helper()
	for i := from; i <= to; i++ {
		in.publish(0, "sent", sent(fmt.Sprint("n", i)))
	}
}

// sendPush does what send does, on another channel.
func (in *installation) sendPush(from, to int) {
	in.t.Helper()
	for i := from; i <= to; i++ {
		in.publish(0, "sent", strings.Replace(sent(fmt.Sprint("n", i)), "email", "push", 1))
	}
}

// sendMany does what send does, for thousands.
func (in *installation) sendMany(from, to int) {
	in.t.Helper()
	js := in.stream()
	for i := from; i <= to; i++ {
		body := []byte(sent(fmt.Sprint("n", i)))
		if _, err := js.PublishAsync("notify.0.sent", body, natsgo.StallWait(time.Minute)); err != nil {
			in.t.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()
}

// crash ends an exporter as SIGKILL would: it restores the state directory
// from before the shutdown. Nothing may be running meanwhile.
func (in *installation) crash(r *running) {
	in.t.Helper()
	left := in.t.TempDir()
	copyTree(in.t, left, in.state)
	r.stop()
	replaceTree(in.t, in.state, left)
}

// stopServer stops the NATS server. startServer starts it again at the same
// address.
func (in *installation) stopServer() {
	in.t.Helper()
	if err := in.server.Shutdown(); err != nil {
		in.t.Fatal(err)
	}
}

func (in *installation) startServer() {
	in.t.Helper()
	server, err := nats.StartServer(in.t.Context(), nats.ServerOptions{
		StoreDir: in.store, Port: portOf(in.t, in.server.URL()),
	})
	if err != nil {
		in.t.Fatal(err)
	}
	in.server = server
	await(in.t, "the test's own connection", func() bool { return in.nc.FlushTimeout(time.Second) == nil })
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (in *installation) stream() natsgo.JetStreamContext {
	in.t.Helper()
	js, err := in.nc.JetStream(natsgo.PublishAsyncMaxPending(1000))
	if err != nil {
		in.t.Fatal(err)
	}
	return js
}

// makeStreamAgain deletes the stream and creates it again.
func (in *installation) makeStreamAgain() {
	in.t.Helper()
	if err := in.stream().DeleteStream(nats.StreamName(0)); err != nil {
		in.t.Fatal(err)
	}
	if err := nats.EnsureStreams(in.t.Context(), in.nc, in.config.StreamOptions()); err != nil {
		in.t.Fatal(err)
	}
}

// deleteMessage deletes one message from the stream.
func (in *installation) deleteMessage(sequence uint64) {
	in.t.Helper()
	if err := in.stream().DeleteMsg(nats.StreamName(0), sequence); err != nil {
		in.t.Fatal(err)
	}
}

// purgeBelow deletes all messages before a sequence, as expiry would.
func (in *installation) purgeBelow(sequence uint64) {
	in.t.Helper()
	if err := in.stream().PurgeStream(nats.StreamName(0), &natsgo.StreamPurgeRequest{Sequence: sequence}); err != nil {
		in.t.Fatal(err)
	}
}

func copyTree(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// replaceTree replaces a directory by a copy of another.
func replaceTree(t *testing.T, dir, by string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	copyTree(t, dir, by)
}

// counting returns options with which an exporter writes checkpoints only at
// shutdown.
func counting() exporter.Options { return exporter.Options{CheckpointInterval: never} }
