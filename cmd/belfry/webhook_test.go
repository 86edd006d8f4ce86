package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"gopkg.in/yaml.v3"

	"belfry/deploy/stack"
)

// The webhook is open to others only while the web configuration asks who they are, which
// may change while the daemon runs.
func TestTheWebhookFollowsTheWebConfiguration(t *testing.T) {
	dir := t.TempDir()
	file, token := filepath.Join(dir, "web.yml"), ""
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("basic_auth_users: {ana: x}\n")
	s := &alertsService{web: &web.FlagConfig{WebConfigFile: &file}, tokenFile: &token}
	g, err := s.guard()
	if err != nil || !g.Open() {
		t.Fatalf("with users: %v", err)
	}
	write("{}\n")
	if g.Open() {
		t.Error("the users are gone, and it is open")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if g.Open() {
		t.Error("the file is gone, and it is open")
	}
	if _, err := s.guard(); err == nil {
		t.Error("it starts without the file")
	}
	write("basic_auth_users: {ana: x}\n")
	token = filepath.Join(dir, "token")
	if _, err := s.guard(); err == nil || !strings.Contains(err.Error(), "not both") {
		t.Errorf("a token and passwords: %v", err)
	}
	write("tls_server_config: {client_auth_type: RequireAndVerifyClientCert}\n")
	if _, err := s.guard(); err != nil {
		t.Errorf("a token and certificates: %v", err)
	}
}

// webhookRules is what deploy/README.md says to write.
const webhookRules = `receivers:
  digest:
    webhook: [{url: "%s/webhook", token_file: %s}]
`

// What belfry renders lets an Alertmanager elsewhere call the webhook: it sends the token
// that belfry alerts serve asks for.
func TestAlertmanagerSendsTheToken(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	am := startEmptyAlertmanager(t, dir)
	d := startDaemon(t, "alerts", "serve", "--nats.url="+natsStore(t), "--alertmanager.url="+am.URL,
		"--webhook.token-file="+token, "--poll.interval=1h")
	d.await("the first poll", func() bool { status, _ := d.ask("GET", "/-/ready"); return status == http.StatusOK })
	am.reload(t, renderedReceiver(t, dir, fmt.Sprintf(webhookRules, d.url, token)))
	am.fire(t)
	d.await("the alert, of which only the webhook tells", func() bool {
		_, page := d.ask("GET", "/")
		return strings.Contains(page, "Firing: 1")
	})
	response, err := http.Post(d.url+"/webhook", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: status %d", response.StatusCode)
	}
}

// renderedReceiver returns the configuration of the receiver digest that belfry rules
// render writes for a rules file.
func renderedReceiver(t *testing.T, dir, rules string) any {
	t.Helper()
	file, out := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "belfry", "rules", "render", "--rules="+file, "--out="+out).
		CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var config struct{ Receivers []map[string]any }
	if text, err = os.ReadFile(filepath.Join(out, "alertmanager", "alertmanager.yml")); err == nil {
		err = yaml.Unmarshal(text, &config)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range config.Receivers {
		if r["name"] == "digest" {
			return r
		}
	}
	t.Fatalf("no receiver digest in\n%s", text)
	return nil
}

// ownAlertmanager is an Alertmanager whose configuration the test writes.
type ownAlertmanager struct {
	*stack.Server
	config string
}

func startEmptyAlertmanager(t *testing.T, dir string) *ownAlertmanager {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", io.Discard, stack.Alertmanager)
	if err != nil {
		t.Fatal(err)
	}
	o := stack.Options{
		Binary: programs[stack.Alertmanager], ConfigFile: filepath.Join(dir, "alertmanager.yml"),
		DataDir: filepath.Join(dir, "alertmanager"), LogFile: filepath.Join(dir, "alertmanager.log"),
	}
	if o.Port, err = stack.FreePort(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.ConfigFile, []byte("route: {receiver: a}\nreceivers: [{name: a}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := stack.StartAlertmanager(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &ownAlertmanager{server, o.ConfigFile}
}

// reload routes everything to one receiver, at once.
func (a *ownAlertmanager) reload(t *testing.T, receiver any) {
	t.Helper()
	text, err := yaml.Marshal(map[string]any{
		"route": map[string]any{"receiver": "digest", "group_wait": "0s"}, "receivers": []any{receiver},
	})
	if err == nil {
		err = os.WriteFile(a.config, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.post(t, "/-/reload", nil)
}

// fire sends an alert, as Prometheus does.
func (a *ownAlertmanager) fire(t *testing.T) {
	t.Helper()
	now := time.Now()
	a.post(t, "/api/v2/alerts", []map[string]any{{
		"labels":   map[string]string{"alertname": "NotificationChannelDown", "severity": "critical"},
		"startsAt": now, "endsAt": now.Add(time.Hour),
	}})
}

func (a *ownAlertmanager) post(t *testing.T, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(a.URL+path, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, response.Status)
	}
}
