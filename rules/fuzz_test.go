package rules

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"belfry/rules/settings"
)

var reportedLine = regexp.MustCompile(`(?m)^rules\.yaml:(\d+):(\d+): .`)

// Whatever the file says, it is compiled or refused: each mistake has a line of the
// file, and what is compiled can be rendered.
func FuzzRulesFile(f *testing.F) {
	f.Add(string(settings.Example))
	for _, pattern := range []string{"testdata/mistakes/*.yaml", "testdata/settings/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, path := range paths {
			f.Add(read(f, path))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, rejected := load(t, text)
		if rejected == "" {
			if _, err := set.Files(); err != nil {
				t.Errorf("an accepted file is not rendered: %v", err)
			}
			return
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, m := range reportedLine.FindAllStringSubmatch(rejected, -1) {
			if line, err := strconv.Atoi(m[1]); err != nil || line < 1 || line > lines {
				t.Errorf("line %s of %d: %s", m[1], lines, m[0])
			}
		}
	})
}
