package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Links in the documents lead to files that exist and to headings of the same
// document.
func TestLinksLeadSomewhere(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, document := range []string{"../README.md", "README.md", "../grafana/README.md"} {
		text := string(read(t, document))
		found := links.FindAllStringSubmatch(text, -1)
		if len(found) == 0 {
			t.Errorf("%s has no links", document)
		}
		for _, link := range found {
			target, anchor, _ := strings.Cut(link[1], "#")
			switch {
			case strings.Contains(target, "://"):
			case target == "":
				if !anchors(text)[anchor] {
					t.Errorf("%s links to #%s, and has no such heading", document, anchor)
				}
			default:
				if _, err := os.Stat(filepath.Join(filepath.Dir(document), target)); err != nil {
					t.Errorf("%s links to a file that does not exist: %v", document, err)
				}
			}
		}
	}
}

// anchors returns the anchors of a document's headings.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`[^\w\s-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all[strings.ReplaceAll(words, " ", "-")] = true
	}
	return all
}
