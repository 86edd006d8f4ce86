package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// secret is a password in addresses and files. No program shows it.
const secret = "hunter2"

// webAddresses returns addresses with a password or a token in them: closed, open and
// refusing, and invalid.
func webAddresses(refusing string) []string {
	return []string{
		"http://ana:" + secret + "@127.0.0.1:1", "http://" + secret + "@127.0.0.1:1",
		"http://127.0.0.1:1?token=" + secret, "http://ana:" + secret + "@" + refusing,
		"http://" + secret + "@" + refusing,
		"ana:" + secret + "@127.0.0.1:9090", "htp://ana:" + secret + "@h", "http://ana:" + secret + "@ho st",
		"http://ana:" + secret + "%zz@h", "http://ana:" + secret + "/x@h", "http://ana:" + secret + "@h\u200b",
	}
}

// natsAddresses does what webAddresses does for NATS.
func natsAddresses(refusing string) []string {
	return []string{
		"nats://ana:" + secret + "@" + refusing, "nats://" + secret + "@" + refusing, "ana:" + secret + "@" + refusing,
		"nats://ana:" + secret + "@ho st", "nats://ana:" + secret + "%zz@h", "nats://ana:" + secret + "/x@h",
		"nats://ana:" + secret + "@h\u200b",
	}
}

// attempt is a command line that must fail, in a directory with a file.
type attempt struct {
	args       []string
	env        []string
	file, text string
}

// each returns an attempt for each address, which is the last argument or its value.
func each(command string, addresses []string) (all []attempt) {
	for _, address := range addresses {
		args := strings.Fields(command)
		if last := len(args) - 1; strings.HasSuffix(command, "=") {
			args[last] += address
		} else {
			args = append(args, address)
		}
		all = append(all, attempt{args: args, file: "truth.json", text: "{}"})
	}
	return all
}

// attempts returns command lines of all commands that use a server.
func attempts(refusingWeb, refusingNATS string) (all []attempt) {
	for _, command := range []string{
		"insights analytics --from=2026-01-01 --to=2026-01-02 --prometheus.url=",
		"insights recommendations --prometheus.url=", "insights experiments --prometheus.url=",
		"verify --truth=truth.json ",
	} {
		all = append(all, each(command, webAddresses(refusingWeb))...)
	}
	for _, command := range []string{ // which take longer
		"rules backtest --rule=NotificationProviderDown --prometheus.url=", "rules push --dir=. --prometheus.url=",
		"rules push --dir=. --alertmanager-dir=. --prometheus.url=http://" + refusingWeb + " --alertmanager.url=",
		"dashboards preview out --prometheus.url=",
	} {
		all = append(all, each(command, []string{"http://" + secret + "@127.0.0.1:1?token=" + secret})...)
	}
	for _, command := range []string{
		"alerts list --nats.url=", "alerts ack --for=1h --comment=x id --nats.url=", "deadletters list --nats.url=",
		"deadletters requeue id --nats.url=", "simulate --nats.url=", "alerts serve --nats.url=", "version ",
	} {
		all = append(all, each(command, natsAddresses(refusingNATS))...)
	}
	return all
}

// fileAttempts returns command lines with secrets in files and in the environment.
func fileAttempts(refusing string) (all []attempt) {
	for _, text := range []string{
		"basic_auth: hunter2", "basic_auth: {username: ana, password: [hunter2]}", "authorization: hunter2",
		"authorization: {type: Basic, credentials: hunter2}", "http_headers: hunter2", "hunter2", "- hunter2",
		"basic_auth: {username: ana, password: hunter2}", "proxy_url: http://ana:hunter2@127.0.0.1:1",
		"proxy_url: 'http://ana:hunter2@ho st'", "basic_auth: {username: ana, password: hunter2, password_file: x}",
		`basic_auth: {username: ana, password: "hunter2`,
	} {
		args := []string{
			"insights", "recommendations", "--prometheus.url=http://" + refusing, "--http.config.file=http.yml",
		}
		all = append(all, attempt{args: args, file: "http.yml", text: text})
	}
	for _, text := range []string{
		"basic_auth_users: hunter2", "basic_auth_users: {ana: [hunter2]}", "basic_auth_users: {ana: hunter2",
		"hunter2", "tls_server_config: hunter2",
	} {
		for _, daemon := range []string{"alerts", "insights"} {
			args := []string{daemon, "serve", "--web.listen-address=127.0.0.1:0", "--web.config.file=web.yml"}
			all = append(all, attempt{args: args, file: "web.yml", text: text})
		}
	}
	for _, proxy := range []string{"http://ana:hunter2@127.0.0.1:1", "http://ana:hunter2@ho st"} {
		all = append(all, attempt{
			args: []string{"insights", "recommendations", "--prometheus.url=http://prometheus.invalid"},
			env:  []string{"HTTP_PROXY=" + proxy},
		})
	}
	for _, address := range []string{"nats://ana:hunter2@ho st", "nats://ana:hunter2@h\u200b"} {
		all = append(all, attempt{args: []string{"alerts", "list"}, env: []string{"BELFRY_NATS_URL=" + address}})
	}
	return append(all, // as processes, whatever the environment is
		attempt{args: []string{"alerts", "nats://ana:hunter2@h"}, env: []string{"A=b"}},
		attempt{args: []string{"alerts", "list", "--nats.url", "nats://ana:hunter2@h\u200b"}, env: []string{"A=b"}},
		attempt{args: []string{"rules", "push", "--dir=.", "--prometheus.url=http://ana:hunter2@" + refusing},
			env: []string{"A=b"}})
}

