package strict

import (
	"fmt"
	"slices"
	"strings"
)

// listed limits how many valid names a message lists, and listedAlone how many where no
// name is near and nothing else lists them.
const (
	listed      = 12
	listedAlone = 80
)

// Unknown returns the message for a name that is not among the valid ones, with
// the nearest valid name, and all of them unless there are too many.
func Unknown(what, name string, valid []string) string { return unknown(what, name, valid, listed) }

// unknown does what [Unknown] does, and lists no more than most names where none is near.
func unknown(what, name string, valid []string, most int) string {
	text := fmt.Sprintf("unknown %s %q", what, name)
	if near := Nearest(name, valid); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
		most = listed
	}
	switch {
	case len(valid) == 0:
		text += "; none is defined"
	case len(valid) <= most:
		text += fmt.Sprintf(" (valid: %s)", strings.Join(valid, ", "))
	}
	return text
}

// Nearest returns the valid name that a word stands for, or the one with the
// smallest edit distance, the first of equals, or "" if none is close. A word that
// begins a name, or is one with an ending, is close to it. Where the words of a name are
// joined with _ or - or written together makes no difference.
func Nearest(name string, valid []string) string {
	short := strings.ToLower(name)
	for _, meant := range synonyms[strings.Trim(short, " ")] {
		if slices.Contains(valid, meant) {
			return meant
		}
	}
	best, least := "", min(max(len(name)/3, 1), len(name)-1)+1
	whole := joiners.Replace(short)
	for _, v := range valid {
		long := strings.ToLower(v)
		d := min(distance(short, long), distance(whole, joiners.Replace(long))+1)
		if begins(short, long) || begins(long, short) || begins(whole, joiners.Replace(long)) {
			d = min(d, 1)
		}
		if d < least {
			best, least = v, d
		}
	}
	return best
}

// joiners takes out what joins the words of a name.
var joiners = strings.NewReplacer("_", "", "-", "", " ", "")

// begins reports whether the beginning, of three letters or more, begins the name.
func begins(beginning, name string) bool {
	return len(beginning) >= 3 && strings.HasPrefix(name, beginning)
}

// distance returns how many letters to insert, remove, replace or swap with
// their neighbor to turn a into b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			replaced := last[j]
			if x[i] != y[j] {
				replaced++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
