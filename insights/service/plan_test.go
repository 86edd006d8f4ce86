package service

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
	"belfry/insights/query"
)

// planned returns a file of plans: of an experiment that runs, with a target effect, and
// of one that does not.
func planned(target string) string {
	return fmt.Sprintf(`experiments:
  - {name: x, control: a, split: {a: 0.5, b: 0.5}, started: 2026-11-29, primary: open, target_effect: %s}
  - {name: later, control: a, split: {a: 0.5, b: 0.5}, started: 2026-12-01, primary: open}
`, target)
}

// The plan of an experiment that runs is remembered in Prometheus, so that a restart with
// another plan is noticed. That plan is not remembered: undoing the change helps.
func TestPlanRemembered(t *testing.T) {
	write := func(target string) string { return writeFile(t, "experiments.yaml", planned(target)) }
	server := newFake(t, replyNothing)
	first := serve(t, Options{Prometheus: server.URL, Experiments: write("0.01")})
	started := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC).Unix()
	line := regexp.MustCompile(catalog.ExperimentPlan.Name + `\{experiment="x",plan="(\w+)"\} (\S+)\n`)
	found := line.FindStringSubmatch(first.scraped(t))
	if found == nil || !sameNumber(found[2], started) ||
		strings.Contains(first.scraped(t), catalog.ExperimentPlan.Name+`{experiment="later"`) {
		t.Fatalf("the plan is shown as %q, its start is %d", found, started)
	}
	server.respond = func(w http.ResponseWriter, r *http.Request, promQL string) {
		if strings.Contains(promQL, catalog.ExperimentPlan.Name) {
			respondWith(w, "vector",
				fmt.Sprintf(`[{"metric":{"plan":%q},"value":[%d,"%d"]}]`, found[1], noon.Unix(), started))
			return
		}
		replyNothing(w, r, promQL)
	}
	same := serve(t, Options{Prometheus: server.URL, Experiments: write("0.01")})
	changed := serve(t, Options{Prometheus: server.URL, Experiments: write("0.02")})
	if !line.MatchString(same.scraped(t)) {
		t.Error("the same plan is not shown after a restart")
	}
	if line.MatchString(changed.scraped(t)) {
		t.Error("the changed plan is shown")
	}
}

// sameNumber reports whether the text of a sample is the number.
func sameNumber(text string, n int64) bool {
	var value float64
	_, err := fmt.Sscan(text, &value)
	return err == nil && value == float64(n)
}

// A change of the plan of an experiment that runs is refused, as is a file with a mistake.
// The plan before stays in force, and the log, the pages, the health and the metrics say so
// until a file is accepted.
func TestPlanRefused(t *testing.T) {
	file := writeFile(t, "experiments.yaml", planned("0.01"))
	var log bytes.Buffer
	s := serve(t, Options{Prometheus: newFake(t, replyNothing).URL, Experiments: file,
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	before := s.plansShown(t)
	for text, reason := range map[string]string{
		planned("0.02"): `experiment \"x\": the plan changed after the start on 2026-11-29T00:00:00Z (target_effect): ` +
			"undo the change, or set a new start",
		planned("much"): "experiments.yaml:2:",
	} {
		log.Reset()
		s.reloads(t, file, text, http.StatusBadRequest)
		s.Refresh(t.Context())
		if after := s.plansShown(t); after != before {
			t.Errorf("the plans in force are %s, want %s", after, before)
		}
		s.answers(t, "/api/v1/experiments", http.StatusOK, query.NoData)
		for path, shown := range map[string]string{
			"/api/v1/health": string(body(t, s.get(t, "/api/v1/health"))),
			"/":              escaped(body(t, s.get(t, "/"))),
			"/status":        escaped(body(t, s.get(t, "/status"))),
			"the log":        log.String(),
		} {
			if !strings.Contains(shown, reason) ||
				!strings.Contains(strings.ToLower(shown), notReloaded) {
				t.Errorf("%s does not say %s", path, reason)
			}
		}
		s.reloadShown(t, 0)
	}
	s.reloads(t, file, planned("0.01"), http.StatusOK)
	s.reloadShown(t, 1)
	if text := string(body(t, s.get(t, "/"))); strings.Contains(text, "not reloaded") {
		t.Error("the page still says that the plans were not reloaded")
	}
}

// reloads writes the file of plans, and asks the service to read it.
func (s *Service) reloads(t *testing.T, file, text string, status int) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := s.request(t, http.MethodPost, "/-/reload"); r.StatusCode != status {
		t.Errorf("reload: %s, want %d\n%s", r.Status, status, body(t, r))
	}
}

// plansShown returns the fingerprints of the plans by which the API judges.
func (s *Service) plansShown(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`"plan":"\w+"`).FindAllString(string(body(t, s.get(t, "/api/v1/experiments"))), -1)
	if len(found) != 2 {
		t.Fatalf("%d plans are shown, want 2", len(found))
	}
	return strings.Join(found, " ")
}

// reloadShown checks the metric of the last reload.
func (s *Service) reloadShown(t *testing.T, want int) {
	t.Helper()
	if line := fmt.Sprintf("\n%s %d\n", catalog.ConfigReloadOK.Name, want); !strings.Contains(s.scraped(t), line) {
		t.Errorf("metrics lack %q", line)
	}
}

// escaped returns HTML with quotation marks as JSON writes them.
func escaped(page []byte) string {
	return strings.ReplaceAll(html.UnescapeString(string(page)), `"`, `\"`)
}
