package fold_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/exporter/state"
)

var update = flag.Bool("update", false, "rewrite the expected metrics of the stories")

// How long after sent an event counts in these tests, and a dismissal.
const (
	attributionWindow = 7 * 24 * time.Hour
	dismissWindow     = 5 * 24 * time.Hour
)

func options() fold.Options {
	return fold.Options{
		Partitions: 1, PartitionOf: func(string, int) int { return 0 },
		AttributionWindow: attributionWindow,
		Window:            event.Window{MaxAge: 14 * 24 * time.Hour, MaxLead: 5 * time.Minute},
		StageWindows:      map[catalog.Stage]time.Duration{catalog.StageDismissed: dismissWindow},
		Faults:            map[string]string{"throttled": "provider", "invalid_address": "recipient", "acme_*": "platform"},
	}
}

func newState(o fold.Options) *fold.State {
	return fold.New(o, state.NewMemory(o.AttributionWindow))
}

// Each story in testdata is events, one a line, and the series other than 0
// that they produce.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := newState(options())
			for line := range bytes.Lines(archive.Files[0].Data) {
				s.Fold(fold.Message{Data: bytes.TrimSpace(line)})
			}
			got := nonZero(s)
			if *update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "metrics", Data: []byte(got)}}
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("metrics (-want +got):\n%s", diff)
			}
		})
	}
}

// nonZero prints every series that is not 0; of a histogram its count and sum.
func nonZero(s *fold.State) string {
	var lines []string
	for _, family := range exposition(s) {
		for _, m := range family.Metric {
			name := family.GetName() + labels(m)
			switch {
			case m.Histogram != nil:
				v := m.Histogram
				lines = append(lines, fmt.Sprintf("%s %d observed, sum %v", name, v.GetSampleCount(), v.GetSampleSum()))
			case m.Summary != nil:
				v := m.Summary
				lines = append(lines, fmt.Sprintf("%s %d observed, sum %v", name, v.GetSampleCount(), v.GetSampleSum()))
			case m.Counter.GetValue() != 0:
				lines = append(lines, fmt.Sprintf("%s %v", name, m.Counter.GetValue()))
			case m.Gauge != nil:
				lines = append(lines, fmt.Sprintf("%s %v", name, m.Gauge.GetValue()))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}
