package glyph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"belfry/exporter/glyph"
)

// Text of an event or a server does not command the terminal, and hides nothing. What
// people can see stays.
func TestWriter(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2J\x1b]0;title\x07b\n":   `a\x1b[2J\x1b]0;title\x07b` + "\n",
		"\u009b31m\x7f\b\x00":           `\u009b31m\u007f\x08\x00`,
		"user\u202egnp.exe\u2066\u200f": `user\u202egnp.exe\u2066\u200f`,
		"pay\u200bpal\ufeff\u00ad":      `pay\u200bpal\ufeff\u00ad`,
		"\U000e0041":                    `\U000e0041`,
		"\x1b":                          `\x1b`,
		"plain\ttext\r\n":               "plain\ttext\r\n",
		"Zürich ❤\ufe0f 日本\u3000語\n":    "Zürich ❤\ufe0f 日本\u3000語\n",
		"\xff\xfe":                      "\xff\xfe",
		"\x9b31m":                       `\u009b31m`,
		"":                              "",
	} {
		var out bytes.Buffer
		n, err := fmt.Fprint(glyph.NewWriter(&out), text)
		if out.String() != want || n != len(text) || err != nil {
			t.Errorf("%q: got %q, %d bytes (%v)", text, out.String(), n, err)
		}
	}
}

// However a text is cut into writes, the same comes out.
func TestWriterJoinsWhatIsSplit(t *testing.T) {
	const text, want = "Zürich 日本 \u202e\U000e0001 👩", `Zürich 日本 \u202e\U000e0001 👩`
	for size := 1; size < len(text); size++ {
		var out bytes.Buffer
		w := glyph.NewWriter(&out)
		for rest := text; rest != ""; {
			part := rest[:min(size, len(rest))]
			if n, err := fmt.Fprint(w, part); n != len(part) || err != nil {
				t.Fatalf("%d bytes (%v)", n, err)
			}
			rest = rest[len(part):]
		}
		if out.String() != want {
			t.Errorf("in parts of %d bytes: got %q", size, out.String())
		}
	}
}

// JSON for another program means the same after it.
func TestWriterKeepsJSON(t *testing.T) {
	want := "\x1b[2J\x07 \x7f \u0085 \u009b31m \u202e \u200b\n\ttext"
	var out bytes.Buffer
	if err := json.NewEncoder(glyph.NewWriter(&out)).Encode(want); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
		t.Errorf("%s: got %q (%v)", out.Bytes(), got, err)
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"email\n0/1\tall":    `email\x0a0/1\x09all`,
		"\u202eabc\u200b":    `\u202eabc\u200b`,
		"Zürich 日本 👩 \u00a0": "Zürich 日本 👩 \u00a0",
	} {
		if got := glyph.Line(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// A regular expression of the class finds what Hidden does.
func TestClass(t *testing.T) {
	class := regexp.MustCompile("^[" + glyph.Class() + "]$")
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r <= 0xdfff || strings.ContainsRune("\r\n\t", r) {
			continue // no characters, and line ends
		}
		if got, want := class.MatchString(string(r)), glyph.Hidden(r); got != want {
			t.Fatalf("%U: matched %v, want %v", r, got, want)
		}
	}
	for _, seen := range "aé日❤\ufe0f👩 \u00a0\u3000" {
		if glyph.Hidden(seen) {
			t.Errorf("%U is hidden", seen)
		}
	}
}

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"Zürich 日本":  "",
		"ab\u202ec":  "character 3 is U+202E, which nobody sees: remove it",
		"ä\x00":      "character 2 is U+0000, which nobody sees: remove it",
		"two\nlines": "has a line break after 3 characters: write it in one line",
		"a\tb":       "character 2 is U+0009, which nobody sees: remove it",
	} {
		got := ""
		if err := glyph.Check(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q", text, got)
		}
		if lines := glyph.CheckLines(text); (lines != nil) != (got != "" && !strings.ContainsAny(text, "\n\t")) {
			t.Errorf("%q in lines: %v", text, lines)
		}
	}
}
