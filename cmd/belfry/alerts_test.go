package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"belfry/alertmanager/history"
	"belfry/deploy/stack"
	"belfry/nats"
)

// The stories in testdata/alerts run the subcommands of alerts against a real
// NATS server and a real Alertmanager. Beside the commands of TestStories they
// have
//
//	alertmanager            an Alertmanager, at $ALERTMANAGER, that tells nobody
//	port NAME               a free port, in $NAME
//	fire MINUTES LABEL=V…   an alert fires since so many minutes
//	resolve MINUTES LABEL=… it is over
//	until REGEXP ARG…       runs belfry until its stdout matches
//	ask URL [REGEXP]        stdout is what an HTTP server answers, once it matches
//	said FILE               the last stdout is exactly the file, with times and ids replaced
//	complained FILE         the last stderr is so
func TestAlertStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/alerts", Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"platform":     startPlatform,
		"publish":      onPlatform((*platform).publish),
		"alertmanager": startStoryAlertmanager,
		"port":         freePort,
		"fire":         func(ts *testscript.TestScript, _ bool, args []string) { postAlert(ts, args, time.Hour) },
		"resolve":      func(ts *testscript.TestScript, _ bool, args []string) { postAlert(ts, args, 0) },
		"until":        until,
		"ask":          ask,
		"said":         func(ts *testscript.TestScript, _ bool, args []string) { compareSaid(ts, "stdout", args[0]) },
		"complained":   func(ts *testscript.TestScript, _ bool, args []string) { compareSaid(ts, "stderr", args[0]) },
	}, Setup: func(env *testscript.Env) error {
		env.Values[platformKey{}] = &platform{}
		env.Setenv("USER", "ana")
		return nil
	}})
}

func startStoryAlertmanager(ts *testscript.TestScript, _ bool, _ []string) {
	programs, err := stack.Ensure(context.Background(), "", io.Discard, stack.Alertmanager)
	ts.Check(err)
	port, err := stack.FreePort()
	ts.Check(err)
	config := ts.MkAbs("alertmanager.yml")
	ts.Check(writeFile(config, []byte("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")))
	server, err := stack.StartAlertmanager(context.Background(), stack.Options{
		Binary: programs[stack.Alertmanager], ConfigFile: config, DataDir: ts.MkAbs("alertmanager"), Port: port,
		LogFile: filepath.Join(ts.MkAbs("."), "alertmanager.log"),
	})
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Stop()) })
	ts.Setenv("ALERTMANAGER", server.URL)
}

func freePort(ts *testscript.TestScript, _ bool, args []string) {
	port, err := stack.FreePort()
	ts.Check(err)
	ts.Setenv(args[0], strconv.Itoa(port))
}

