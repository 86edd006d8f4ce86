package alertmanager

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/deploy/stack"
	"belfry/rules"
	"belfry/rules/expr"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A stale, a missing and a left-over file all fail.
func TestGeneratedFileIsFresh(t *testing.T) {
	want, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range want {
		onDisk, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Errorf("missing, run `belfry generate`: %v", err)
		} else if diff := cmp.Diff(string(content), string(onDisk)); diff != "" {
			t.Errorf("%s is stale, run `belfry generate` (-generated +on disk):\n%s", path, diff)
		}
	}
	onDisk, err := filepath.Glob("*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range onDisk {
		if want["alertmanager/"+path] == nil {
			t.Errorf("alertmanager/%s is left over: nothing generates it", path)
		}
	}
}

// Secrets are named by their files, and every such file is told to the operator.
func TestSecretsAreInFiles(t *testing.T) {
	help, body, _ := strings.Cut(render(t, Shipped()), "templates:")
	for _, key := range []string{"routing_key:", "service_key:", "api_url:", " url:", "password:", "token:"} {
		if strings.Contains(body, key) {
			t.Errorf("a secret stands in the configuration: %s", key)
		}
	}
	for _, line := range strings.Split(body, "\n") {
		if key, path, found := strings.Cut(strings.TrimSpace(line), "_file: "); found && !strings.Contains(help, path+": ") {
			t.Errorf("the header does not tell of %s_file %s", key, path)
		}
	}
}

func TestAmtoolTakesTheConfiguration(t *testing.T) {
	for name, path := range map[string]string{
		"shipped":  "alertmanager.yml",
		"webhooks": write(t, render(t, Webhooks("http://127.0.0.1:1"))),
		"silent":   write(t, render(t, Receivers{})),
	} {
		out := amtool(t, "check-config", path)
		if !strings.Contains(out, "5 receivers") || !strings.Contains(out, "1 inhibit rules") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

var receiverOf = map[rules.Severity]string{
	rules.Emergency: "pager", rules.Critical: "pager-and-chat", rules.Warning: "chat", rules.Info: "digest",
}

func TestRouting(t *testing.T) {
	routed := func(labels ...string) string {
		args := append([]string{"config", "routes", "test", "--config.file=alertmanager.yml"}, labels...)
		return strings.TrimSpace(amtool(t, args...))
	}
	for _, a := range rules.Alerts() {
		want := receiverOf[a.Severity]
		if a.Name == rules.Watchdog.Name {
			want = "watchdog"
		}
		if got := routed("alertname="+a.Name, "severity="+string(a.Severity), "team="+a.Team); got != want {
			t.Errorf("%s, which is %s, goes to %s, want %s", a.Name, a.Severity, got, want)
		}
	}
	for severity, want := range receiverOf {
		if got := routed("alertname=MyOwn", "severity="+string(severity)); got != want {
			t.Errorf("%s goes to %s, want %s", severity, got, want)
		}
	}
	for _, labels := range [][]string{{"alertname=MyOwn"}, {"alertname=MyOwn", "severity=crtical"}} {
		if got := routed(labels...); got != "chat" {
			t.Errorf("%s goes to %s, want chat, where somebody sees it", labels, got)
		}
	}
}

// Labels that both sides lack count as equal: an inhibition over a label that
// an alert does not have would silence alerts of every job.
func TestInhibitionComparesLabelsThatAlertsHave(t *testing.T) {
	for _, a := range rules.Alerts() {
		if a.Name == rules.Watchdog.Name || a.Name == rules.ExporterDown.Name {
			continue // neither is silenced
		}
		if grouped := expr.Sum(a.Expr).By(expr.Job); grouped.Err() != nil {
			t.Errorf("%s has lost the label job: %v", a.Name, grouped.Err())
		}
	}
}

func TestMessages(t *testing.T) {
	for _, data := range []string{"firing", "resolved"} {
		var b strings.Builder
		for _, name := range []string{"title", "text", "slack", "color", "runbook", "panel", "silence"} {
			out := amtool(t, "template", "render", "--template.glob=templates/*.tmpl",
				"--template.text="+template("belfry."+name), "--template.data=testdata/"+data+".json")
			fmt.Fprintf(&b, "--- %s ---\n%s\n", name, strings.TrimRight(out, "\n"))
		}
		golden := "testdata/" + data + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

func render(t *testing.T, r Receivers) string {
	t.Helper()
	rendered, err := Render(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(rendered)
}

// write puts a configuration into a file of its own.
func write(t *testing.T, config string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func amtool(t *testing.T, args ...string) string {
	t.Helper()
	programs, err := stack.Ensure(t.Context(), "", t.Output(), stack.Amtool)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), programs[stack.Amtool], args...).CombinedOutput()
	if err != nil {
		t.Fatalf("amtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
