package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// Text of an event or a server does not command the terminal. What people write stays.
func TestTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2J\x1b]0;title\x07b\n":   `a\x1b[2J\x1b]0;title\x07b` + "\n",
		"\u009b31m\x7f\b\x00":           `\u009b31m\u007f\x08\x00`,
		"user\u202egnp.exe\u2066\u200f": `user\u202egnp.exe\u2066\u200f`,
		"\x1b":                          `\x1b`,
		"plain\ttext\r\n":               "plain\ttext\r\n",
		"Zürich 👩\u200d💻 日本\n":          "Zürich 👩\u200d💻 日本\n",
		"\xff\xfe":                      "\xff\xfe",
		"":                              "",
	} {
		var out bytes.Buffer
		n, err := fmt.Fprint(terminal{&out}, text)
		if out.String() != want || n != len(text) || err != nil {
			t.Errorf("%q: got %q, %d bytes (%v)", text, out.String(), n, err)
		}
	}
}

// JSON for another program means the same after it.
func TestTerminalKeepsJSON(t *testing.T) {
	want := "\x1b[2J\x07 \x7f \u0085 \u009b31m \u202e\n\ttext"
	var out bytes.Buffer
	if err := json.NewEncoder(terminal{&out}).Encode(want); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
		t.Errorf("%s: got %q (%v)", out.Bytes(), got, err)
	}
}

// Text in a table or a line does not begin another one.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"email\n0/1\tall is well\r": `email\x0a0/1\x09all is well\x0d`,
		"\x1b[2J\u202e\u00a0":       `\x1b[2J\u202e\u00a0`,
		"\U000e0001":                `\U000e0001`,
		"Zürich 日本":                 "Zürich 日本",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
