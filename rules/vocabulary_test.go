package rules_test

import (
	"regexp"
	"strings"
	"testing"

	dashboards "belfry/dashboards-gen"
	"belfry/rules"
)

// seriesName matches a word of PromQL.
var seriesName = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// A series is recorded for a rule or a dashboard that reads it, or it is marked
// as vocabulary, with the reason. A reason given for series that are all read
// has had its day.
func TestEveryRecordedSeriesIsReadOrVocabulary(t *testing.T) {
	read := map[string]bool{}
	for _, r := range rules.Recorded() {
		note(read, r.Definition.String(), r.Name)
	}
	for _, a := range rules.Alerts() {
		note(read, a.Expr.String(), "")
	}
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range files {
		note(read, string(content), "")
	}
	needed := map[string]bool{}
	for _, r := range rules.Recorded() {
		if !read[r.Name] && r.Vocabulary == "" {
			t.Errorf("nothing reads %s: drop it, or declare it through group.offers with a reason", r.Name)
		}
		if r.Vocabulary != "" {
			needed[r.Vocabulary] = needed[r.Vocabulary] || !read[r.Name]
		}
	}
	for why, is := range needed {
		if !is {
			t.Errorf("all series that are vocabulary because of %q are read: drop the mark", why)
		}
	}
}

// note adds the series that a text names, but for its own.
func note(read map[string]bool, text, own string) {
	for _, name := range seriesName.FindAllString(text, -1) {
		if name != own && strings.Contains(name, ":") {
			read[name] = true
		}
	}
}
