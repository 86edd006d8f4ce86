package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"belfry/exporter/daemon"
)

// running holds a daemon that runs until its test ends.
type running struct {
	t    *testing.T
	url  string
	stop context.CancelFunc
	done chan error
}

// start runs the daemon on a free port and returns when it listens.
func start(t *testing.T, d daemon.Daemon, configFile string) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	d.Web = &web.FlagConfig{
		WebListenAddresses: &[]string{address}, WebConfigFile: &configFile, WebSystemdSocket: new(bool),
	}
	d.Log = slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	r := &running{t: t, url: "http://" + address, stop: stop, done: make(chan error, 1)}
	go func() { r.done <- d.Run(ctx) }()
	for {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return r
		}
		select {
		case err := <-r.done:
			t.Fatalf("it ended before it listened: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
}

func (r *running) get(path string) (status int, body string, err error) {
	response, err := http.Get(r.url + path)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// wait returns how the daemon ended.
func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(time.Minute):
		r.t.Fatal("it does not end")
		return nil
	}
}

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// HTTP starts before the work and stops after it, and a request in progress gets its
// response.
func TestHTTPStopsLast(t *testing.T) {
	inRequest, finish := make(chan struct{}), make(chan struct{})
	working, stopped := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(inRequest)
		<-finish
		fmt.Fprint(w, "done")
	})
	mux.HandleFunc("/quick", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "quick") })
	r := start(t, daemon.Daemon{Handler: mux, Work: func(ctx context.Context) error {
		<-ctx.Done()
		close(working)
		<-stopped
		return nil
	}}, "")
	answer := make(chan string, 1)
	go func() {
		_, body, err := r.get("/slow")
		answer <- fmt.Sprint(body, err)
	}()
	<-inRequest
	r.stop()
	<-working
	if _, body, err := r.get("/quick"); err != nil || body != "quick" {
		t.Errorf("while the work ends: %q, %v", body, err)
	}
	close(stopped)
	close(finish)
	if got := <-answer; got != "done<nil>" {
		t.Errorf("the request in progress: %s", got)
	}
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if _, _, err := r.get("/quick"); err == nil {
		t.Error("it answers after its end")
	}
}

func TestTheDaemonEndsWithItsWork(t *testing.T) {
	broken := errors.New("broken")
	for _, want := range []error{nil, broken} {
		end := make(chan error)
		r := start(t, daemon.Daemon{
			Handler: http.NotFoundHandler(), Reload: func() error { return nil },
			Work: func(context.Context) error { return <-end },
		}, "")
		end <- want
		if err := r.wait(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	first := start(t, daemon.Daemon{Handler: http.NotFoundHandler(), Work: untilDone}, "")
	d := daemon.Daemon{
		Handler: http.NotFoundHandler(), Work: untilDone, Log: slog.New(slog.DiscardHandler),
		Web: &web.FlagConfig{
			WebListenAddresses: &[]string{strings.TrimPrefix(first.url, "http://")},
			WebConfigFile:      new(string), WebSystemdSocket: new(bool),
		},
	}
	if err := d.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "serve http: listen tcp ") ||
		!strings.HasSuffix(err.Error(), "or set another address with --web.listen-address") {
		t.Errorf("got %v", err)
	}
}

func TestHangupReloads(t *testing.T) {
	reloaded := make(chan struct{})
	r := start(t, daemon.Daemon{Handler: http.NotFoundHandler(), Work: untilDone, Reload: func() error {
		reloaded <- struct{}{}
		return errors.New("as wrong as before")
	}}, "")
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := self.Signal(syscall.SIGHUP); err != nil {
			t.Skipf("no hangup on this system: %v", err)
		}
		<-reloaded
	}
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
}

func TestWebConfigEnablesBasicAuth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	text := "basic_auth_users: {alice: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, daemon.Daemon{Handler: http.NotFoundHandler(), Work: untilDone}, file)
	if status, body, err := r.get("/"); status != http.StatusUnauthorized {
		t.Errorf("without a password: status %d, %s, %v", status, body, err)
	}
}
