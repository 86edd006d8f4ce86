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
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"belfry/alertmanager/history"
	"belfry/deploy/stack"
	"belfry/nats"
	"belfry/rules"
)

// The stories in testdata/alerts run the subcommands of alerts against a real
// NATS server and a real Alertmanager. Beside the commands of TestStories they
// have
//
//	alertmanager            starts an Alertmanager that notifies nobody, at $ALERTMANAGER
//	port NAME               sets $NAME to a free port
//	fire MINUTES LABEL=V…   sends an alert that has fired for N minutes
//	resolve MINUTES LABEL=… sends that it is resolved
//	until REGEXP ARG…       runs belfry until its stdout matches
//	ask URL [REGEXP]        prints the response of an HTTP server, once it matches
//	said FILE               compares the last stdout with the file, times and ids replaced
//	printed FILE LABEL=V…   writes the command that the page about an unacknowledged alert prints
//	complained FILE         compares the last stderr
func TestAlertStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/alerts",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"platform":     startPlatform,
			"publish":      onPlatform((*platform).publish),
			"alertmanager": startStoryAlertmanager,
			"port":         freePort,
			"fire":         func(ts *testscript.TestScript, _ bool, args []string) { postAlert(ts, args, time.Hour) },
			"resolve":      func(ts *testscript.TestScript, _ bool, args []string) { postAlert(ts, args, 0) },
			"until":        until,
			"ask":          ask,
			"printed":      writePrinted,
			"said":         compareTo("stdout"),
			"complained":   compareTo("stderr"),
		},
		Setup: func(env *testscript.Env) error {
			env.Values[platformKey{}] = &platform{}
			env.Setenv("USER", "ana")
			return nil
		},
	})
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

// postAlert sends an alert to Alertmanager, as Prometheus does. Alertmanager merges
// the end of an alert with its beginning.
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

// until runs belfry until its output, which depends on other processes, matches.
func until(ts *testscript.TestScript, _ bool, args []string) {
	var failed error
	retry(ts, args[0], func() string {
		failed = ts.Exec("belfry", args[1:]...)
		if failed != nil {
			return ts.ReadFile("stderr")
		}
		return ts.ReadFile("stdout")
	}, func() bool { return failed == nil })
}

// ask sends requests to a server until the response matches, if a pattern is given.
func ask(ts *testscript.TestScript, _ bool, args []string) {
	wanted := ""
	if len(args) > 1 {
		wanted = args[1]
	}
	answer := retry(ts, wanted, func() string {
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

// writePrinted writes the command between backticks in the description of the page, as
// Prometheus expands it for the labels, into a script.
func writePrinted(ts *testscript.TestScript, _ bool, args []string) {
	labels := map[string]string{}
	for _, pair := range args[1:] {
		name, value, _ := strings.Cut(pair, "=")
		labels[name] = value
	}
	functions := template.FuncMap{"reReplaceAll": func(pattern, with, text string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(text, with)
	}}
	page, err := template.New("").Funcs(functions).Option("missingkey=zero").
		Parse("{{ $labels := . }}" + rules.AlertUnacknowledged.Description)
	ts.Check(err)
	var b strings.Builder
	ts.Check(page.Execute(&b, labels))
	command := regexp.MustCompile("(?s)`(belfry .*)`").FindStringSubmatch(b.String())
	if command == nil {
		ts.Fatalf("the page prints no command: %s", b.String())
	}
	script := strings.ReplaceAll(command[1], "<servers>", " --nats.url=$NATS") + "\n"
	ts.Check(writeFile(ts.MkAbs(args[0]), []byte(script)))
}

// retry calls do until its outcome is good and matches.
func retry(ts *testscript.TestScript, pattern string, do func() string, good func() bool) string {
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

var minutesAndSeconds = regexp.MustCompile(`\b\d+m(\d+s)?\b`)

// compareTo returns the command that compares an output with a file.
func compareTo(stream string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) { compareOutput(ts, stream, args[0]) }
}

func compareOutput(ts *testscript.TestScript, stream, file string) {
	got := silenceID.ReplaceAllString(absoluteTime.ReplaceAllString(ts.ReadFile(stream), "TIME"), "SILENCE")
	got = minutesAndSeconds.ReplaceAllString(got, "MINUTES")
	if diff := cmp.Diff(ts.ReadFile(file), got); diff != "" {
		ts.Fatalf("(-%s +%s)\n%s", file, stream, diff)
	}
}

// watch prints records as they are written, and ends without an error when
// interrupted.
func TestWatch(t *testing.T) {
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
	if err := nats.EnsureAlertStream(t.Context(), nc, nats.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	var watchers []*watcher
	for _, w := range []*watcher{
		{want: []string{
			`^\S+Z  000000cd  warning    Else                              -                               active$`,
			`^\S+Z  000000ab  critical   NotificationChannelDown           channel=email                   active$`,
		}},
		{flags: []string{"--alert=notificationchanneldown"}, want: []string{`NotificationChannelDown`}},
		{flags: []string{"--json", "--alert=000000ab"},
			want: []string{`^{"transition":"active","at":".*"fingerprint":"000000ab00000000".*}$`}},
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
			{Fingerprint: "000000cd00000000", StartsAt: start, State: history.Active,
				Labels: map[string]string{"alertname": "Else", "severity": "warning"}},
			{Fingerprint: "000000ab00000000", StartsAt: start, State: history.Active,
				Labels: map[string]string{
					"alertname": "NotificationChannelDown", "severity": "critical", "channel": "email",
				}},
		}, false, nil, nil), nil
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

// The history is in the order in which it happened, not in that in which it became known.
func TestHistoryIsInOrder(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, time.March, 2, 3, minute, 0, 0, time.UTC) }
	record := func(transition history.Transition, minute int) *history.Record {
		return &history.Record{Transition: transition, At: at(minute), Fingerprint: "000000ab00000000"}
	}
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		q := &historyQuery{asJSON: asJSON}
		err := q.print(&out, []*history.Record{
			record(history.Active, 0), record(history.Acknowledged, 9),
			record(history.Resolved, 7), record(history.Active, 8),
		})
		if err != nil {
			t.Fatal(err)
		}
		times := regexp.MustCompile(`03:0\d:00Z`).FindAllString(out.String(), -1)
		if !slices.IsSorted(times) || len(times) < 4 {
			t.Errorf("JSON %t: the times are %s\n%s", asJSON, times, out.String())
		}
	}
}

// watcher runs belfry alerts watch.
type watcher struct {
	flags     []string
	want      []string
	out       lines
	interrupt func()
	done      chan int
}

// begin returns once it watches.
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

// lines receives what a program prints, line by line.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l <- strings.TrimSuffix(line, "\n")
	}
	return len(p), nil
}
