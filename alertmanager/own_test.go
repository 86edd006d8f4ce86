package alertmanager

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/rules"
	"belfry/rules/settings"
)

// The rules file of an installation compiles to the same rules and routes as before:
// those in testdata/own, and all others as shipped.
func TestARulesFileOfBefore(t *testing.T) {
	file, err := settings.Load(filepath.Join("testdata", "own", "rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files()
	if err != nil {
		t.Fatal(err)
	}
	routing, err := FilesFor(file)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := rules.Files()
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(files, routing)
	messages, err := renderMessages(settings.Default().Site)
	if err != nil {
		t.Fatal(err)
	}
	addresses := strings.NewReplacer("http://localhost:3000", file.Site.Grafana,
		"http://localhost:9093", file.Site.Alertmanager)
	for path, content := range messages {
		shipped[path] = []byte(addresses.Replace(string(content)))
	}
	for path, got := range files {
		stored := filepath.Join("testdata", "own", filepath.Base(path))
		if *update && !bytes.Equal(got, shipped[path]) {
			if err := os.WriteFile(stored, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(stored)
		if errors.Is(err, fs.ErrNotExist) {
			want, err = shipped[path], nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-before +now):\n%s", path, diff)
		}
	}
}
