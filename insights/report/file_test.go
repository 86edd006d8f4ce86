package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReportsOfAFile(t *testing.T) {
	got, err := Parse("reports.yaml", []byte(`
reports:
  - name: push-weekly
    title: Push, weekly
    period: week
    sections: [summary, totals, templates]
    channels: [push]
    top: 20
schedules:
  - name: anything
`))
	want := []Definition{{Name: "push-weekly", Title: "Push, weekly", Period: Week, Channels: []string{"push"},
		Sections: []string{summary, totals, templates}, Top: 20}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// Each mistake is told with its line and what to write.
func TestMistakesInReports(t *testing.T) {
	_, err := Parse("reports.yaml", []byte(`reports:
  - name: weekly
    title: Mine
    period: fortnight
    sections: [sumary, totals, totals]
    channels: [pigeon]
    top: 1000
    experiment: exp_cta
  - name: Push weekly
    period: day
    colour: red
`))
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		`reports.yaml:2:11: reports[0].name: "weekly" is taken`,
		`reports.yaml:4:13: reports[0].period:`, `week`,
		`reports.yaml:5:16: reports[0].sections[0]:`, `summary`,
		`totals is there twice`,
		`reports.yaml:6:16: reports[0].channels[0]:`,
		`reports.yaml:7:10: reports[0].top: 1000 is out of range: use 1 to 100`,
		`reports.yaml:8:17: reports[0].experiment: the report has no section experiments`,
		`reports.yaml:9:11: reports[1].name: "Push weekly" is not a name`,
		`reports[1].title: missing`, `reports[1].sections: missing`, `colour`,
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in\n%v", part, err)
		}
	}
}

// The built-in reports are as they ask of others.
func TestBuiltinReports(t *testing.T) {
	var text strings.Builder
	text.WriteString("reports:\n")
	for _, d := range Builtin() {
		text.WriteString("  - {name: own-" + d.Name + ", title: '" + d.Title + "', period: " + d.Period +
			", sections: [" +
			strings.Join(d.Sections, ", ") + "]}\n")
	}
	if _, err := Parse("builtin.yaml", []byte(text.String())); err != nil {
		t.Error(err)
	}
}
