package custom

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/dashboards-gen/panel"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// load compiles files.
func load(t *testing.T, paths ...string) (map[string][]byte, error) {
	t.Helper()
	var sources []Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, Source{path, text})
	}
	return Files(sources...)
}

// The documented example compiles to the golden file.
func TestExampleCompiles(t *testing.T) {
	files, err := load(t, "example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	content := files["grafana/dashboards/payments/payments.json"]
	if len(files) != 1 || content == nil {
		t.Fatalf("it compiles to %d files", len(files))
	}
	golden(t, filepath.Join("testdata", "example.json"), content)
}

// A custom dashboard has what the shipped ones have: it is read-only, has variables
// and a menu of the other dashboards, and its panels are complete.
func TestCustomDashboardsAreComplete(t *testing.T) {
	files, err := load(t, "example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Editable   bool
		Tags       []string
		Links      []struct{ IncludeVars, KeepTime bool }
		Templating struct{ List []struct{ Name string } }
		Panels     []struct {
			ID                       int
			Type, Title, Description string
			FieldConfig              struct {
				Defaults struct{ Unit, NoValue string }
			}
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(files["grafana/dashboards/payments/payments.json"], &d); err != nil {
		t.Fatal(err)
	}
	if d.Editable || len(d.Links) != 1 || !d.Links[0].IncludeVars || !d.Links[0].KeepTime {
		t.Errorf("the dashboard can be edited, or has no menu: %+v", d)
	}
	if diff := cmp.Diff([]string{panel.Tag, "role:payments", "role:support"}, d.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	types := map[string]bool{}
	for _, p := range d.Panels {
		types[p.Type] = true
		defaults := p.FieldConfig.Defaults
		if p.ID == 0 || p.Title == "" || p.Description == "" || defaults.Unit == "" || defaults.NoValue == "" {
			t.Errorf("panel %q is not complete: %+v", p.Title, p)
		}
		for _, target := range p.Targets {
			if target.LegendFormat == "" || !strings.Contains(target.Expr, "$channel") {
				t.Errorf("panel %q queries %+v, which ignores the choices", p.Title, target)
			}
		}
	}
	for _, want := range []string{"timeseries", "bargauge", "piechart", "stat", "table", "heatmap", "gauge"} {
		if !types[want] {
			t.Errorf("the example has no %s", want)
		}
	}
}

// All mistakes are reported at once, each with its place and a hint.
func TestCustomMistakes(t *testing.T) {
	paths, err := filepath.Glob("testdata/mistaken-*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, err := load(t, path)
			if err == nil {
				t.Fatal("it compiles")
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", []byte(err.Error()+"\n"))
		})
	}
}

// A public dashboard has no variables, since nobody could choose their values.
func TestPublicDashboardsHaveNoVariables(t *testing.T) {
	text := strings.NewReplacer("public: false", "public: true", "filters: [channel, provider]", "filters: []").
		Replace(string(Example))
	files, err := compile("public.yaml", []byte(text), newTaken())
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		for _, variable := range []string{"datasource}", "$datasource", "queryparam}", `"$channel`} {
			if strings.Contains(string(content), variable) {
				t.Errorf("%s still has %s", path, variable)
			}
		}
		if !strings.Contains(string(content), panel.ProvisionedSource) {
			t.Errorf("%s does not name the provisioned data source", path)
		}
	}
}

// What dashboards cannot share is checked across files, and both places are named.
func TestCustomFilesDoNotMeet(t *testing.T) {
	const first = `dashboards:
  - uid: pay
    title: Pay
    description: d
    folder: payments
    roles: [payments, support]
    panels: [{title: A, metric: delivered_per_sent, widget: stat, aggregation: avg}]
`
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"the same file twice", first, []string{
			`second.yaml:2:10: dashboards[0].uid: "pay" is the uid of first.yaml:2: choose another uid`,
			`second.yaml:3:12: dashboards[0].title: "Pay" is the title of first.yaml:3, in the same folder ` +
				`"payments": choose another title`,
		}},
		{"a uid", strings.NewReplacer("title: Pay", "title: Others", "folder: payments", "folder: other").Replace(first),
			[]string{`second.yaml:2:10: dashboards[0].uid: "pay" is the uid of first.yaml:2: choose another uid`}},
		{"a title", strings.NewReplacer("uid: pay", "uid: bill", "title: Pay", "title: pay").Replace(first), []string{
			`second.yaml:3:12: dashboards[0].title: "pay" is the title of first.yaml:3, in the same folder ` +
				`"payments": choose another title`,
		}},
		{"other roles", strings.NewReplacer("uid: pay", "uid: bill", "title: Pay", "title: Bill", "[payments, support]",
			"[support]").Replace(first), []string{
			`second.yaml:6:5: dashboards[0].roles: the folder "payments" has the roles [payments, support] in ` +
				`first.yaml:6: Grafana grants access by folder, so use the same roles or another folder`,
		}},
		{"no roles", strings.NewReplacer("uid: pay", "uid: bill", "title: Pay", "title: Bill",
			"    roles: [payments, support]\n", "").Replace(first), []string{
			`second.yaml:2:5: dashboards[0].roles: the folder "payments" has the roles [payments, support] in ` +
				`first.yaml:6: Grafana grants access by folder, so use the same roles or another folder`,
		}},
		{"a shipped dashboard", strings.NewReplacer("uid: pay", "uid: phone", "title: Pay", "title: performance",
			"folder: payments", "folder: on-call").Replace(first), []string{
			`second.yaml:2:10: dashboards[0].uid: "phone" is the uid of a shipped dashboard: choose another uid`,
			`second.yaml:3:12: dashboards[0].title: "performance" is the title of a shipped dashboard, in the same ` +
				`folder "on-call": choose another title`,
		}},
		{"the folder's name", strings.NewReplacer("uid: pay", "uid: bill", "title: Pay", "title: payments").Replace(first),
			[]string{`second.yaml:3:12: dashboards[0].title: "payments" is the name of the folder too, which Grafana ` +
				`rejects: choose another title`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, text := range map[string]string{"first.yaml": first, "second.yaml": c.text} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := load(t, "first.yaml", "second.yaml")
			if err == nil {
				t.Fatal("both compile")
			}
			if diff := cmp.Diff(strings.Join(c.want, "\n"), err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := load(t, "example.yaml"); err != nil {
		t.Errorf("a file after others: %v", err)
	}
}

// Grafana replaces variables in titles, descriptions and legends: what people write
// there is shown as it is.
func TestTextIsLiteral(t *testing.T) {
	const title = `title: "$channel ${channel:text} [[channel]] {{channel}} 5$ 1%"` + "\n"
	text := strings.NewReplacer("title: Sent per second\n", title, "Delivered per sent", "${datasource} delivered per sent").Replace(string(Example))
	files, err := compile("literal.yaml", []byte(text), newTaken())
	if err != nil {
		t.Fatal(err)
	}
	content := string(files["grafana/dashboards/payments/payments.json"])
	for _, want := range []string{
		"\"$\u2060channel $\u2060{channel:text} [\u2060[channel]] {\u2060{channel}} 5$ 1%",
		"\"$\u2060{datasource} delivered",
	} {
		if !strings.Contains(content, want) {
			t.Errorf("the dashboard lacks %s", want)
		}
	}
}

// No text makes the compiler panic, and what compiles is JSON.
func FuzzCustom(f *testing.F) {
	f.Add(Example)
	paths, err := filepath.Glob("testdata/mistaken-*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files, err := compile("fuzz.yaml", text, newTaken())
		if err != nil {
			return
		}
		for path, content := range files {
			if !json.Valid(content) {
				t.Errorf("%s is not JSON", path)
			}
		}
	})
}
