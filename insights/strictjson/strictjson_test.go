package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

type inner struct {
	N Count    `json:"n"`
	X *float64 `json:"x"`
}

type outer struct {
	Name    string           `json:"name"`
	On      bool             `json:"on"`
	At      time.Time        `json:"at"`
	Window  model.Duration   `json:"window"`
	List    []inner          `json:"list"`
	ByName  map[string]inner `json:"by_name"`
	Pointer *inner           `json:"pointer"`
	Left    string
}

func TestDecode(t *testing.T) {
	var got outer
	d := Decode([]byte("\ufeff"+`{"name": "ü\ud83d\ude00", "on": true, "at": "2026-03-01T01:00:00+01:00", "window": "1h30m",
		"list": [{"n": 1e3, "x": -2.5}, {}], "by_name": {"a.b": {"n": 9007199254740992}, "c": null}, "pointer": {"n": 2}}`),
		&got)
	x := -2.5
	want := outer{Name: "ü😀", On: true, At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Window: model.Duration(90 * time.Minute), List: []inner{{1000, &x}, {}},
		ByName: map[string]inner{"a.b": {N: 1 << 53}}, Pointer: &inner{N: 2}}
	if diff := cmp.Diff(want, got); diff != "" || d.Err() != nil {
		t.Errorf("%v (-want +got):\n%s", d.Err(), diff)
	}
	if !d.Has("list[0].x") || d.Has("list[1].x") || d.Has(`by_name.c`) || !d.Has(`by_name["a.b"].n`) {
		t.Error("what the text has is not known")
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`{"nmae": 1}`:                          `nmae: unknown key "nmae"; did you mean "name"? (valid: at, by_name, list, name, on, pointer, window)`,
		`{"Left": "x"}`:                        `Left: unknown key "Left" (valid: at, by_name, list, name, on, pointer, window)`,
		`{"name": "a", "name": "b"}`:           `name: duplicate key: keep one`,
		`{"name": ["a"]}`:                      `name: expected a string, got a list`,
		`{"list": {"a": {"b": 1}}}`:            `list: expected a list, got an object`,
		`{"list": [null]}`:                     `list[0]: is null: write a value or remove it`,
		`{"list": [{"n": -1}, {"n": 0.5}]}`:    "list[0].n: -1 is out of range: use 0 to 9007199254740992\nlist[1].n: expected a whole number, got 0.5: it counts users or what they did",
		`{"pointer": {"n": "NaN"}}`:            `pointer.n: expected a whole number, got the string "NaN"`,
		`{"pointer": {"x": 1e999}}`:            `pointer.x: 1e999 is out of range: use -1e40 to 1e40`,
		`{"at": 5, "window": 7, "on": "yes"}`:  "at: expected a time such as \"2026-03-01T00:00:00Z\", got 5\nwindow: expected a duration such as \"7d\", got 7\non: expected true or false, got the string \"yes\"",
		`{"at": "0001-01-01T00:00:00Z"}`:       `at: 0001-01-01T00:00:00Z is out of range: use a time between 1970 and 2200`,
		"{\n \"name\": \"a\",\n}":              `line 3, column 1: not JSON: invalid character '}' looking for beginning of object key string`,
		`{"list": [` + strings.Repeat("[", 99): `line 1, column 109: not JSON: unexpected end of JSON input: the file is cut off`,
		`{"name": "a\u202eb"}`:                 `name: character 2 is U+202E, which nobody sees: remove it`,
		`{"name": "a\nb"}`:                     `name: has a line break after 1 characters: write it in one line`,
		`{"by_name": {"\u200b": {"n": 1}}}`:    `by_name["\u200b"]: the key: character 1 is U+200B, which nobody sees: remove it`,
		`"text"`:                               `expected an object, got the string "text"`,
		`null x`:                               `line 1, column 6: not JSON: invalid character 'x' after top-level value: keep one object per file`,
		`{"list": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}": "more than 32 levels of objects and lists\nlist[0]: expected an object, got a list",
	} {
		var into outer
		got := "no mistake"
		if err := Decode([]byte(text), &into).Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", text, got, want)
		}
	}
}

// What JSON takes for valid is read without a panic, and the same text again gives the
// same mistakes.
func FuzzDecode(f *testing.F) {
	f.Add(`{"name": "a", "list": [{"n": 1}], "by_name": {"a": {"x": 1}}}`)
	f.Add(`{"by_name": {"a": [], "a": 1, "b": {"n": 1e400}}, "x": {"y": [1, {"z": null}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var first, second outer
		a, b := Decode([]byte(text), &first).Err(), Decode([]byte(text), &second).Err()
		if (a == nil) != (b == nil) || a != nil && a.Error() != b.Error() {
			t.Errorf("%v, then %v", a, b)
		}
		if a == nil && !json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))) {
			t.Error("invalid JSON was read")
		}
	})
}
