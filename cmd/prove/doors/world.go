package doors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"belfry/deploy/stack"
	"belfry/nats"
)

// world holds the servers, and the daemons that are attacked.
type world struct {
	options
	dir string
	out io.Writer

	belfry       string // file of the program
	exporter     string // file of the program belfry-exporter
	nats         *nats.Server
	programs     map[stack.Program]string
	prometheus   *stack.Server
	scraper      *stack.Server
	alertmanager *stack.Server
	daemons      []*target
}

// target is a daemon that is attacked.
type target struct {
	name    string
	address string
	server  *stack.Server
	// paths are what clients get, and posts what they send to.
	paths, posts []string
}

// firing is the alert that somebody has acknowledged. It does not end by itself.
const firing = `[{"labels":{"alertname":"NotificationChannelDown","rule":"NotificationChannelDown",` +
	`"severity":"critical","channel":"email","job":"belfry-exporter"},` +
	`"annotations":{"summary":"Channel email is down"},"startsAt":%q,"endsAt":%q}]`

// start starts everything, in the order of its dependencies, and acknowledges an alert.
func (w *world) start(ctx context.Context) (err error) {
	if w.belfry, err = stack.BuildOwn(ctx, w.dir, "belfry"); err != nil {
		return err
	}
	if w.exporter, err = stack.BuildOwn(ctx, w.dir, "belfry-exporter"); err != nil {
		return err
	}
	if w.nats, err = nats.StartServer(ctx, nats.ServerOptions{StoreDir: filepath.Join(w.dir, "nats")}); err != nil {
		return err
	}
	if err := w.startServers(ctx); err != nil {
		return err
	}
	if err := w.startDaemons(ctx); err != nil {
		return err
	}
	if err := w.fire(); err != nil {
		return err
	}
	return w.acknowledge(ctx)
}

// fire posts the alert to Alertmanager.
func (w *world) fire() error {
	now := time.Now()
	alert := fmt.Sprintf(firing, now.Add(-time.Minute).Format(time.RFC3339), now.Add(24*time.Hour).Format(time.RFC3339))
	response, err := http.Post(w.alertmanager.URL+"/api/v2/alerts", "application/json", strings.NewReader(alert))
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("post an alert: %s", response.Status)
	}
	return nil
}

// acknowledge acknowledges the alert once it is in the history, which takes less than a
// minute.
func (w *world) acknowledge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		_, err := w.run(ctx, "alerts", "ack", "NotificationChannelDown", "--for=24h", "--comment=on it", "--by=ana",
			"--nats.url="+w.nats.URL())
		if err == nil || !pause(ctx, 100*time.Millisecond) {
			return err
		}
	}
}

// startServers starts Prometheus and Alertmanager. Prometheus has no rules: only the
// answers of insights depend on it.
func (w *world) startServers(ctx context.Context) error {
	programs, err := stack.Ensure(ctx, "", w.out, stack.Prometheus, stack.Alertmanager)
	if err != nil {
		return err
	}
	w.programs = programs
	o, err := w.serverOptions("prometheus", programs[stack.Prometheus], "global: {scrape_interval: 5s}\n")
	if err != nil {
		return err
	}
	if w.prometheus, err = stack.StartPrometheus(ctx, o); err != nil {
		return err
	}
	o, err = w.serverOptions("alertmanager", programs[stack.Alertmanager],
		"route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
	if err != nil {
		return err
	}
	w.alertmanager, err = stack.StartAlertmanager(ctx, o)
	return err
}

func (w *world) startDaemons(ctx context.Context) error {
	config := filepath.Join(w.dir, "exporter.yaml")
	if err := os.WriteFile(config, []byte("stream: {max_bytes: 256MiB}\n"), 0o600); err != nil {
		return err
	}
	always := []string{"/metrics", "/", "/-/ready", "/-/healthy", "/none"}
	api := []string{
		"/status", "/openapi.json", "/api/v1/analytics", "/api/v1/experiments", "/api/v1/anomalies",
		"/api/v1/forecasts", "/api/v1/recommendations", "/api/v1/health",
	}
	for _, d := range []struct {
		target
		program string
		args    []string
	}{
		{target{name: "exporter", paths: always, posts: []string{"/-/reload", "/metrics", "/debug/pprof/profile"}},
			w.exporter, []string{
				"--config.file=" + config, "--nats.url=" + w.nats.URL(), "--state.dir=" + filepath.Join(w.dir, "state"),
				"--user-key-file=" + filepath.Join(w.dir, "user.key"), "--trust-received-at",
			}},
		{target{name: "alerts", paths: append(always, "/runbooks/", "/runbooks/NotificationChannelDown.md"),
			posts: []string{"/webhook", "/metrics", "/runbooks/"}},
			w.belfry, []string{
				"alerts", "serve", "--nats.url=" + w.nats.URL(), "--alertmanager.url=" + w.alertmanager.URL,
				"--prometheus.url=" + w.prometheus.URL, "--poll.interval=1s", "--alertmanager.settle=0s",
			}},
		{target{name: "insights", paths: append(always, api...), posts: []string{"/-/reload", "/api/v1/analytics"}},
			w.belfry, []string{"insights", "serve", "--prometheus.url=" + w.prometheus.URL}},
	} {
		port, err := stack.FreePort()
		if err != nil {
			return err
		}
		t := d.target
		t.address = fmt.Sprintf("127.0.0.1:%d", port)
		t.server, err = stack.Start(ctx, stack.Command{
			Name: t.name, Binary: d.program, Args: append(d.args, "--web.listen-address="+t.address),
			Port: port, ReadyPath: "/-/ready", LogFile: filepath.Join(w.dir, t.name+".log"),
		})
		if err != nil {
			return err
		}
		w.daemons = append(w.daemons, &t)
	}
	return nil
}

// stop stops everything that was started, and adds what went wrong to err.
func (w *world) stop(err error) error {
	for _, t := range w.daemons {
		err = errors.Join(err, t.server.Stop())
	}
	for _, server := range []*stack.Server{w.scraper, w.alertmanager, w.prometheus} {
		if server != nil {
			err = errors.Join(err, server.Stop())
		}
	}
	if w.nats != nil {
		err = errors.Join(err, w.nats.Shutdown())
	}
	return err
}

// run runs belfry and returns what it prints.
func (w *world) run(ctx context.Context, args ...string) (string, error) {
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, w.belfry, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("belfry %s: %w\n%s%s", strings.Join(args, " "), err, out.String(),
			complaints.String())
	}
	return out.String(), nil
}

// history returns the records of all alerts.
func (w *world) history(ctx context.Context) (string, error) {
	return w.run(ctx, "alerts", "history", "--json", "--nats.url="+w.nats.URL())
}

// alert returns the fingerprint and the start of the alert that fires.
func (w *world) alert(ctx context.Context) (fingerprint, startsAt string, err error) {
	records, err := w.history(ctx)
	if err != nil {
		return "", "", err
	}
	first, _, _ := strings.Cut(records, "\n")
	var r struct{ Fingerprint, StartsAt string }
	err = json.Unmarshal([]byte(first), &r)
	return r.Fingerprint, r.StartsAt, err
}
