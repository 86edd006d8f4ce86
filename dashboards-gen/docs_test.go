package dashboards

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README lists every dashboard with its folder and its first question.
func TestREADMEListsEveryDashboard(t *testing.T) {
	text, err := os.ReadFile("../grafana/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range All() {
		line := fmt.Sprintf("| %s | %s | %s", d.Folder, d.Title, d.Description)
		if !strings.Contains(string(text), line) {
			t.Errorf("grafana/README.md lacks the line %s |", line)
		}
	}
}
