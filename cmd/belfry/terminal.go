package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// terminal writes text that may come from events, from servers or from files, without the
// characters that make a terminal do something: it shows control characters, and those
// that turn the direction of text, as a string literal does, such as \x1b. It keeps line
// ends and tabs, and JSON means the same as before: see escaped.
type terminal struct{ to io.Writer }

func (t terminal) Write(text []byte) (int, error) {
	var clean []byte
	from := 0
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		if commands(r) {
			clean = append(clean, text[from:i]...)
			clean = append(clean, escaped(r)...)
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return t.to.Write(text)
	}
	if _, err := t.to.Write(append(clean, text[from:]...)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// commands reports whether a character acts on the terminal or on the text around it.
func commands(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return false
	case r < ' ', r >= 0x7f && r <= 0x9f:
		return true
	default:
		return r == 0x61c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
}

// escaped returns a character as it is written in a string of Go and, unless it is below a
// space, of JSON. JSON has escaped those itself.
func escaped(r rune) string {
	switch {
	case r < ' ':
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// plain returns text for a cell of a table or a part of a line. It escapes what [terminal]
// escapes, and line ends, tabs and whatever else is not printable.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(escaped(r))
		}
	}
	return b.String()
}
