package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"belfry/alertmanager/history"
)

// An interrupt ends a command that computes or waits for input, and leaves time to one
// that has something to close.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		input := make(chan struct{})
		defer close(input)
		waiting := func() error { <-input; return nil }
		if err := interruptible(ctx, "check", waiting); !errors.Is(err, errInterrupted) {
			t.Errorf("check: error %v", err)
		}
		closed := errors.New("closed")
		slow := func() error { time.Sleep(promptly + promptly/2); return closed }
		if err := interruptible(ctx, "demo", slow); !errors.Is(err, closed) {
			t.Errorf("demo: error %v", err)
		}
	})
}

// Each of the commands that close what they have opened exists.
func TestClosingCommands(t *testing.T) {
	app := kingpin.New("belfry", "")
	known := map[string]bool{}
	for _, add := range subcommands {
		known[add(app).clause.FullCommand()] = true
	}
	for name := range closing {
		if !known[name] {
			t.Errorf("there is no command %q", name)
		}
	}
}

// The export and the import of a partition end between two reads or writes.
func TestInterruptedTransfer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := io.Copy(writerUntil{ctx, io.Discard}, bytes.NewReader([]byte{1})); !errors.Is(err, errInterrupted) {
		t.Errorf("an export: error %v", err)
	}
	if _, err := io.ReadAll(readerUntil{ctx, bytes.NewReader([]byte{1})}); !errors.Is(err, errInterrupted) {
		t.Errorf("an import: error %v", err)
	}
}

// A silence in an Alertmanager that does not have the alert would quiet nothing.
func TestMuteInAnotherAlertmanager(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("filter"))
		_, _ = io.WriteString(w, `[{"fingerprint":"b2"}]`)
	}))
	defer server.Close()
	k := &acknowledgement{alertmanager: &server.URL, httpConfig: new(string)}
	alert := &history.Alert{Fingerprint: "a1", Labels: map[string]string{"alertname": "QueueStuck", "channel": "sms"}}
	err := k.acknowledgeMuted(t.Context(), &process{stdout: io.Discard}, alert, &history.Acknowledgement{},
		func() error { t.Error("it is acknowledged"); return nil })
	want := "a1 QueueStuck channel=sms does not fire in the Alertmanager at " + server.URL + ": name the one that " +
		"notifies about it with --alertmanager.url, or leave out --mute; nothing is acknowledged"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if got := strings.Join(asked, ", "); got != `GET /api/v2/alerts alertname="QueueStuck"` {
		t.Errorf("asked %s", got)
	}
}

// An acknowledgement that is interrupted leaves no silence.
func TestInterruptedAcknowledgement(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		answer := `{"silenceID":"s1","status":{"state":"active"}}`
		if strings.HasSuffix(r.URL.Path, "/alerts") {
			answer = `[{"fingerprint":"a1"}]`
		}
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	k := &acknowledgement{alertmanager: &server.URL, httpConfig: new(string)}
	alert := &history.Alert{Fingerprint: "a1"}
	err := k.acknowledgeMuted(ctx, &process{stdout: io.Discard}, alert, &history.Acknowledgement{},
		func() error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	want := "GET /api/v2/alerts, POST /api/v2/silences, GET /api/v2/silence/s1, DELETE /api/v2/silence/s1"
	if got := strings.Join(asked, ", "); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}