// No command shows a password that is in an address, in a file or in the environment.
func TestNoCommandShowsACredential(t *testing.T) {
	web, locked := refusingWeb(t), refusingNATS(t)
	t.Chdir(t.TempDir())
	for _, a := range append(attempts(web, locked), fileAttempts(web)...) {
		if a.file != "" {
			if err := os.WriteFile(a.file, []byte(a.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		code, out := a.run(t)
		if code == 0 || out == "" || strings.Contains(out, secret) {
			t.Errorf("belfry %q %q %s: exit code %d\n%s", a.args, a.env, a.text, code, out)
		}
	}
}

// run returns the exit code of a command line, and what it prints. The environment is that
// of a process of its own.
func (a attempt) run(t *testing.T) (code int, out string) {
	if a.env == nil {
		var printed bytes.Buffer
		p := &process{stdin: strings.NewReader(""), stdout: &printed, stderr: &printed, getenv: os.Getenv}
		return run(t.Context(), a.args, p), printed.String()
	}
	command := exec.CommandContext(t.Context(), "belfry", a.args...)
	command.Env = append(os.Environ(), a.env...)
	text, _ := command.CombinedOutput() // the exit code says how it ended
	return command.ProcessState.ExitCode(), string(text)
}

// refusingWeb returns the address of a server that refuses everybody.
func refusingWeb(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// refusingNATS returns the address of a NATS server that wants another password.
func refusingNATS(t *testing.T) string {
	server, err := natsserver.NewServer(&natsserver.Options{
		Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoSigs: true, NoLog: true, Username: "ana", Password: "other",
	})
	if err != nil {
		t.Fatal(err)
	}
	go server.Start()
	t.Cleanup(server.Shutdown)
	if !server.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server does not start")
	}
	return server.Addr().String()
}

// No daemon shows a password of the servers that it works with, in its log, on its pages
// or in its metrics, whether they answer or not.
func TestNoDaemonShowsACredential(t *testing.T) {
	store, web := natsStore(t), refusingWeb(t)
	withPassword := func(address string) string {
		scheme, host, _ := strings.Cut(address, "://")
		return fmt.Sprintf("%s://ana:%s@%s", scheme, secret, host)
	}
	for _, c := range []struct {
		said string // in the log
		args []string
	}{
		{"does not answer", []string{"alerts", "serve", "--poll.interval=1s", "--nats.url=" + withPassword(store),
			"--alertmanager.url=" + withPassword("http://"+web),
			"--prometheus.url=" + withPassword("http://127.0.0.1:1")}},
		{"NATS does not answer", []string{"alerts", "serve", "--nats.url=" + withPassword("nats://127.0.0.1:1")}},
		{"not answered", []string{"insights", "serve", "--prometheus.url=http://" + secret + "@127.0.0.1:1"}},
		{"not answered", []string{"insights", "serve", "--prometheus.url=" + withPassword("http://"+web)}},
	} {
		d := startDaemon(t, append(c.args, "--log.level=debug")...)
		d.await(c.said, func() bool { return strings.Contains(d.log.String(), c.said) })
		for _, path := range []string{
			"/", "/status", "/-/ready", "/metrics", "/api/v1/analytics", "/api/v1/experiments", "/api/v1/anomalies",
			"/api/v1/forecasts", "/api/v1/recommendations", "/openapi.json", "/debug/pprof/cmdline",
		} {
			if _, body := d.ask("GET", path); strings.Contains(body, secret) {
				t.Errorf("belfry %q shows it at %s:\n%s", c.args, path, body)
			}
		}
		d.stop()
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("belfry %q logs it:\n%s", c.args, d.log)
		}
	}
}
