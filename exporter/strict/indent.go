package strict

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// indentOf returns the number of spaces that a line begins with.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// above returns the indentations of the keys and of the list items that are open
// above the bad line.
func (s syntaxError) above() (keys, items []int) {
	least := math.MaxInt
	for i := s.before(); i > 0; i-- {
		line := s.lines[i-1]
		text, indent := strings.TrimSpace(line), indentOf(line)
		if text == "" || text[0] == '#' || indent >= least {
			continue
		}
		least = indent
		for strings.HasPrefix(text, "- ") { // its keys stand behind the dash
			items = append(items, indent)
			rest := strings.TrimLeft(text[1:], " ")
			indent, text = indent+len(text)-len(rest), rest
		}
		keys = append(keys, indent)
	}
	slices.Sort(keys)
	slices.Sort(items)
	return slices.Compact(keys), slices.Compact(items)
}

// alternatives lists numbers: 0, 2 or 4.
func alternatives(list []int) string {
	var all []string
	for _, n := range list {
		all = append(all, strconv.Itoa(n))
	}
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// reach is how many lines are tried as the slip, and near how many of them because they
// are just above.
const (
	reach = 16
	near  = 12
)

// realigned looks for the line whose indentation is wrong: the one that a space or
// two more or less turns the text into one with the fewest mistakes. Of several it
// takes one with an odd indentation, and else the last: the bad line itself, if that
// can be. It tries the lines just above, and those further up that enclose the bad
// line or have an odd indentation.
func (s syntaxError) realigned() *mistake {
	least, lines := math.MaxInt, slices.Clone(s.lines)
	var found *mistake
	odd := false
	open := math.MaxInt
	for i, tried := s.at-1, 0; i >= 0 && tried < reach; i-- {
		text, own := strings.TrimSpace(lines[i]), indentOf(lines[i])
		if text == "" || text[0] == '#' || own >= open && own%2 == 0 && tried >= near {
			continue
		}
		tried++
		open = min(open, own)
		for _, by := range []int{1, -1, 2, -2} {
			if own+by < 0 {
				continue
			}
			lines[i] = strings.Repeat(" ", own+by) + text
			n := s.decode(lines)
			if n < least || n == least && n < math.MaxInt && own%2 != 0 && !odd {
				least, odd = n, own%2 != 0
				text := fmt.Sprintf("an indentation of %d does not fit: use %d", own, own+by)
				found = &mistake{place{i + 1, own + 1}, "", text}
			}
		}
		lines[i] = s.lines[i]
	}
	return found
}
