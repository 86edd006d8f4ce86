// Package typeface holds the typeface of pictures and of PDF files, which bring their
// letters along: the Go fonts, with the Latin, Greek and Cyrillic letters. A text for them
// goes through [Legible], so that no character becomes an empty box.
package typeface

import (
	"strings"

	"github.com/golang/freetype/truetype"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/math/fixed"

	"belfry/exporter/glyph"
)

// The styles as TrueType files.
var (
	Regular = goregular.TTF
	Bold    = gobold.TTF
	Mono    = gomono.TTF
)

// Face is the regular style, parsed.
var Face = parse(Regular)

func parse(file []byte) *truetype.Font {
	f, err := truetype.Parse(file)
	if err != nil {
		panic(err) // it is compiled in
	}
	return f
}

// instead holds what is shown for signs that the typeface lacks.
var instead = map[rune]string{
	'✓': "√", '✕': "×", '◆': "■", '◇': "□", '\u2011': "-", '\u202f': "\u00a0",
	'₽': "RUB", '₹': "INR", '₺': "TRY", '₴': "UAH",
}

// Legible returns a text with what the typeface lacks, and what nobody would see, written
// as a string literal does.
func Legible(text string) string {
	if !strings.ContainsFunc(text, missing) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch sign, ok := instead[r]; {
		case !missing(r):
			b.WriteRune(r)
		case ok:
			b.WriteString(sign)
		case r == '\ufe0e' || r == '\ufe0f': // they choose between two forms of a character
		default:
			b.WriteString(glyph.Escape(r))
		}
	}
	return b.String()
}

func missing(r rune) bool {
	return r != '\n' && (glyph.Hidden(r) || Face.Index(r) == 0)
}

// Width returns how wide a text is in the regular style at a size in pixels.
func Width(text string, size float64) float64 {
	scale, width, before := fixed.Int26_6(size*64), fixed.Int26_6(0), truetype.Index(0)
	for i, r := range []rune(text) {
		index := Face.Index(r)
		if i > 0 {
			width += Face.Kern(scale, before, index)
		}
		width += Face.HMetric(scale, index).AdvanceWidth
		before = index
	}
	return float64(width) / 64
}

// Fit shortens a text to a width with an ellipsis.
func Fit(text string, size, width float64) string {
	if Width(text, size) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && Width(string(runes)+"…", size) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}
