package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"belfry/exporter"
	"belfry/exporter/catalog"
	"belfry/insights/report/schedule"
	"belfry/nats"
)

// The passwords of the users in nats-users.conf.
const exporterPassword, producerPassword, insightsPassword = "of-the-exporter", "of-a-producer", "of-insights"

func startWithUsers(t *testing.T) (url string) {
	t.Helper()
	t.Setenv("EXPORTER_PASSWORD", exporterPassword)
	t.Setenv("PRODUCER_PASSWORD", producerPassword)
	t.Setenv("INSIGHTS_PASSWORD", insightsPassword)
	options, err := server.ProcessConfigFile("nats-users.conf")
	if err != nil {
		t.Fatal(err)
	}
	options.Host, options.Port, options.JetStream, options.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, t.TempDir()
	options.NoSigs = true
	return run(t, options).ClientURL()
}

// journal is a log that a test reads while others write it.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// An exporter with the permissions that are documented counts, writes dead letters, knows
// its lag, and continues after a restart. The server refuses nothing of what it asks for.
func TestTheExportersUserMayDoWhatItNeeds(t *testing.T) {
	url, state := startWithUsers(t), t.TempDir()
	producer, _ := connectProducer(t, url)
	log := &journal{}
	stop := runAs(t, url, state, log, func(e *exporter.Exporter) {
		publish(t, producer, "one")
		awaitValue(t, e, catalog.EventsRejected, 1)
		awaitValue(t, e, catalog.Events, 1)
	})
	stop()
	for i := range 3 {
		publish(t, producer, fmt.Sprint("later", i))
	}
	runAs(t, url, state, log, func(e *exporter.Exporter) {
		awaitValue(t, e, catalog.Events, 4)
		awaitValue(t, e, catalog.EventsRejected, 4)
		awaitValue(t, e, catalog.StreamLagMessages, 0)
		awaitValue(t, e, catalog.DeadLettersFailed, 0)
	})()
	checkLetters(t, url, 4)
	text := strings.ToLower(log.String())
	if strings.Contains(text, "permission") || strings.Contains(text, "level=error") {
		t.Errorf("the log:\n%s", text)
	}
}

