// Package glyph keeps characters that nobody sees out of what people read. Control
// characters command a terminal, marks of direction turn the text around them, and
// characters without a width make two names look the same. Texts of producers, of other
// servers and of files may have them.
//
// [Line] and [Writer] show such a character as a string literal does, such as \u202e.
// [Check] refuses it.
package glyph

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Hidden reports whether a character acts on what shows it, or takes no room there:
// control characters, marks of direction, and characters that Unicode has by default
// ignored (Default_Ignorable_Code_Point of its DerivedCoreProperties.txt) except those
// that choose between two forms of the one before them. The list is our own: the labels
// of metrics depend on it, and must not change with a version of Go.
func Hidden(r rune) bool {
	if r < 0xad {
		return r < ' ' || r >= 0x7f && r <= 0x9f
	}
	i, found := slices.BinarySearchFunc(hidden, r, func(span [2]rune, r rune) int { return int(span[0] - r) })
	return found || i > 0 && r <= hidden[i-1][1]
}

// hidden lists the first and the last of each span of hidden characters above ASCII.
var hidden = [][2]rune{
	{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
	{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
	{0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
}

// Class returns the hidden characters except line ends and tabs as a regular expression
// has them between brackets.
func Class() string {
	var b strings.Builder
	b.WriteString(`\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f`)
	for _, span := range hidden {
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, span[0], span[1])
	}
	return b.String()
}

// Line returns a text without hidden characters, for one line.
func Line(text string) string { return shown(text, "") }

// Lines returns a text without hidden characters except line ends and tabs.
func Lines(text string) string { return shown(text, lineEnds) }

// lineEnds lists what is hidden, but belongs to a text of several lines.
const lineEnds = "\r\n\t"

func shown(text, kept string) string {
	if !strings.ContainsFunc(text, Hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if Hidden(r) && !strings.ContainsRune(kept, r) {
			b.WriteString(Escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Escape returns a character as it is written in a string of Go and, unless it is below
// a space, of JSON.
func Escape(r rune) string {
	switch {
	case r < ' ':
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Check returns an error about the first hidden character of a text that takes one line.
// It does not repeat the text.
func Check(text string) error { return check(text, "") }

// CheckLines returns an error about the first hidden character of a text that may have
// several lines, and tabs.
func CheckLines(text string) error { return check(text, lineEnds) }

func check(text, allowed string) error {
	for i, r := range text {
		if !Hidden(r) || strings.ContainsRune(allowed, r) {
			continue
		}
		before := utf8.RuneCountInString(text[:i])
		if r != '\n' && r != '\r' {
			return fmt.Errorf("character %d is %U, which nobody sees: remove it", before+1, r)
		}
		return fmt.Errorf("has a line break after %d characters: write it in one line", before)
	}
	return nil
}

// Writer writes text without hidden characters, except line ends and tabs. JSON means the
// same as before: it has escaped those below a space itself. A character may be split
// between two writes. A Writer is safe for concurrent use.
type Writer struct {
	to   io.Writer
	mu   sync.Mutex
	rest []byte // the first bytes of a character
}

// NewWriter returns a Writer that writes to another one.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write implements [io.Writer].
func (w *Writer) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := len(text)
	if len(w.rest) > 0 {
		text = append(w.rest, text...)
		w.rest = nil
	}
	clean := make([]byte, 0, len(text))
	for len(text) > 0 {
		if !utf8.FullRune(text) {
			w.rest = slices.Clone(text)
			break
		}
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 { // a terminal may take a byte alone for a control character
			r = rune(text[0])
		}
		if Hidden(r) && !strings.ContainsRune(lineEnds, r) {
			clean = append(clean, Escape(r)...)
		} else {
			clean = append(clean, text[:size]...)
		}
		text = text[size:]
	}
	if len(clean) == 0 {
		return taken, nil
	}
	if _, err := w.to.Write(clean); err != nil {
		return 0, err
	}
	return taken, nil
}
