package alertmanager

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/alertmanager/pkg/labels"

	"belfry/deploy/stack"
	"belfry/rules"
	"belfry/rules/settings"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Stale, missing and left-over files all fail.
func TestGeneratedFilesAreFresh(t *testing.T) {
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
	templates, err := filepath.Glob("templates/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(onDisk, templates...) {
		if want["alertmanager/"+path] == nil {
			t.Errorf("alertmanager/%s is left over: nothing generates it", path)
		}
	}
}

func TestFullConfiguration(t *testing.T) {
	golden(t, "everything.yml", configuration(t, everything()))
}

// The same settings render to the same bytes, whatever the order of names in a file.
func TestConfigurationIsStable(t *testing.T) {
	want := configuration(t, everything())
	for range 20 {
		if diff := cmp.Diff(want, configuration(t, everything())); diff != "" {
			t.Fatalf("rendered twice (-first +second):\n%s", diff)
		}
	}
}

// The configuration names secrets only by their files, and the header lists each of these files.
func TestSecretsAreInFiles(t *testing.T) {
	for name, s := range map[string]*settings.Settings{"shipped": settings.Default(), "everything": everything()} {
		help, body, _ := strings.Cut(configuration(t, s), "templates:")
		for _, secretKey := range []string{
			"routing_key:", "service_key:", "api_url:", "webhook_url:", "auth_password:", "token:",
		} {
			if strings.Contains(body, secretKey) {
				t.Errorf("%s: the configuration contains a secret: %s", name, secretKey)
			}
		}
		files := 0
		for _, line := range strings.Split(body, "\n") {
			if field, path, found := strings.Cut(strings.TrimSpace(line), "_file: "); found {
				files++
				if !strings.Contains(help, path+": ") {
					t.Errorf("%s: the header does not list %s_file %s", name, field, path)
				}
			}
		}
		if files < 4 {
			t.Errorf("%s: only %d secrets are read from files", name, files)
		}
	}
}

func TestAmtoolTakesTheConfiguration(t *testing.T) {
	silent := settings.Default()
	for name := range silent.Receivers {
		silent.Receivers[name] = settings.Receiver{}
	}
	webhooks := settings.Default()
	webhooks.Receivers = Webhooks("http://127.0.0.1:1")
	for name, c := range map[string]struct {
		file  *settings.Settings
		found []string
	}{
		"shipped":    {settings.Default(), []string{"5 receivers", "9 inhibit rules", "1 templates"}},
		"webhooks":   {webhooks, []string{"5 receivers", "9 inhibit rules", "0 templates"}},
		"silent":     {silent, []string{"5 receivers", "9 inhibit rules", "0 templates"}},
		"everything": {everything(), []string{"12 receivers", "9 inhibit rules", "1 templates"}},
	} {
		out := amtool(t, "check-config", write(t, c.file, ""))
		for _, want := range c.found {
			if !strings.Contains(out, want) {
				t.Errorf("%s: amtool does not find %s:\n%s", name, want, out)
			}
		}
	}
}

func TestAddressesThatCannotBeRendered(t *testing.T) {
	for _, address := range []string{"", "grafana", "ftp://a", "https://", "https://a/?b", "http://a b"} {
		if out, err := renderSite(settings.Site{Grafana: "http://g", Alertmanager: address}); err == nil {
			t.Errorf("the address %q is taken: %s", address, out)
		}
	}
}

// Alertmanager treats labels that both sides lack as equal: an inhibition that does
// not demand its labels would inhibit unrelated alerts.
func TestInhibitionsDemandWhatTheyCompare(t *testing.T) {
	for _, rule := range inhibitions() {
		if strings.HasPrefix(rule.Name, "more-urgent") {
			continue // compares alerts of one name, which have the same labels
		}
		for side, matchers := range map[string][]*labels.Matcher{"source": parse(t, rule.SourceMatchers),
			"target": parse(t, rule.TargetMatchers)} {
			for _, label := range rule.Equal {
				if !demands(matchers, label) {
					t.Errorf("%s: the %s need not have the label %s", rule.Name, side, label)
				}
			}
		}
	}
}

func demands(matchers []*labels.Matcher, label string) bool {
	for _, m := range matchers {
		if m.Name == label && !m.Matches("") {
			return true
		}
	}
	return false
}

func TestNothingInhibitsEmergenciesAndTheWatchdog(t *testing.T) {
	for _, rule := range inhibitions() {
		matchers := labels.Matchers(parse(t, rule.TargetMatchers))
		for _, a := range rules.Alerts() {
			target := alert(a, "job", "a", "instance", "b", "channel", "email", "provider", "ses")
			if target["alertname"] != rules.Watchdog.Name {
				target["severity"] = string(settings.Emergency)
			}
			all := true
			for _, m := range matchers {
				all = all && m.Matches(target[m.Name])
			}
			if all {
				t.Errorf("%s silences %v", rule.Name, target)
			}
		}
	}
}

func parse(t *testing.T, matchers []string) []*labels.Matcher {
	t.Helper()
	var all []*labels.Matcher
	for _, m := range matchers {
		parsed, err := labels.ParseMatcher(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed)
	}
	return all
}

func configuration(t *testing.T, s *settings.Settings) string {
	t.Helper()
	rendered, err := Render(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(rendered)
}

// write renders a configuration and its templates into a new folder, with the prefix
// before the configuration.
func write(t *testing.T, s *settings.Settings, prefix string) string {
	t.Helper()
	return writeConfiguration(t, s.Site, prefix+configuration(t, s))
}

func writeConfiguration(t *testing.T, site settings.Site, config string) string {
	t.Helper()
	dir := t.TempDir()
	messages, err := renderMessages(site)
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := renderSite(site)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "alertmanager.yml")
	files := map[string]string{path: config, filepath.Join(dir, "templates", "site.tmpl"): string(addresses)}
	for name, content := range messages {
		files[filepath.Join(dir, "templates", filepath.Base(name))] = string(content)
	}
	if err := os.Mkdir(filepath.Join(dir, "templates"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
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
