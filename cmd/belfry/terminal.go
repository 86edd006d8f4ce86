package main

import (
	"strings"
	"unicode"

	"belfry/exporter/glyph"
)

// plain returns text for a cell of a table or a part of a line. It escapes what
// [glyph.Line] escapes, and spaces that look like others.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) && !glyph.Hidden(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(glyph.Escape(r))
		}
	}
	return b.String()
}
