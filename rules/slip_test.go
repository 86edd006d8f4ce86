package rules

import (
	"path/filepath"
	"testing"

	"belfry/exporter/strict/slip"
	"belfry/rules/settings"
)

// One slip in a rules file is one mistake, and its line is the slip's. Every fifth
// slip is enough here: each is made in many lines.
func TestOneSlipIsOneMistake(t *testing.T) {
	own := read(t, filepath.Join("..", "alertmanager", "testdata", "own", "rules.yaml"))
	for name, text := range map[string]string{"the defaults": string(settings.Example), "a file of its own": own} {
		for i, s := range slip.All(text) {
			if i%5 != 0 {
				continue
			}
			_, rejected := load(t, s.Text)
			if err := s.Judge(rejected); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
