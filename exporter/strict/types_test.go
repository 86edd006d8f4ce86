package strict_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/strict"
)

// Limits takes only two keys.
type Limits map[string]float64

func (Limits) Keys() []string { return []string{"latency", "success"} }

// Loud reads itself.
type Loud string

func (l *Loud) UnmarshalText(text []byte) error {
	if strings.ToUpper(string(text)) != string(text) {
		return fmt.Errorf("%q is too quiet", text)
	}
	*l = Loud(text)
	return nil
}

type typed struct {
	Limits  `yaml:",inline"`
	Regions map[string]Limits   `yaml:"regions"`
	Call    Loud                `yaml:"call"`
	Codes   map[string][]string `yaml:"codes" strict:"verbatim"`
	Plain   []string            `yaml:"plain"`
	Text    string              `yaml:"text" strict:"prose"`
}

func TestTypes(t *testing.T) {
	got := typed{Limits: Limits{"success": 1, "latency": 2}}
	text := "success: 0.5\nregions: {eu: {latency: 3}}\ncall: 'HO'\ncodes: {a: [550, 0x10, 1.0, true, b]}\nplain:\n"
	d := strict.Decode("f", []byte(text), &got)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	want := typed{
		Limits: Limits{"success": 0.5, "latency": 2}, Regions: map[string]Limits{"eu": {"latency": 3}},
		Call: "HO", Codes: map[string][]string{"a": {"550", "0x10", "1.0", "true", "b"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !d.Empty("plain") || d.Empty("call") || d.Empty("codes") {
		t.Error("Empty does not report which keys have no value")
	}
}

func TestMistakesOfTypes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"sucess: 1", `f:1:1: sucess: unknown key "sucess"; did you mean "success"? (valid: latency, success, ` +
			`regions, call, codes, plain, text)`},
		{"region: {}", `f:1:1: region: unknown key "region"; did you mean "regions"? (valid: latency, success, ` +
			`regions, call, codes, plain, text)`},
		{"regions: {eu: {late: 1}}", `f:1:16: regions.eu.late: unknown key "late"; did you mean "latency"? (valid: ` +
			`latency, success)`},
		{"success: {eu: 1}", "f:1:10: success: expected a number, got a mapping"},
		{"call: ho", `f:1:7: call: "ho" is too quiet`},
		{"call: [HO]", "f:1:7: call: expected a single value, got a list"},
		{"codes: {a: [[550]]}", "f:1:13: codes.a[0]: expected a string, got a list"},
		{"codes: {a: [550]}\nplain: [550]", "f:2:9: plain[0]: expected a string, got 550: put it in quotes"},
	} {
		var got typed
		err := strict.Decode("f", []byte(c.text), &got).Err()
		if err == nil {
			t.Errorf("%q is accepted", c.text)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

// A caller looks whether a part of the file is sound before it goes on with it,
// and may keep fields of its own beside those of the file.
func TestMistakenPart(t *testing.T) {
	var s struct {
		List []struct {
			Name string `yaml:"name"`
		} `yaml:"list"`
		Listed string `yaml:"listed"`
		own    int
	}
	d := strict.Decode("f.yaml", []byte("list: [{name: 5}]\nlisted: x\n"), &s)
	for path, want := range map[string]bool{"list": true, "list[0]": true, "list[0].name": true, "listed": false,
		"list[1]": false} {
		if d.Mistaken(path) != want {
			t.Errorf("Mistaken(%q) is %v", path, !want)
		}
	}
	if s.own = d.Mistakes(); s.own != 1 {
		t.Errorf("%d mistakes: %v", s.own, d.Err())
	}
	none := strict.Decode("", nil, &s)
	none.Wrong("list[0]", "is empty")
	if err := none.Err(); err == nil || err.Error() != "list[0]: is empty" {
		t.Errorf("without a file: %v", err)
	}
}

// A character that nobody sees, or a line break in a name, is a mistake at its place. Only
// prose has lines. The message shows no such character itself.
func TestHiddenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		`plain: [a, "b\nc"]`:       "f:1:12: plain[1]: has a line break after 1 characters: write it in one line",
		"plain: [a, \"\u202eb\"]":  "f:1:12: plain[1]: character 1 is U+202E, which nobody sees: remove it",
		`plain: ["pay\u200bpal"]`:  "f:1:9: plain[0]: character 4 is U+200B, which nobody sees: remove it",
		`codes: {a: ["5\x1b[2J"]}`: "f:1:13: codes.a[0]: character 2 is U+001B, which nobody sees: remove it",
		`regions: {"e\u2066u": {}}`: `f:1:11: regions.e\u2066u: the key: character 2 is U+2066, which nobody sees: ` +
			"remove it",
		`text: "a\tb\n\u202ec"`: "f:1:7: text: character 5 is U+202E, which nobody sees: remove it",
		"plain:\n- |\n  a\n":    "f:2:3: plain[0]: has a line break after 1 characters: write it in one line",
	} {
		var got typed
		err := strict.Decode("f", []byte(text), &got).Err()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
	var got typed
	const prose = "two\nlines, and a\ttab\n"
	err := strict.Decode("f", []byte(`text: "two\nlines, and a\ttab\n"`), &got).Err()
	if err != nil || got.Text != prose {
		t.Errorf("prose: %q (%v)", got.Text, err)
	}
}
