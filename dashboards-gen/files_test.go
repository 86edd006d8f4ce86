package dashboards_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	dashboards "belfry/dashboards-gen"
	"belfry/rules"
)

const root = ".." // the module's, from here

// The committed dashboards are those that the code generates: none is stale, missing
// or left over.
func TestFilesAreFresh(t *testing.T) {
	want := files(t)
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), dashboards.Directory, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		found[file] = true
		content, err := os.ReadFile(filepath.Join(root, file))
		switch {
		case err != nil:
			return err
		case want[file] == nil:
			t.Errorf("%s is left over: nothing generates it", file)
		case string(want[file]) != string(content):
			t.Errorf("%s is stale; run `belfry generate`. What changed (-committed +generated):\n%s",
				file, changes(t, content, want[file]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for file := range want {
		if !found[file] {
			t.Errorf("%s is missing; run `belfry generate`", file)
		}
	}
}

// changes lists the differences between two versions of a dashboard, by panel.
func changes(t *testing.T, committed, generated []byte) string {
	t.Helper()
	before, after := parts(t, committed), parts(t, generated)
	names := slices.Sorted(maps.Keys(before))
	for name := range after {
		if before[name] == nil {
			names = append(names, name)
		}
	}
	var list strings.Builder
	for _, name := range names {
		switch diff := cmp.Diff(before[name], after[name]); {
		case before[name] == nil:
			fmt.Fprintf(&list, "%s: new\n", name)
		case after[name] == nil:
			fmt.Fprintf(&list, "%s: gone\n", name)
		case diff != "":
			fmt.Fprintf(&list, "%s:\n%s", name, diff)
		}
	}
	return list.String()
}

// parts returns a dashboard's panels by title and id, and the rest of it.
func parts(t *testing.T, content []byte) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	list := d["panels"].([]any)
	for len(list) > 0 {
		p := list[0].(map[string]any)
		list = list[1:]
		if inside, ok := p["panels"].([]any); ok { // of a row
			list = append(list, inside...)
			delete(p, "panels")
		}
		all[fmt.Sprintf("panel %q (%.0f)", p["title"], p["id"])] = p
	}
	delete(d, "panels")
	all["the dashboard but for its panels"] = d
	return all
}

// A renamed metric shows as a change of the panels that read it, and of no others.
func TestChangesNameThePanels(t *testing.T) {
	content := files(t)[path.Join(dashboards.Directory, "on-call/operations.json")]
	renamed := strings.ReplaceAll(string(content), rules.QueueAge.Name, "queue:another:max")
	got := changes(t, content, []byte(renamed))
	if !strings.Contains(got, `panel "Oldest message in queues, all channels"`) || strings.Count(got, "panel \"") != 1 {
		t.Errorf("the changes are:\n%s", got)
	}
}

// The strict reading that other tests rely on finds mistakes.
func TestStrictReadingFindsAMisspelledField(t *testing.T) {
	for path, content := range files(t) {
		misspelled := strings.Replace(string(content), `"legendFormat"`, `"legendformat"`, 1)
		if len(refused(t, []byte(misspelled))) == 0 {
			t.Errorf("%s: the SDK accepts a misspelled field", path)
		}
	}
}

func TestFilesAreTheSameOnEveryRun(t *testing.T) {
	again, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files(t), again); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

// Grafana's folders are the audiences of the dashboards.
func TestEachDashboardIsInTheFolderOfItsAudience(t *testing.T) {
	generated, uids := files(t), map[string]bool{}
	for _, d := range dashboards.All() {
		file := path.Join(dashboards.Directory, d.Folder, strings.TrimPrefix(d.UID, "belfry-")+".json")
		if generated[file] == nil {
			t.Errorf("dashboard %s is not in %s", d.UID, file)
		}
		// Grafana takes at most 40 characters.
		if !strings.HasPrefix(d.UID, "belfry-") || len(d.UID) > 40 || uids[d.UID] {
			t.Errorf("uid %q is taken or invalid", d.UID)
		}
		if d.Title == "" || d.Description == "" || d.Folder == "" {
			t.Errorf("dashboard %s lacks a title, a description or a folder", d.UID)
		}
		uids[d.UID] = true
	}
	if len(generated) != len(uids) {
		t.Errorf("%d files for %d dashboards", len(generated), len(uids))
	}
}

// Grafana turns the directories into folders, and does not let anyone edit what the
// next generation would overwrite.
func TestProvisioningKeepsDashboardsAsGenerated(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, "grafana/provisioning/dashboards/belfry.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Providers []struct {
			AllowUIUpdates bool `yaml:"allowUiUpdates"`
			Options        struct {
				FoldersFromFilesStructure bool `yaml:"foldersFromFilesStructure"`
			} `yaml:"options"`
		} `yaml:"providers"`
	}
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Providers) != 1 {
		t.Fatalf("%d providers, want 1", len(config.Providers))
	}
	if p := config.Providers[0]; p.AllowUIUpdates || !p.Options.FoldersFromFilesStructure {
		t.Errorf("the provider is %+v: want folders from the file structure, and no updates from the UI", p)
	}
}

// Grafana does not provision a dashboard that has the name of its folder.
func TestNoDashboardHasTheNameOfItsFolder(t *testing.T) {
	for _, d := range dashboards.All() {
		if strings.EqualFold(d.Title, d.Folder) {
			t.Errorf("dashboard %q is in the folder %q", d.Title, d.Folder)
		}
	}
}
