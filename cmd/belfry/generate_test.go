package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The committed files match what the Go code generates: none is stale, missing or left
// over.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	differences, err := compareFiles("../..", files)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Errorf("%v; run `make generate`", d)
	}
}

func TestGenerationIsStable(t *testing.T) {
	first, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	second, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for path := range first {
		if !bytes.Equal(first[path], second[path]) {
			t.Errorf("%s differs between two runs", path)
		}
	}
}

func TestGenerateFindsAndMendsEachKindOfDifference(t *testing.T) {
	root := t.TempDir()
	generate := func(args ...string) (int, string) {
		var out bytes.Buffer
		p := &process{stdout: &out, stderr: &out, getenv: os.Getenv}
		code := run(context.Background(), append([]string{"generate", "--root", root}, args...), p)
		return code, out.String()
	}
	if code, out := generate(); code != 0 {
		t.Fatalf("generate into an empty directory: exit %d\n%s", code, out)
	}
	if code, out := generate("--check"); code != 0 || !strings.Contains(out, "generated files are up to date") {
		t.Fatalf("check after generate: exit %d\n%s", code, out)
	}
	write := func(path, content string) {
		if err := os.WriteFile(filepath.Join(root, path), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("exporter/METRICS.md", "edited by hand")
	write("rules/notification-forgotten.yaml", "groups: []")
	if err := os.Remove(filepath.Join(root, "alertmanager/alertmanager.yml")); err != nil {
		t.Fatal(err)
	}
	code, out := generate("--check")
	for _, want := range []string{
		"missing   alertmanager/alertmanager.yml", "stale     exporter/METRICS.md",
		"left over rules/notification-forgotten.yaml", "3 generated files are not up to date",
	} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("check: exit %d, want 1 and %q in\n%s", code, want, out)
		}
	}
	if got, want := outdated(1).Error(), "1 generated file is not up to date; run `belfry generate`"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if code, out := generate(); code != 0 || !strings.Contains(out, "removed  rules/notification-forgotten.yaml") {
		t.Errorf("generate: exit %d\n%s", code, out)
	}
	if code, out := generate("--check"); code != 0 {
		t.Errorf("check after the second generate: exit %d\n%s", code, out)
	}
}
