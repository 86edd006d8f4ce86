package exporter_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"belfry/deploy/stack"
	"belfry/exporter/catalog"
	"belfry/exporter/truth"
)

// Some faults end the process or need two processes. They are tested with the
// program itself.

var programDir string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programDir, err = os.MkdirTemp("", "belfry-exporter-test-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(programDir)
		code := m.Run()
		if missing := unproven(); code == 0 && len(missing) > 0 {
			fmt.Fprintf(os.Stderr, "no test has proven these kinds of faults:\n%s\n", strings.Join(missing, "\n"))
			return 1
		}
		return code
	}())
}

// buildProgram builds belfry-exporter once.
var buildProgram = sync.OnceValues(func() (string, error) {
	return stack.BuildOwn(context.Background(), programDir, "belfry-exporter")
})

// program holds a running belfry-exporter.
type program struct {
	in     *installation
	t      *testing.T
	log    *journal
	url    string
	exited chan struct{}
	err    error // how it ended, once exited is closed
	cmd    *exec.Cmd
}

// start runs belfry-exporter on the installation's state, with flags in addition to
// the usual ones, or instead of those of the same names.
func (in *installation) start(flags ...string) *program {
	in.t.Helper()
	path, err := buildProgram()
	if err != nil {
		in.t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		in.t.Fatal(err)
	}
	dir := in.t.TempDir()
	config, key := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "user.key")
	text := fmt.Sprintf("partitions: %d\nstream: {max_bytes: 64MiB}\n", in.config.Partitions)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		in.t.Fatal(err)
	}
	if err := os.WriteFile(key, testKey, 0o600); err != nil {
		in.t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	p := &program{in: in, t: in.t, log: &journal{}, url: "http://" + address, exited: make(chan struct{})}
	for _, usual := range []string{
		"--config.file=" + config, "--state.dir=" + in.state, "--user-key-file=" + key, "--hold=0",
		"--web.listen-address=" + address, "--nats.url=" + in.server.URL(),
	} {
		name, _, _ := strings.Cut(usual, "=")
		if !slices.ContainsFunc(flags, func(flag string) bool { return strings.HasPrefix(flag, name+"=") }) {
			flags = append(flags, usual)
		}
	}
	p.cmd = exec.Command(path, flags...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	in.t.Cleanup(p.stop)
	return p
}

// stop interrupts the program and waits until it has exited.
func (p *program) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have ended already
	<-p.exited
}

// has returns a condition: the log of the program has a line with all the
// parts.
func (p *program) has(parts ...string) func() bool {
	return func() bool { return p.log.has(parts...) }
}

// awaitExit waits for the program to exit by itself, with an error.
func (p *program) awaitExit() {
	p.t.Helper()
	await(p.t, "the exporter to exit", func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	if p.err == nil {
		p.t.Error("it exited with code 0")
	}
}

// get returns the response to a request, or status 0 if there is none.
func (p *program) get(path string) (status int, body string) {
	response, err := http.Get(p.url + path)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(text)
}

// value returns the sum of the series of a family whose labels include the
// pairs. ok is false if no such series is shown.
func (p *program) value(m catalog.Metric, pairs ...string) (sum float64, ok bool) {
	_, body := p.get("/metrics")
	families, err := truth.ReadExposition(strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == m.Desc().Name {
			return sumOf(f, pairs)
		}
	}
	return 0, false
}

func sumOf(f *dto.MetricFamily, pairs []string) (sum float64, ok bool) {
	for _, s := range f.Metric {
		if contains(s.Label, pairs) {
			sum, ok = sum+s.Counter.GetValue()+s.Gauge.GetValue()+float64(s.Histogram.GetSampleCount()), true
		}
	}
	return sum, ok
}

// shows returns a condition: the family has the value.
func (p *program) shows(want float64, m catalog.Metric, pairs ...string) func() bool {
	return func() bool {
		got, ok := p.value(m, pairs...)
		return ok && got == want
	}
}
