package exporter_test

import (
	"testing"

	"belfry/exporter"
	"belfry/exporter/strict/slip"
)

// One slip in a configuration is one mistake, and its line is the slip's.
func TestOneSlipIsOneMistake(t *testing.T) {
	for i, s := range slip.All(string(exporter.DefaultConfig)) {
		if i%3 != 0 {
			continue
		}
		_, refused := load(t, s.Text)
		if err := s.Judge(refused); err != nil {
			t.Error(err)
		}
	}
}