// runAs runs an exporter with its user's login until stop is called, and calls check.
func runAs(t *testing.T, url, state string, log *journal, check func(*exporter.Exporter)) (stop func()) {
	t.Helper()
	config, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	e, err := exporter.New(config, exporter.Options{
		StateDir: state, UserKey: []byte("a key of at least 32 bytes, as files have"), Log: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(t.Context(), nats.Options{
		URL: url, User: "exporter", PasswordFile: passwordFile(t, exporterPassword), Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx, nc) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		nc.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	awaitValue(t, e, catalog.PartitionReading, 1)
	check(e)
	return stop
}

func passwordFile(t *testing.T, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// awaitValue waits until the sum of a family's series is a value.
func awaitValue(t *testing.T, e *exporter.Exporter, m catalog.Metric, want float64) {
	t.Helper()
	name, got := m.Desc().Name, 0.0
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		families, err := e.Gather()
		if err != nil {
			t.Fatal(err)
		}
		shown := false
		got = 0
		for _, f := range families {
			for _, s := range f.Metric {
				if f.GetName() == name {
					shown = true
					got += s.GetCounter().GetValue() + s.GetGauge().GetValue()
				}
			}
		}
		if shown && got == want {
			return
		}
	}
	t.Fatalf("%s is %v, want %v", name, got, want)
}

// connectProducer connects as a producer. The channel gets what the server refuses.
func connectProducer(t *testing.T, url string) (nc *natsgo.Conn, refused <-chan error) {
	t.Helper()
	errs := make(chan error, 100)
	nc, err := natsgo.Connect(url, natsgo.UserInfo("producer", producerPassword),
		natsgo.CustomInboxPrefix("_INBOX_PRODUCER"),
		natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) { errs <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc, errs
}

// publish publishes an event, and one that is rejected.
func publish(t *testing.T, nc *natsgo.Conn, id string) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	event := fmt.Sprintf(`{"eventId":%q,"eventType":"notification.sent","timestamp":%q,"notificationId":%q,`+
		`"userId":"u","data":{"channel":"email","category":"c","priority":"normal","templateId":"t"}}`,
		id, time.Now().UTC().Format(time.RFC3339), id)
	for _, body := range []string{event, `{"eventId":"wrong"}`} {
		if _, err := js.Publish(t.Context(), "notify.0.sent", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
}

// checkLetters reads the dead letters, as somebody does who may read everything.
func checkLetters(t *testing.T, url string, want int) {
	t.Helper()
	nc, err := nats.Connect(t.Context(), nats.Options{
		URL: url, User: "exporter", PasswordFile: passwordFile(t, exporterPassword),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := nats.LastDeadLetter(t.Context(), nc, 0)
	if err != nil || m.Sequence != uint64(want) {
		t.Errorf("the last dead letter is number %d (%v), want %d", m.Sequence, err, want)
	}
}

// A producer publishes events and nothing else: it forges no dead letter, reads no events,
// and changes no stream.
func TestAProducersUserMayOnlyPublishEvents(t *testing.T) {
	nc, refused := connectProducer(t, startWithUsers(t))
	check := func(what string, err error) {
		t.Helper()
		if err := errors.Join(err, nc.Flush()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !errors.Is(err, natsgo.ErrPermissionViolation) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s is not refused", what)
		}
	}
	for _, subject := range []string{
		"notify-dead.0", nats.RequeuedSubject, "$JS.API.STREAM.INFO.NOTIFY_00", "$JS.API.STREAM.DELETE.NOTIFY_00",
		"$JS.API.CONSUMER.CREATE.NOTIFY_00.x", "$JS.API.STREAM.MSG.GET.NOTIFY_00",
	} {
		check("publishing to "+subject, nc.Publish(subject, nil))
	}
	for _, subject := range []string{"notify.>", "_INBOX.>", ">"} {
		_, err := nc.SubscribeSync(subject)
		check("subscribing to "+subject, err)
	}
}

// Insights remembers what it sent, lists it and forgets it, and may not publish or read events.
func TestTheUserOfInsightsMayDoWhatItNeeds(t *testing.T) {
	url := startWithUsers(t)
	log := &journal{}
	nc, err := nats.Connect(t.Context(), nats.Options{
		URL: url, User: "insights", PasswordFile: passwordFile(t, insightsPassword),
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 { // the bucket is there the second time
		ledger, err := schedule.OpenLedger(ctx, nc, 1)
		if err != nil {
			t.Fatalf("%v; the log:\n%s", err, log)
		}
		revision, err := ledger.Put(ctx, "recipient.weekly.1", []byte("1"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Put(ctx, "recipient.weekly.1", []byte("2"), revision); err != nil {
			t.Fatal(err)
		}
		if data, _, err := ledger.Get(ctx, "recipient.weekly.1"); string(data) != "2" || err != nil {
			t.Fatalf("got %q, %v", data, err)
		}
		if keys, err := ledger.Keys(ctx, "recipient.weekly."); len(keys) != 1 || err != nil {
			t.Fatalf("got %v, %v", keys, err)
		}
		if err := ledger.Delete(ctx, "recipient.weekly.1"); err != nil {
			t.Fatal(err)
		}
	}
	if text := strings.ToLower(log.String()); strings.Contains(text, "permission") {
		t.Errorf("the log:\n%s", text)
	}
	refused := make(chan error, 1)
	nc.SetErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
		select {
		case refused <- err:
		default:
		}
	})
	if err := nc.Publish("notify.0.sent", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		if !errors.Is(err, natsgo.ErrPermissionViolation) {
			t.Errorf("got %v", err)
		}
	case <-ctx.Done():
		t.Error("insights may publish events")
	}
}
