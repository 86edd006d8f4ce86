package render_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belfry/insights/report"
)

// recorded returns the reports that are made from what a server had, see belfry prove documents.
func recorded(t *testing.T) map[string]report.Document {
	t.Helper()
	files, err := filepath.Glob("../testdata/*.json.gz")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	all := map[string]report.Document{}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		var facts report.Facts
		if err := json.NewDecoder(packed).Decode(&facts); err != nil {
			t.Fatal(err)
		}
		file.Close()
		all[strings.TrimSuffix(filepath.Base(name), ".json.gz")] = report.Compose(&facts)
	}
	return all
}
