package main

import "testing"

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
