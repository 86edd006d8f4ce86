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

// The documented example compiles to the golden file.
func TestExampleCompiles(t *testing.T) {
	files, err := Files("example.yaml")
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
	files, err := Files("example.yaml")
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
			_, err := Files(path)
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
	files, err := compile("public.yaml", []byte(text))
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

// Two files cannot write the same dashboard.
func TestCustomFilesDoNotMeet(t *testing.T) {
	_, err := Files("example.yaml", "example.yaml")
	if err == nil || !strings.Contains(err.Error(), "choose another uid") {
		t.Errorf("the same file twice: %v", err)
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
		files, err := compile("fuzz.yaml", text)
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
