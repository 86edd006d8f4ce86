package strict_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/strict"
)

// The line of a mistake is the one to edit, also where the parser reports another
// one, or none.
func TestSyntaxMistakes(t *testing.T) {
	above := strings.Repeat("# a comment\n", 7) + "by: {x: 1}\n" // lines 1 to 8
	for _, c := range []struct{ text, want string }{
		{"name: \"caf\xe9\"\n", `9:11: invalid UTF-8, byte 0xE9 ('é' in Latin-1): save the file as UTF-8`},
		{"name: a\x07b\n", "9:8: invisible character U+0007: remove it"},
		{"name: a\x00b\n", "9:8: invalid character U+0000: save the file as UTF-8"},
		{"name: a\u0080b\n", "9:8: invisible character U+0080: remove it"},
		{"\ufeffname: a\n", `9:1: \ufeffname: the key contains the invisible character U+FEFF: remove it`},
		{"part:\n\u00a0\u00a0size: 1\n",
			"10:1: \u00a0\u00a0size: the key contains the invisible character U+00A0: remove it"},
		{"parts:\n  - size: 1\n\u00a0   key_file: x\n    size: 2\n", "11:1: the line is indented with U+00A0: use spaces"},
		{"part:\n  size:\u20281\n  key_file x\n", "10:8: the invisible line break U+2028: remove it"},
		{"parts:\n  - size: 1\n - size: 2\n", "11:2: an indentation of 1 does not fit: use 2"},
		{"part:\n  size: 1\n    key_file: x\n", "11:5: an indentation of 4 does not fit: use 2"},
		{"part:\n    size: 1\n  key_file: x\n", "11:3: an indentation of 2 does not fit: use 4"},
		{"parts:\n   - size: 1\n\n  # x\n  - size: 2\n", "10:4: an indentation of 3 does not fit: use 2"},
		{"tags: [a\n  b: c,\n  d]\n", "9:9: a comma or a closing bracket is missing here"},
		{"tags:\n  - {a: 1}\n  - {a: 1, b}}\n",
			"11:3: does not continue the lines above: check the indentation and the quotes"},
		{"parts:\n  - size: 1\n  key_file: x\n",
			"11:3: an indentation of 2 does not fit: use 4"},
		{"parts:\n  - {size: 1}\n  key_file: x\n", "11:3: an indentation of 2 does not fit: use 0"},
		{"part:\n  size: 1\n  - size: 2\n", "11:3: a list item among keys: check the indentation"},
		{"part:\n\tsize: 1\n", "10:1: line is indented with a tab: use spaces"},
		{"part:\n\tsize: 1\n  \tkey_file: x\n",
			"10:1: line is indented with a tab, and so are others below (1): use spaces"},
		{"tags: [a, b\nname: c\n", "9:7: the bracket [ is never closed"},
		{"parts:\n  - {size: 1\n  - {size: 2}\nname: c\n", "10:5: the bracket { is never closed"},
		{"parts: [\n  {size: 1},\n  {size: 2\n]\nname: c\n", "12:1: the bracket ] closes one of the other kind"},
		{"tags: [a, b}\n", "9:12: the bracket } closes one of the other kind"},
		{"tags: [a, b]]\n", "9:1: does not continue the lines above: check the indentation and the quotes"},
		{"name: \"a\ntags: [b]\n", `9:7: the quote " is never closed`},
		{"name: 'a\ntags: [b]\n", "9:7: the quote ' is never closed"},
		{"name: \"a\ntags: [\"b\"]\n", "9:7: this quote is closed only on line 10: close it on its own line"},
		{"name: it's \"a\" {b\ntags [b]\n", "10:1: key without a value: write key: value"},
		{"name: |\n  \"a [b {c\ntags: *gone\n", `11:7: unknown anchor "gone": define it above with &gone`},
		{"name: @a\n", "9:7: a value cannot begin with '@': put it in quotes"},
		{"tags: [`a`]\n", "9:8: a value cannot begin with '`': put it in quotes"},
		{"name: a: b\n", `9:1: ": " within a value: put the value in quotes`},
		{"name: \"a\" b\n", "9:11: text after a closing quote: put all of the value into the quotes"},
		{`name: "C:\dir"`, `9:1: unknown escape in double quotes: use single quotes, or \\ for a backslash`},
		{"by: {a: 1 b: 2}\n", "9:1: a comma or a closing bracket is missing here"},
		{"name\nmany: 1\n", "9:1: key without a value: write key: value"},
		{"part\n  size: 1\n", "9:1: key without a value: write key: value"},
	} {
		for name, text := range map[string]string{
			"": above + c.text, " with CRLF": strings.ReplaceAll(above+c.text, "\n", "\r\n"),
			" with a byte order mark": "\ufeff" + above + c.text,
		} {
			var got file
			err := strict.Decode("f", []byte(text), &got).Err()
			if err == nil {
				t.Errorf("%q%s is accepted", c.text, name)
			} else if diff := cmp.Diff("f:"+c.want, err.Error()); diff != "" {
				t.Errorf("%q%s (-want +got):\n%s", c.text, name, diff)
			}
		}
	}
}

// A mistake in what follows the first document is one of the text.
func TestSyntaxOfASecondDocument(t *testing.T) {
	var got file
	err := strict.Decode("f", []byte("name: a\n---\nname: [\n"), &got).Err()
	if want := "f:3:7: the bracket [ is never closed"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Quotes, brackets and block scalars of valid texts are no mistakes: the search for
// an unclosed one finds the last line.
func TestSyntaxKnowsYAML(t *testing.T) {
	text := `
name: it's a "quoted" [bracket
tags: ["a # b", 'it''s', "c \" d", e] # a [comment
parts:
  - key_file: |
      "{[
      more
    size: 1
  - {key_file: "over
      two lines", size: 2}
  - &a !!map {size: 3}
by: {a: 1,
  b: 2}
`
	var got file
	if err := strict.Decode("f", []byte(text), &got).Err(); err != nil {
		t.Fatal(err)
	}
	err := strict.Decode("f", []byte(text+"part: [\n"), &got).Err()
	if want := "f:14:7: the bracket [ is never closed"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
