package strict_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"belfry/exporter/strict"
)

type file struct {
	Name  string             `yaml:"name"`
	On    bool               `yaml:"on"`
	Many  int                `yaml:"many"`
	Share float64            `yaml:"share"`
	Wait  model.Duration     `yaml:"wait"`
	Tags  []string           `yaml:"tags"`
	By    map[string]float64 `yaml:"by"`
	Part  *part              `yaml:"part"`
	Parts []part             `yaml:"parts"`
}

type part struct {
	KeyFile string `yaml:"key_file" strict:"prose"`
	Size    int    `yaml:"size"`
}

func TestDecode(t *testing.T) {
	text := `
name: a
on: true
many: 0x10
share: 5e-1
wait: 1h30m
tags: &tags [x, y]
by: {a: 1, b: -2}
part: &part {key_file: /k, size: 1}
parts:
  - *part
  - {<<: *part, size: 2}
  - {<<: [{size: 3}, *part]}
  - &self {<<: [*self, *self, *part], size: 4}
  -
`
	got := file{Tags: []string{"kept"}}
	d := strict.Decode("f", []byte(text), &got)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	want := file{
		Name: "a", On: true, Many: 16, Share: 0.5, Wait: model.Duration(90 * time.Minute), Tags: []string{"x", "y"},
		By: map[string]float64{"a": 1, "b": -2}, Part: &part{"/k", 1},
		Parts: []part{{"/k", 1}, {"/k", 2}, {"/k", 3}, {"/k", 4}, {}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for path, has := range map[string]bool{
		"": false, "part": true, "part.size": true, "by.a": true, "by.c": false, "tags[1]": true, "parts[4]": false,
	} {
		if d.Has(path) != has {
			t.Errorf("Has(%q) is %v", path, !has)
		}
	}
}

func TestFieldsWithoutAValueKeepTheirs(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "name:\n", "tags: null\n"} {
		got := file{Name: "kept", Tags: []string{"kept"}}
		err := strict.Decode("f", []byte(text), &got).Err()
		if err != nil || got.Name != "kept" || got.Tags[0] != "kept" {
			t.Errorf("%q: %v, %+v", text, err, got)
		}
	}
}

func TestMistakes(t *testing.T) {
	const useUnit = ": use a number and a unit, such as 30s, 5m or 1h30m"
	for _, c := range []struct{ text, want string }{
		{"name: a\n---\nname: b\n", "f:2:1: a second YAML document starts here: keep one document per file"},
		{"- a\n", "f:1:1: expected keys such as name: …, got a list"},
		{"name: 1.5", "f:1:7: name: expected a string, got 1.5: put it in quotes"},
		{"name: {a: b}", "f:1:7: name: expected a string, got a mapping"},
		{"on: on", `f:1:5: on: expected true or false, got "on": write true`},
		{"many: 1.5", "f:1:7: many: expected a whole number, got 1.5"},
		{"many: 99999999999", "f:1:7: many: expected a whole number, got 99999999999"},
		{"share: .nan", "f:1:8: share: expected a number, got .nan: use a finite number"},
		{"share: 0.3 %", `f:1:8: share: expected a number, got "0.3 %": write 0.003 if it is a share`},
		{"share: ten", `f:1:8: share: expected a number, got "ten"`},
		{"wait: 30", `f:1:7: wait: invalid duration "30": the unit is missing: write 30s, 30m, 30h or 30d`},
		{"wait: 1.5h", `f:1:7: wait: invalid duration "1.5h"` + useUnit + `; did you mean "1h30m"?`},
		{"wait: 2 Hours", `f:1:7: wait: invalid duration "2 Hours"` + useUnit + `; did you mean "2h"?`},
		{"wait: 5 minuts", `f:1:7: wait: invalid duration "5 minuts"` + useUnit + `; did you mean "5m"?`},
		{"wait: soon", `f:1:7: wait: invalid duration "soon"` + useUnit},
		{"tags: x", "f:1:7: tags: expected a list such as [a, b], got a string"},
		{"tags: [x, ~]", `f:1:11: tags[1]: has no value: remove it, or write "" for an empty string`},
		{"tags:\n- x\n - y", "f:3:2: tags[0]: continues the value of line 2: indent it like the items of its list"},
		{"name: !important", "f:1:7: name: expected a string, got !important: put it in quotes"},
		{"parts: {size: 1}", "f:1:8: parts: expected a list such as [{key_file: …}], got a mapping"},
		{"by: [1]", "f:1:5: by: expected a mapping, got a list"},
		{"by: {a: b}", `f:1:9: by.a: expected a number, got "b"`},
		{"nmae: a", `f:1:1: nmae: unknown key "nmae"; did you mean "name"?` +
			" (valid: name, on, many, share, wait, tags, by, part, parts)"},
		{"name: a\nname: b", "f:2:1: name: duplicate key, first given on line 1"},
		{"part: {key: hunter2}", "f:1:8: part.key: secrets do not belong in this file: put it in a file of its own " +
			"and set key_file to its path"},
		{"part: {password: hunter2}", "f:1:8: part.password: secrets do not belong in this file: put it in a file of " +
			"its own and set key_file to its path"},
		{"part: {password:hunter2}", "f:1:8: part.password: secrets do not belong in this file: put it in a file of " +
			"its own and set key_file to its path"},
		{"part: {'api_url hunter2': 1}", "f:1:8: part.api_url: " +
			"secrets do not belong in this file: put it in a file of " +
			"its own and set key_file to its path"},
		{"api_key: hunter2", "f:1:1: api_key: secrets do not belong in this file: put it in a file of its own"},
		{"parts: &p [*p]", "f:1:8: parts[0]: expected keys such as key_file: …, got a list"},
		{"part: {<<: 5}", "f:1:12: part.<<: expected an alias of a mapping, got 5"},
	} {
		var got file
		err := strict.Decode("f", []byte(c.text), &got).Err()
		if err == nil {
			t.Errorf("%q is accepted", c.text)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

// One slip is one mistake.
func TestConsequencesAreNotReported(t *testing.T) {
	var got file
	d := strict.Decode("f", []byte("nmae: a\nmany: x\nparts: 5\npart: {key: k, size: 2}\n"), &got)
	before := d.Mistakes()
	for _, path := range []string{"name", "many", "parts[0].size", "part.key_file"} {
		d.Wrong(path, "is missing")
	}
	if d.Mistakes() != before {
		t.Errorf("consequences are reported:\n%v", d.Err())
	}
	d.Wrong("part.size", "is odd")
	d.Wrong("part.size", "is odd, and even")
	d.Wrong("tags", "is missing")
	if d.Mistakes() != before+2 {
		t.Errorf("%d mistakes, want %d:\n%v", d.Mistakes(), before+2, d.Err())
	}
}

func TestUnknown(t *testing.T) {
	valid := []string{"warning", "critical", "friday", "failed_per_sent"}
	for name, want := range map[string]string{
		"warnin": "warning", "Critical": "critical", "criticla": "critical", "fri": "friday",
		"faild_per_snet": "failed_per_sent", "xyz": "", "": "", "page": "critical", "warnings": "warning",
		"frodo": "", "cyclical": "",
	} {
		text := fmt.Sprintf("unknown thing %q", name)
		if want != "" {
			text += fmt.Sprintf("; did you mean %q?", want)
		}
		text += " (valid: warning, critical, friday, failed_per_sent)"
		if got := strict.Unknown("thing", name, valid); got != text {
			t.Errorf("got  %s\nwant %s", got, text)
		}
	}
	if got, want := strict.Unknown("thing", "x", nil), `unknown thing "x"; none is defined`; got != want {
		t.Errorf("got %s", got)
	}
}

// Decode neither panics nor hangs, whatever the text.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"name: a", "parts: [{<<: *x}]", "a: &a [*a]", "by: {? [a] : 1}", "part: &p {<<: [*p, *p]}", "\t",
		"name: !!int a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got file
		d := strict.Decode("f", []byte(text), &got)
		if err := d.Err(); (err != nil) != (d.Mistakes() > 0) {
			t.Errorf("%d mistakes, but %v", d.Mistakes(), err)
		}
	})
}

func TestNeededAndOneOf(t *testing.T) {
	var got file
	d := strict.Decode("f", []byte("name: smal\n"), &got)
	if d.Needed("many", "how many there are") || !d.Needed("name", "what it is called") {
		t.Error("Needed does not report what the file has")
	}
	if d.OneOf("name", "size", "smal", []string{"large", "small"}) ||
		!d.OneOf("tags", "size", "large", []string{"large", "small"}) {
		t.Error("OneOf does not report what is valid")
	}
	want := "f:1:1: many: is missing: how many there are\n" +
		`f:1:7: name: unknown size "smal"; did you mean "small"? (valid: large, small)`
	if diff := cmp.Diff(want, d.Err().Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// level is a name with an example.
type level string

func (level) Example() string { return "high" }

// A name that nothing knows is told before what kind of value stands under it.
func TestUnknownNamesComeFirst(t *testing.T) {
	var got struct {
		Limits map[string]map[level]float64 `yaml:"limits"`
	}
	known := []string{"ErrorRateHigh", "QueueStuck"}
	d := strict.Decode("f", []byte("limits: {error_rate: 0.2, nothing: [1], QueueStuck: 3}"), &got)
	for name := range got.Limits {
		d.OneOf("limits."+name, "alert", name, known)
		d.Wrong("limits."+name+".high", "is too much") // follows from the value that was not read
	}
	const want = `f:1:10: limits.error_rate: unknown alert "error_rate"; did you mean "ErrorRateHigh"? ` +
		"(valid: ErrorRateHigh, QueueStuck)\n" +
		`f:1:27: limits.nothing: unknown alert "nothing" (valid: ErrorRateHigh, QueueStuck)` + "\n" +
		"f:1:53: limits.QueueStuck: expected a mapping such as {high: …}, got 3"
	if diff := cmp.Diff(want, d.Err().Error()); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}
