package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary act as a server with a given behavior, or as the
// parent of one.
func TestMain(m *testing.M) {
	if temper := os.Getenv("STACK_TEST_TEMPER"); temper != "" {
		os.Exit(play(temper))
	}
	if os.Getenv("STACK_TEST_PARENT") != "" {
		os.Exit(playParent())
	}
	os.Exit(m.Run())
}

func play(temper string) int {
	fmt.Println("a", temper, "server starts")
	switch temper {
	case "short-lived":
		fmt.Println("the disk has no room for me")
		return 3
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	}
	http.HandleFunc("/-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if temper == "shy" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	if err := http.ListenAndServe(os.Getenv("STACK_TEST_ADDRESS"), nil); err != nil {
		fmt.Println(err)
	}
	return 1
}

// playParent starts a server and waits to be killed.
func playParent() int {
	port, err := strconv.Atoi(os.Getenv("STACK_TEST_PORT"))
	if err != nil {
		return 1
	}
	_, err = Start(context.Background(), Command{
		Name: "child", Binary: os.Args[0], Port: port, ReadyPath: "/-/ready", LogFile: os.DevNull,
		Env: []string{"STACK_TEST_TEMPER=placid", "STACK_TEST_ADDRESS=" + address(port)},
	})
	fmt.Println(err)
	select {}
}

// actor returns a server that the test binary plays.
func actor(t *testing.T, temper string) Command {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	return Command{
		Name: temper, Binary: binary, Port: port, ReadyPath: "/-/ready",
		Env:     []string{"STACK_TEST_TEMPER=" + temper, "STACK_TEST_ADDRESS=" + address(port)},
		LogFile: filepath.Join(t.TempDir(), "log"),
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestServerRunsUntilStopped(t *testing.T) {
	s, err := Start(t.Context(), actor(t, "placid"))
	if err != nil {
		t.Fatal(err)
	}
	if !answers(t.Context(), s.URL+"/-/ready") {
		t.Error("it was said to be ready and is not")
	}
	select {
	case <-s.exited:
		t.Error("it exited early")
	default:
	}
	if err := errors.Join(s.Stop(), s.Stop()); err != nil {
		t.Error(err)
	}
	<-s.exited
	if answers(t.Context(), s.URL+"/-/ready") {
		t.Error("it answers after it was stopped")
	}
}

func TestServerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, actor(t, "placid"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.exited
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestServerThatWillNotStopIsKilled(t *testing.T) {
	set(t, &stopWithin, 50*time.Millisecond)
	s, err := Start(t.Context(), actor(t, "stubborn"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Stop()
	want := "stubborn: it did not stop within 50ms and was killed; the end of " + s.logFile +
		":\n    a stubborn server starts"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestStartErrors(t *testing.T) {
	set(t, &readyWithin, 300*time.Millisecond)

	t.Run("it exits", func(t *testing.T) {
		c := actor(t, "short-lived")
		_, err := Start(t.Context(), c)
		wantError(t, err, "start short-lived: it exited before it was ready\n"+
			"short-lived: exit status 3; the end of "+c.LogFile+
			":\n    a short-lived server starts\n    the disk has no room for me")
	})
	t.Run("it never gets ready", func(t *testing.T) {
		c := actor(t, "shy")
		_, err := Start(t.Context(), c)
		wantError(t, err, "start shy: wait until it is ready: it was not ready after 300ms; see "+c.LogFile)
	})
	t.Run("the caller gives up", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("enough"))
		_, err := Start(ctx, actor(t, "placid"))
		if err == nil || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it to be %v", err, context.Canceled)
		}
	})
	t.Run("the port is taken", func(t *testing.T) {
		c := actor(t, "placid")
		listener, err := net.Listen("tcp", address(c.Port))
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, err = Start(t.Context(), c)
		wantError(t, err, fmt.Sprintf("start placid: another program listens on %s: stop it, or choose another port "+
			"(listen tcp %[1]s: bind: address already in use)", address(c.Port)))
	})
	t.Run("there is no such program", func(t *testing.T) {
		c := actor(t, "placid")
		c.Binary = filepath.Join(t.TempDir(), "nowhere")
		_, err := Start(t.Context(), c)
		wantError(t, err, "start placid: fork/exec "+c.Binary+": no such file or directory")
	})
	t.Run("its log cannot be written", func(t *testing.T) {
		c := actor(t, "placid")
		c.LogFile = filepath.Join(t.TempDir(), "no", "such", "folder")
		_, err := Start(t.Context(), c)
		wantError(t, err, "start placid: create its log: open "+c.LogFile+": no such file or directory")
	})
}

// The real servers, as the demo runs them.
func TestRealServers(t *testing.T) {
	programs, err := Ensure(t.Context(), "", t.Output(), Prometheus, Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const prometheusConfig = "scrape_configs: [{job_name: none, static_configs: []}]\n"
	const alertmanagerConfig = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
	options := func(program Program, config string) Options {
		file := filepath.Join(dir, string(program)+".yml")
		write(t, file, config)
		return Options{
			Binary: programs[program], ConfigFile: file, Port: freePort(t),
			DataDir: filepath.Join(dir, string(program)), LogFile: filepath.Join(dir, string(program)+".log"),
		}
	}

	prometheus, err := StartPrometheus(t.Context(), options(Prometheus, prometheusConfig))
	if err != nil {
		t.Fatal(err)
	}
	alertmanager, err := StartAlertmanager(t.Context(), options(Alertmanager, alertmanagerConfig))
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{prometheus.URL + "/api/v1/query?query=1", alertmanager.URL + "/api/v2/status"} {
		if !answers(t.Context(), url) {
			t.Errorf("%s does not answer", url)
		}
	}
	if err := errors.Join(prometheus.Stop(), alertmanager.Stop()); err != nil {
		t.Error(err)
	}

	_, err = StartPrometheus(t.Context(), options(Prometheus, "scrape_config: []\n"))
	if err == nil || !strings.Contains(err.Error(), "field scrape_config not found") {
		t.Errorf("a misspelt config: got %v, want the server's own words", err)
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func set[T any](t *testing.T, variable *T, value T) {
	before := *variable
	*variable = value
	t.Cleanup(func() { *variable = before })
}
