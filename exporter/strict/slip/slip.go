// Package slip makes the slips of a hand in a text, one at a time. It serves tests
// of what reads YAML that people write: each slip must be one mistake, on the line
// where it was made.
package slip

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Slip is a text with one slip.
type Slip struct {
	What string
	Line int // counted from 1
	Text string
}

// All returns a text with each slip in each of its lines, comments and empty lines
// left out.
func All(text string) []Slip {
	lines := strings.Split(text, "\n")
	var all []Slip
	for i, line := range lines {
		content := strings.TrimSpace(line)
		if content == "" || content[0] == '#' {
			continue
		}
		for _, s := range inLine(line) {
			changed := strings.Join(lines[:i], "\n") + "\n" + s.Text + "\n" + strings.Join(lines[i+1:], "\n")
			all = append(all, Slip{s.What, i + 1, strings.TrimPrefix(changed, "\n")})
		}
	}
	return all
}

// inLine returns a line with each slip.
func inLine(line string) []Slip {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	middle := (indent + len(line)) / 2
	all := []Slip{
		{What: "a space more", Text: " " + line}, {What: "two spaces more", Text: "  " + line},
		{What: "a tab", Text: "\t" + line}, {What: "twice", Text: line + "\n" + line},
		{What: "a control character", Text: line[:middle] + "\x07" + line[middle:]},
		{What: "a byte of Latin-1", Text: line[:middle] + "\xe9" + line[middle:]},
		{What: "the first letter gone", Text: line[:indent] + line[indent+1:]},
		{What: "a letter in the middle gone", Text: line[:middle] + line[middle+1:]},
		{What: "the last letter gone", Text: line[:len(line)-1]},
	}
	for less := 1; less <= min(indent, 2); less++ {
		all = append(all, Slip{What: fmt.Sprintf("%d spaces less", less), Text: line[less:]})
	}
	for _, mark := range []string{":", "{", "}", "[", "]", `"`, ",", "- "} {
		if i := strings.Index(line, mark); i >= 0 {
			all = append(all, Slip{What: "without " + mark, Text: line[:i] + line[i+len(mark):]})
		}
	}
	return all
}

var (
	reported = regexp.MustCompile(`^[^:]*:(\d+):\d+: `)
	// elsewhere matches mistakes that are reported where a bracket begins, or where
	// something refers to a name that the slip has changed.
	elsewhere = regexp.MustCompile(`is never closed$|: unknown (receiver|team|mute time) `)
)

// Judge returns nil if what is said about the slip is nothing, or one mistake in its
// line or in one beside it. Half an entry may lack two keys.
func (s Slip) Judge(said string) error {
	if said == "" {
		return nil
	}
	mistakes := strings.Split(said, "\n")
	if len(mistakes) > 1 && strings.Count(said, " is missing: ") != 2 {
		return s.wrong(fmt.Sprintf("%d mistakes", len(mistakes)), said)
	}
	m := reported.FindStringSubmatch(said)
	if m == nil {
		return s.wrong("no line", said)
	}
	line, err := strconv.Atoi(m[1])
	switch {
	case err != nil || line < 1 || line > strings.Count(s.Text, "\n")+1:
		return s.wrong("a line beyond the text", said)
	case (line < s.Line-1 || line > s.Line+1) && !elsewhere.MatchString(said):
		return s.wrong("another line", said)
	}
	return nil
}

func (s Slip) wrong(what, said string) error {
	line := strings.Split(s.Text, "\n")[s.Line-1]
	return fmt.Errorf("%s in line %d, %q: %s:\n%s", s.What, s.Line, line, what, said)
}