// postAlert tells Alertmanager of an alert, as Prometheus does. Alertmanager
// merges the end of one with its beginning, wherever that was.
func postAlert(ts *testscript.TestScript, args []string, lasts time.Duration) {
	minutes, err := strconv.ParseFloat(args[0], 64)
	ts.Check(err)
	now := time.Now()
	labels := map[string]string{}
	for _, pair := range args[1:] {
		name, value, _ := strings.Cut(pair, "=")
		labels[name] = value
	}
	body, err := json.Marshal([]map[string]any{{
		"labels": labels, "startsAt": now.Add(-time.Duration(minutes * float64(time.Minute))), "endsAt": now.Add(lasts),
	}})
	ts.Check(err)
	response, err := http.Post(ts.Getenv("ALERTMANAGER")+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	ts.Check(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("the alert was refused: %s", response.Status)
	}
}

// until runs belfry again and again: what it tells of happens in other
// processes.
func until(ts *testscript.TestScript, _ bool, args []string) {
	var failed error
	again(ts, args[0], func() string {
		failed = ts.Exec("belfry", args[1:]...)
		if failed != nil {
			return ts.ReadFile("stderr")
		}
		return ts.ReadFile("stdout")
	}, func() bool { return failed == nil })
}

// ask asks a server, until its answer matches where that is wanted.
func ask(ts *testscript.TestScript, _ bool, args []string) {
	wanted := ""
	if len(args) > 1 {
		wanted = args[1]
	}
	answer := again(ts, wanted, func() string {
		response, err := http.Get(args[0])
		ts.Check(err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		ts.Check(err)
		return string(body)
	}, func() bool { return true })
	_, err := io.WriteString(ts.Stdout(), answer)
	ts.Check(err)
}

// again does something until its outcome is good and matches.
func again(ts *testscript.TestScript, pattern string, do func() string, good func() bool) string {
	wanted := regexp.MustCompile("(?m)" + pattern)
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		outcome := do()
		if good() && wanted.MatchString(outcome) {
			return outcome
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("waited in vain for %s:\n%s", pattern, outcome)
		}
	}
}

var silenceID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

var minutesAndSeconds = regexp.MustCompile(`\b\d+m\d+s\b`)

func compareSaid(ts *testscript.TestScript, stream, file string) {
	got := silenceID.ReplaceAllString(absoluteTime.ReplaceAllString(ts.ReadFile(stream), "TIME"), "SILENCE")
	got = minutesAndSeconds.ReplaceAllString(got, "MINUTES")
	if diff := cmp.Diff(ts.ReadFile(file), got); diff != "" {
		ts.Fatalf("(-%s +%s)\n%s", file, stream, diff)
	}
}

// A watcher is told of what happens while it watches, and an interrupt is how
// watching ends.
func TestWatchTellsAsItHappens(t *testing.T) {
	server, err := nats.StartServer(t.Context(), nats.ServerOptions{StoreDir: filepath.Join(t.TempDir(), "nats")})
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
	if err := nats.EnsureAlertStream(t.Context(), nc, 0); err != nil {
		t.Fatal(err)
	}
	var watchers []*watcher
	for _, w := range []*watcher{
		{want: []string{
			`^\S+Z  000000cd  warning    -         Else                              active$`,
			`^\S+Z  000000ab  critical   email     NotificationChannelDown           active$`,
		}},
		{flags: []string{"--alert=notificationchanneldown"}, want: []string{`NotificationChannelDown`}},
		{flags: []string{"--json", "--alert=000000ab"}, want: []string{`^{"transition":"active","at":".*"fingerprint":"000000ab00000000".*}$`}},
	} {
		w.begin(t, server.URL())
		watchers = append(watchers, w)
	}
	j, err := history.OpenJournal(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	err = j.Write(t.Context(), func(b *history.Book) ([]history.Record, error) {
		start := time.Now().Add(-time.Minute)
		return b.ReconcilePoll(time.Now(), []history.Observation{
			{Fingerprint: "000000cd00000000", StartsAt: start, State: history.Active, Labels: map[string]string{"alertname": "Else", "severity": "warning"}},
			{Fingerprint: "000000ab00000000", StartsAt: start, State: history.Active,
				Labels: map[string]string{"alertname": "NotificationChannelDown", "severity": "critical", "channel": "email"}},
		}, false, nil), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range watchers {
		for _, want := range w.want {
			if said := <-w.out; !regexp.MustCompile(want).MatchString(said) {
				t.Errorf("with %q it told %q, want %q", w.flags, said, want)
			}
		}
		w.interrupt()
		if code := <-w.done; code != 0 {
			t.Errorf("with %q the exit code is %d", w.flags, code)
		}
	}
}

// watcher is a belfry alerts watch that runs.
type watcher struct {
	flags     []string
	want      []string
	out       lines
	interrupt func()
	done      chan int
}

// begin returns when it watches.
func (w *watcher) begin(t *testing.T, server string) {
	t.Helper()
	var complaints lines
	w.out, complaints, w.done = make(lines, 10), make(lines, 10), make(chan int, 1)
	ctx, interrupt := context.WithCancel(t.Context())
	w.interrupt = interrupt
	args := append([]string{"alerts", "watch", "--nats.url=" + server}, w.flags...)
	go func() { w.done <- run(ctx, args, &process{stdout: w.out, stderr: complaints, getenv: os.Getenv}) }()
	if said := <-complaints; said != "0 alerts are active; following what happens to alerts, interrupt to stop" {
		t.Fatalf("it said %q", said)
	}
}

// lines are what a program prints.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l <- strings.TrimSuffix(line, "\n")
	}
	return len(p), nil
}
