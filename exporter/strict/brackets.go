package strict

import (
	"regexp"
	"strings"
)

// opening is a bracket or a quote, and where it stands.
type opening struct {
	place
	char byte
}

// span is a quoted string over several lines.
type span struct{ first, last place }

// brackets follows the brackets and quotes of a text line by line, to say which
// of them are open. It knows as much of YAML as that takes: comments, block
// scalars, and where a quote or a bracket begins a value.
type brackets struct {
	open     []opening // the outermost first; a quote is always the last
	strange  *opening  // the first bracket that closes nothing
	strings  []span
	line     int
	block    int  // indentation of the key of a block scalar, or -1
	starting bool // a value can start here
}

func newBrackets() *brackets { return &brackets{block: -1} }

// follow reads one more line, without its line break.
func (b *brackets) follow(line string) {
	b.line++
	content := strings.TrimLeft(line, " ")
	indent := len(line) - len(content)
	if b.block >= 0 {
		if content == "" || indent > b.block {
			return
		}
		b.block = -1
	}
	b.starting = true
	for i := 0; i < len(line); {
		if b.quoted() {
			i += b.within(line, i)
			continue
		}
		next := b.token(line, i)
		if next < 0 {
			return // a comment
		}
		i = next
	}
}

func (b *brackets) quoted() bool {
	return len(b.open) > 0 && strings.IndexByte(`"'`, b.open[len(b.open)-1].char) >= 0
}

// within reads a character of a quoted string and returns its length.
func (b *brackets) within(line string, i int) int {
	quote := b.open[len(b.open)-1]
	switch {
	case quote.char == '"' && line[i] == '\\', line[i] == quote.char && quote.char == '\'' && followed(line, i, "'"):
		return 2
	case line[i] == quote.char:
		if quote.line < b.line {
			b.strings = append(b.strings, span{quote.place, place{b.line, i + 1}})
		}
		b.open, b.starting = b.open[:len(b.open)-1], false
	}
	return 1
}

// blockScalar matches the header of a block scalar up to the end of the line.
var blockScalar = regexp.MustCompile(`^[|>][-+0-9]*\s*(#.*)?$`)

// token reads one character outside of quotes and returns the index of the next
// one, or -1 for a comment.
func (b *brackets) token(line string, i int) int {
	c, flow := line[i], len(b.open) > 0
	switch {
	case c == ' ' || c == '\t':
	case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
		return -1
	case (c == '"' || c == '\'' || c == '[' || c == '{') && b.starting, (c == '[' || c == '{') && flow:
		b.open = append(b.open, opening{place{b.line, i + 1}, c})
	case (c == ']' || c == '}') && flow:
		b.close(c, i)
	case c == ',' && flow,
		(c == ':' || (c == '-' || c == '?') && b.starting) && followed(line, i, " \t,]}"):
		b.starting = true
	case (c == '&' || c == '!') && b.starting:
		for i+1 < len(line) && line[i+1] != ' ' {
			i++
		}
	case (c == '|' || c == '>') && b.starting && !flow && blockScalar.MatchString(line[i:]):
		b.block = blockIndent(line)
		return -1
	default:
		b.starting = false
	}
	return i + 1
}

// followed reports whether the line ends behind its i-th character, unless quotes
// are looked for, or goes on with one of the characters.
func followed(line string, i int, by string) bool {
	if i+1 == len(line) {
		return by != "'"
	}
	return strings.IndexByte(by, line[i+1]) >= 0
}

func (b *brackets) close(c byte, i int) {
	last := b.open[len(b.open)-1]
	if b.strange == nil && (last.char == '[') != (c == ']') {
		b.strange = &opening{place{b.line, i + 1}, c}
	}
	b.open, b.starting = b.open[:len(b.open)-1], false
}

// blockIndent returns the indentation that the lines of a block scalar exceed: that
// of its key, which may stand behind dashes, or of the last dash.
func blockIndent(line string) int {
	indent, last := 0, 0
	for indent < len(line) && (line[indent] == ' ' || line[indent] == '-' && followed(line, indent, " ")) {
		if line[indent] == '-' {
			last = indent
		}
		indent++
	}
	if indent < len(line) && (line[indent] == '|' || line[indent] == '>') {
		return last
	}
	return indent
}

// closing returns what closes everything that is open.
func (b *brackets) closing() string {
	var text strings.Builder
	for i := len(b.open) - 1; i >= 0; i-- {
		text.WriteByte(map[byte]byte{'[': ']', '{': '}', '"': '"', '\'': '\''}[b.open[i].char])
	}
	return text.String()
}
