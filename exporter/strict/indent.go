package strict

import (
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
