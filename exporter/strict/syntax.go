package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// syntax adds the mistake of a text that is not YAML. The parser often reports
// the line where the surrounding mapping begins, or none at all, so the line is
// found here: a character that no YAML has, a bracket or quote that stays open, or
// the first line with which the text cannot be parsed any more.
func (d *Document) syntax(text []byte, into reflect.Type) {
	d.unread[""] = true // all else would follow from it
	lines := splitLines(text)
	if m := strangeCharacter(lines); m != nil {
		d.mistakes = append(d.mistakes, *m)
		return
	}
	s := syntaxError{lines: lines, at: firstBad(lines)}
	s.cause = parse([]byte(s.upTo(s.at)))
	s.decode = func(lines []string) int {
		text := []byte(strings.Join(lines, "\n"))
		if parse(text) != nil {
			return math.MaxInt
		}
		return Decode("", text, reflect.New(into).Interface()).Mistakes()
	}
	d.mistakes = append(d.mistakes, s.mistake())
}

// parse returns why the text is not YAML, or nil.
func parse(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		switch err := decoder.Decode(&n); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// splitLines splits a text at its line breaks: \n, \r\n or \r.
func splitLines(text []byte) []string {
	plain := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text))
	return strings.Split(strings.TrimSuffix(plain, "\n"), "\n")
}

// strangeCharacter returns the mistake of the first character that YAML does not
// allow anywhere, or nil.
func strangeCharacter(lines []string) *mistake {
	for i, line := range lines {
		for j := 0; j < len(line); {
			r, size := utf8.DecodeRuneInString(line[j:])
			where := place{i + 1, utf8.RuneCountInString(line[:j]) + 1}
			switch {
			case r == 0:
				return &mistake{where, "", "invalid character U+0000: save the file as UTF-8"}
			case r == utf8.RuneError && size == 1:
				return &mistake{where, "", fmt.Sprintf(
					"invalid UTF-8, byte 0x%02X (%q in Latin-1): save the file as UTF-8", line[j], rune(line[j]))}
			case r != ' ' && unicode.Is(unicode.Zs, r) && strings.Trim(line[:j], " -\t") == "":
				return &mistake{where, "", fmt.Sprintf("the line is indented with U+%04X: use spaces", r)}
			case r == 0x85 || r == 0x2028 || r == 0x2029:
				return &mistake{where, "", fmt.Sprintf("the invisible line break U+%04X: remove it", r)}
			case r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff,
				r == 0xfeff && i+j > 0:
				return &mistake{where, "", fmt.Sprintf("invisible character U+%04X: remove it", r)}
			}
			j += size
		}
	}
	return nil
}

// firstBad returns the number of the first line with which the text is not YAML.
func firstBad(lines []string) int {
	s := syntaxError{lines: lines}
	return 1 + sort.Search(len(lines)-1, func(i int) bool { return parse([]byte(s.upTo(i+1))) != nil })
}

// syntaxError explains why a text is not YAML.
type syntaxError struct {
	lines []string
	at    int // the first bad line
	cause error
	// decode returns the number of mistakes in lines.
	decode func(lines []string) int
}

// upTo returns the first lines, with everything closed that they leave open.
func (s syntaxError) upTo(line int) string {
	b := newBrackets()
	for _, l := range s.lines[:line] {
		b.follow(l)
	}
	return strings.Join(s.lines[:line], "\n") + "\n" + b.closing()
}

// mistake returns where the mistake is and what to do about it.
func (s syntaxError) mistake() mistake {
	b := newBrackets()
	for _, l := range s.lines {
		b.follow(l)
	}
	line := s.lines[s.at-1]
	here := place{s.at, len(line) - len(strings.TrimLeft(line, " \t")) + 1}
	switch ends := s.stringEnding(b); {
	case ends != nil:
		return mistake{ends.first, "", fmt.Sprintf("this quote is closed only on line %d: close it on its own line",
			ends.last.line)}
	case strings.Contains(line[:here.column-1], "\t"):
		return s.tabs()
	case b.strange != nil && b.strange.line <= s.at:
		return mistake{b.strange.place, "", fmt.Sprintf("the bracket %c closes one of the other kind", b.strange.char)}
	case len(b.open) > 0 && b.open[0].line <= s.at:
		if b.quoted() {
			quote := b.open[len(b.open)-1]
			return mistake{quote.place, "", fmt.Sprintf("the quote %c is never closed", quote.char)}
		}
		// What follows the outermost has closed the others.
		return mistake{b.open[0].place, "", fmt.Sprintf("the bracket %c is never closed", b.open[0].char)}
	}
	return s.explain(here)
}

// stringEnding returns a string over several lines that ends on the bad line: a
// quote is missing where it begins.
func (s syntaxError) stringEnding(b *brackets) *span {
	for _, one := range b.strings {
		if one.last.line == s.at {
			return &one
		}
	}
	return nil
}

func (s syntaxError) tabs() mistake {
	var first place
	more := 0
	for i, line := range s.lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		column := strings.Index(indent, "\t")
		switch {
		case column < 0 || len(indent) == len(line):
		case first.line == 0:
			first = place{i + 1, column + 1}
		default:
			more++
		}
	}
	text := "line is indented with a tab: use spaces"
	if more > 0 {
		text = fmt.Sprintf("line is indented with a tab, and so are others below (%d): use spaces", more)
	}
	return mistake{first, "", text}
}
