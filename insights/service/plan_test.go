package service

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"belfry/exporter/catalog"
)

// The plan of an experiment that runs is remembered in Prometheus, so that a restart with
// another plan is noticed. That plan is not remembered: undoing the change helps.
func TestPlanRemembered(t *testing.T) {
	write := func(target string) string {
		file := filepath.Join(t.TempDir(), "experiments.yaml")
		if err := os.WriteFile(file, fmt.Appendf(nil, `experiments:
  - {name: x, control: a, split: {a: 0.5, b: 0.5}, started: 2026-11-29, primary: open, target_effect: %s}
  - {name: later, control: a, split: {a: 0.5, b: 0.5}, started: 2026-12-01, primary: open}
`, target), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
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
