package custom

import (
	"testing"

	"belfry/exporter/strict/slip"
)

// One slip in a file of dashboards is one mistake, and its line is the slip's.
func TestOneSlipIsOneMistake(t *testing.T) {
	for _, s := range slip.All(string(Example)) {
		said := ""
		if _, err := compile("slip.yaml", []byte(s.Text), newTaken()); err != nil {
			said = err.Error()
		}
		if err := s.Judge(said); err != nil {
			t.Error(err)
		}
	}
}
