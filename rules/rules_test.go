package rules

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
	"belfry/rules/settings"
)

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
	for _, path := range glob(t, "notification-*.yaml") {
		if want["rules/"+path] == nil {
			t.Errorf("rules/%s is left over: no group is written there", path)
		}
	}
}

func TestGenerationIsStable(t *testing.T) {
	first, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Files()
		if err != nil {
			t.Fatal(err)
		}
		for path := range first {
			if !bytes.Equal(first[path], again[path]) {
				t.Fatalf("%s differs from one generation to the next", path)
			}
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	once := func(name string) {
		if seen[name] {
			t.Errorf("%s occurs twice", name)
		}
		seen[name] = true
	}
	for _, r := range Recorded() {
		once(r.Name)
	}
	for _, a := range Alerts() {
		once(fmt.Sprint(a.Name, " ", a.Severity)) // one name may have several
	}
}

// Rules of a group are evaluated in order: one that read a series of its own
// group that is recorded further down would see the value of the last interval. The
// band is meant to see the drift of the last intervals, which depends on the band. Figures
// grow older than in the last interval.
func TestGroupsRecordBeforeTheyRead(t *testing.T) {
	meant := map[string]bool{
		VolumeSeason.Drift.Name: true, EngagementSeason.Drift.Name: true, FiguresAge.Name: true,
	}
	for _, g := range shipped().groups {
		later := map[string]bool{}
		for _, r := range g.records {
			later[r.Name] = true
		}
		for _, r := range g.records {
			for _, name := range series(t, r.Definition.String()) {
				if later[name] && !meant[name] {
					t.Errorf("group %s: %s reads %s, which is recorded after it", g.name, r.Name, name)
				}
			}
			delete(later, r.Name)
		}
	}
}

// Whatever a rule or a runbook reads exists.
func TestEverySeriesIsKnown(t *testing.T) {
	known := map[string]bool{"up": true, "ALERTS": true, "ALERTS_FOR_STATE": true, "scrape_duration_seconds": true,
		expr.RuleEvaluationFailures.Name: true, expr.RuleIterationsMissed.Name: true}
	for _, r := range Recorded() {
		known[r.Name] = true
	}
	for _, f := range catalog.All {
		switch f.Kind {
		case catalog.KindHistogram:
			known[f.Name+"_bucket"] = true
			fallthrough
		case catalog.KindSummary:
			known[f.Name+"_sum"], known[f.Name+"_count"] = true, true
		default:
			known[f.Name] = true
		}
	}
	check := func(where, promQL string) {
		for _, name := range series(t, promQL) {
			if !known[name] {
				t.Errorf("%s reads %s, which nothing writes:\n%s", where, name, promQL)
			}
		}
	}
	for _, r := range Recorded() {
		check(r.Name, r.Definition.String())
	}
	for _, a := range Alerts() {
		check(a.Name, a.Expr.String())
	}
	for _, path := range glob(t, "runbooks/*.md") {
		queries := regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(read(t, path), -1)
		if len(queries) == 0 {
			t.Errorf("%s has no query to look at first", path)
		}
		for _, q := range queries {
			check(path, q[1])
		}
	}
}

func TestAlertsAreComplete(t *testing.T) {
	ids := map[int]string{}
	for _, a := range Alerts() {
		t.Run(a.Name, func(t *testing.T) {
			if err := a.Expr.Err(); err != nil {
				t.Error(err)
			}
			if !catalog.LabelSeverity.Known(string(a.Severity)) {
				t.Errorf("severity %q", a.Severity)
			}
			if !strings.HasPrefix(a.Name, "Notification") || a.Team == "" || a.Summary == "" || a.Description == "" {
				t.Errorf("name, team, summary or description is missing: %+v", a)
			}
			id := PanelID(a.Dashboard, a.Panel)
			if id <= 0 || id != int(int32(id)) {
				t.Errorf("panel id %d does not fit Grafana's", id)
			}
			if other, taken := ids[id]; taken && other != a.Panel {
				t.Errorf("panels %s and %s have the same id", a.Panel, other)
			}
			ids[id] = a.Panel
			if a.Severity == settings.Critical &&
				(a.DetectsWithin == 0 || a.Value.Err() != nil || a.KeepFiringFor == 0) {
				t.Error("a page needs a bound on its detection, a value to draw and a time it outlives its condition")
			}
			for _, l := range []*catalog.Label{catalog.LabelChannel, catalog.LabelProvider} {
				if slices.Contains(a.Expr.Labels(), l) && !strings.Contains(a.Summary, "$labels."+l.Name) {
					t.Errorf("the summary does not name the %s", l.Name)
				}
			}
		})
	}
}

// The recorded series keep what a user's own scrape configuration adds.
func TestRecordedSeriesKeepTheUsersLabels(t *testing.T) {
	for _, r := range Recorded() {
		if grouped := expr.Sum(r).By(expr.Job); grouped.Err() != nil {
			t.Errorf("%s lost the target's labels: %v", r.Name, grouped.Err())
		}
	}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	var alerts, runbooks []string
	for _, a := range Alerts() {
		alerts = append(alerts, "runbooks/"+a.Name+".md")
	}
	for _, path := range glob(t, "runbooks/*") {
		runbooks = append(runbooks, path)
		text := read(t, path)
		title := "# " + strings.TrimSuffix(filepath.Base(path), ".md")
		for _, heading := range []string{title, "## Meaning", "## Impact", "## First look", "## Likely causes",
			"## Fix", "## Escalate"} {
			if !slices.Contains(strings.Split(text, "\n"), heading) {
				t.Errorf("%s has no heading %q", path, heading)
			}
		}
	}
	slices.Sort(alerts)
	alerts = slices.Compact(alerts) // those of one name share a runbook
	if diff := cmp.Diff(alerts, runbooks); diff != "" {
		t.Errorf("alerts and runbooks differ (-alerts +runbooks):\n%s", diff)
	}
}

// series lists the series that a query reads.
func series(t *testing.T, promQL string) []string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(promQL)
	if err != nil {
		t.Fatalf("parse %s: %v", promQL, err)
	}
	var names []string
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			names = append(names, s.Name)
		}
		return nil
	})
	return names
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whatever pages says what to do first, in one line.
func TestWhatPagesSaysWhatToDoFirst(t *testing.T) {
	for _, a := range Alerts() {
		pages := a.Severity == settings.Critical || a.Severity == settings.Emergency
		switch {
		case pages && a.First == "":
			t.Errorf("%s, %s, does not say what to do first", a.Name, a.Severity)
		case len(a.First) > 180 || strings.Contains(a.First, "\n"):
			t.Errorf("%s takes more than a line: %q", a.Name, a.First)
		}
	}
}
