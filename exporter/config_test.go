package exporter_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"belfry/exporter"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// load loads a configuration of this text.
func load(t *testing.T, text string) (c *exporter.Config, refused string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "b.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := exporter.LoadConfig(path)
	if err != nil {
		refused = strings.ReplaceAll(strings.TrimPrefix(err.Error(), "load configuration:\n"), dir+"/", "")
	}
	return c, refused
}

// What the file does not name keeps its default.
func TestConfigIsLaidOverTheDefaults(t *testing.T) {
	c, refused := load(t, `
partitions: 0x8
stream: {max_bytes: 512MB, max_age: 1h30m}
stage_windows: {opened: 3d}
extra_channels: [fax, 7]
label_limits: {provider: 0}
family_limits: {notification_stage_total: 100, notification_country_stage_total: 90000}
optional_families: [notification_app_version_stage_total]
faults: {recipient: [550, 5.1.1, true], unknown: null}
objectives: {freshness: 90, channels: {fax: {delivery_success: 0.9}}}
experiments:
  - &first {name: 7, control: 0, variants: [0, 1], planned_users: 10}
  - {<<: *first, name: exp_8}
max_event_lead: 0
max_event_age:
`)
	if refused != "" {
		t.Fatal(refused)
	}
	want, err := exporter.LoadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	want.Partitions, want.PartitionsNamed, want.MaxEventLead = 8, true, 0
	want.Stream.MaxBytes, want.Stream.MaxAge = 512<<20, model.Duration(90*time.Minute)
	want.StageWindows["opened"] = model.Duration(72 * time.Hour)
	want.ExtraChannels = []string{"fax", "7"}
	want.LabelLimits["provider"], want.FamilyLimits["notification_stage_total"] = 0, 100
	want.FamilyLimits["notification_country_stage_total"] = 90_000 // no budget is spent on what is off
	want.OptionalFamilies = []string{"notification_app_version_stage_total"}
	want.Faults["recipient"], want.Faults["unknown"] = []string{"550", "5.1.1", "true"}, nil
	want.Objectives.Targets["freshness"] = 90
	want.Objectives.Channels["fax"] = exporter.Targets{"delivery_success": 0.9}
	want.Experiments = []exporter.Experiment{
		{Name: "7", Control: "0", Variants: []string{"0", "1"}, PlannedUsers: 10},
		{Name: "exp_8", Control: "0", Variants: []string{"0", "1"}, PlannedUsers: 10},
	}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(exporter.Config{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFaultsWithoutAValueAreNone(t *testing.T) {
	c, refused := load(t, "faults:\n#  recipient: [invalid_address]\n")
	if refused != "" || len(c.Faults) > 0 {
		t.Errorf("%s, %v", refused, c.Faults)
	}
}

// Each file of testdata/mistakes has one mistake, and what is said of it in the
// comments that begin "#:", from the line number on.
func TestConfigMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mistake, want, _ := strings.Cut(string(text), "#: ")
			config, refused := load(t, mistake)
			got := strings.ReplaceAll(refused, "b.yaml:", "#: ") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(mistake+got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff("#: "+want, got); diff != "" || config != nil {
				t.Errorf("config %v (-want +got):\n%s", config != nil, diff)
			}
		})
	}
}

// All mistakes of a file are reported at once, in the order of the file.
func TestEveryConfigMistakeIsReported(t *testing.T) {
	_, refused := load(t, "objectives: {freshness: 0}\npartitions: 0\nstraem: {}\n")
	want := "b.yaml:1:25: objectives.freshness: 0 is out of range: use more than 0 seconds\n" +
		"b.yaml:2:13: partitions: 0 is out of range: use 1 to 64\n" +
		`b.yaml:3:1: straem: unknown key "straem"; did you mean "stream"?`
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := exporter.LoadConfig("none.yaml")
	if err == nil || err.Error() != "load configuration: open none.yaml: no such file or directory" {
		t.Errorf("a missing file: %v", err)
	}
}
