// Package strict reads YAML that people write by hand, and tells them
// everything that is wrong with it at once: what is wrong, where, what would be
// valid, and the nearest valid name.
//
//	var s Settings
//	file := strict.Decode("rules.yaml", text, &s)
//	if !slices.Contains(teams, s.Team) {
//		file.Wrong("team", "%s", strict.Unknown("team", s.Team, teams))
//	}
//	return file.Err()
//
// Decode finds what Go's types can tell: unknown keys, keys given twice, values
// of another type, secrets that belong into a file of their own. The caller
// then judges the values, naming each by its path in the file, such as
// "alerts[2].condition.operator", and Decode remembers the line of every path.
//
// One slip is one mistake: what follows from a value that could not be read, or
// from a key that was misspelt, is not told as well.
package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Document is a decoded file with the mistakes found in it so far.
type Document struct {
	file     string
	places   map[string]place
	mistakes []mistake
	// unread are the paths whose values could not be read, meant those whose
	// place a misspelt key took.
	unread, meant map[string]bool
}

// place is a position in the text, both counted from 1.
type place struct{ line, column int }

func at(n *yaml.Node) place { return place{n.Line, n.Column} }

type mistake struct {
	place
	path, text string
}

// Has reports whether the file gives a value for the path.
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok && path != ""
}

// Wrong adds a mistake about the value at the path. A path that the file lacks
// is shown where it should have been. Nothing is added about what has a mistake
// already.
func (d *Document) Wrong(path, format string, args ...any) {
	for p := path; ; p = parent(p) {
		if d.unread[p] || d.meant[p] && !d.Has(p) {
			return
		}
		if p == "" {
			break
		}
	}
	known := path
	for !d.Has(known) && known != "" {
		known = parent(known)
	}
	d.add(d.places[known], path, fmt.Sprintf(format, args...))
}

// Needed reports whether the file gives a value for the path. Where it does not,
// that is a mistake; what says what to give.
func (d *Document) Needed(path, what string) bool {
	if !d.Has(path) {
		d.Wrong(path, "is missing: %s", what)
		return false
	}
	return true
}

// OneOf reports whether name is one of the valid ones. Where it is not, that is
// a mistake at the path; what says what kind of name it is.
func (d *Document) OneOf(path, what, name string, valid []string) bool {
	if !slices.Contains(valid, name) {
		d.Wrong(path, "%s", Unknown(what, name, valid))
		return false
	}
	return true
}

// broken adds a mistake about a value that could not be read.
func (d *Document) broken(n *yaml.Node, path, format string, args ...any) {
	d.add(at(n), path, fmt.Sprintf(format, args...))
	d.unread[path] = true
}

func (d *Document) add(p place, path, text string) {
	if !slices.ContainsFunc(d.mistakes, func(m mistake) bool { return m.path == path }) {
		d.mistakes = append(d.mistakes, mistake{p, path, text})
	}
}

// Err is nil for a file without mistakes; else it has a line for each, in the
// order of the file: file:line:column: path: what is wrong.
func (d *Document) Err() error {
	slices.SortFunc(d.mistakes, func(a, b mistake) int {
		return cmp.Or(a.line-b.line, a.column-b.column, strings.Compare(a.path, b.path))
	})
	var all []error
	for _, m := range d.mistakes {
		where := fmt.Sprintf("%s:%d:%d: ", d.file, max(m.line, 1), max(m.column, 1))
		if m.path != "" {
			where += m.path + ": "
		}
		all = append(all, errors.New(where+m.text))
	}
	return errors.Join(all...)
}

// Mistakes is how many mistakes have been found.
func (d *Document) Mistakes() int { return len(d.mistakes) }

// parent cuts the last key or index off a path.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// child is the path of a key below a path.
func child(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
