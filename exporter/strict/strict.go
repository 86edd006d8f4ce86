// Package strict decodes YAML that people write by hand and reports every
// mistake in it at once: where it is, what is wrong, what to write instead and
// the nearest valid name.
//
//	var s Settings
//	file := strict.Decode("rules.yaml", text, &s)
//	file.OneOf("team", "team", s.Team, teams)
//	if s.Limit < 1 {
//		file.Wrong("limit", "%d is out of range: use 1 or more", s.Limit)
//	}
//	return file.Err()
//
// Decode finds what Go's types can tell: unknown keys, duplicate keys, values of
// the wrong type, secrets that belong in a file of their own. The caller then
// checks the values and names each by its path in the file, such as
// "alerts[2].condition.operator". Decode remembers the line of every path.
//
// One slip is one mistake, on the line to edit: what follows from a value that could
// not be read, from a misspelled key or from a line in the wrong place is not
// reported. What the parser says of a text that is not YAML is worked out again, since
// it often names another line, see syntax.go.
package strict

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"belfry/exporter/glyph"
)

// Document holds a decoded file and the mistakes found in it so far.
type Document struct {
	file     string
	places   map[string]place // of values, or of their keys
	keys     map[string]place
	mistakes []mistake
	// unread holds the paths whose values could not be read, meant those that a
	// misspelled key stood for, empty those that have a key without a value.
	unread, meant, empty map[string]bool
	// absent holds the keys of the top level that the file lacks there, strays the
	// keys that stand where none is known, and named the references that were
	// reported.
	absent, strays, named map[string]bool
	meaning               string // the tag strict of the field being decoded
	lines                 []string
	// aliases counts the aliases around the value being decoded, aliased the values
	// behind any so far. full says that no more mistakes are taken.
	aliases, aliased int
	full             bool
	more             bool // there were more mistakes than are kept
}

// place holds a line and a column of the text, both counted from 1.
type place struct{ line, column int }

func at(n *yaml.Node) place { return place{n.Line, n.Column} }

type mistake struct {
	place
	path, text string
}

// Empty reports whether the file has the key at the path without a value.
func (d *Document) Empty(path string) bool { return d.empty[path] }

// Has reports whether the file gives a value for the path.
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok && path != ""
}

// Wrong adds a mistake about the value at the path. For a path that the file
// lacks it shows where the value should be. It adds nothing if the path has a
// mistake already.
func (d *Document) Wrong(path, format string, args ...any) {
	d.wrongAt(d.place(path), path, fmt.Sprintf(format, args...))
}

// place returns the place of the value at the path, of its key if that has no
// value, or of what surrounds it.
func (d *Document) place(path string) place {
	for known := path; known != ""; known = parent(known) {
		if d.Has(known) {
			return d.places[known]
		}
		if key, ok := d.keys[known]; ok {
			return key
		}
	}
	return d.places[""]
}

// Line returns where the value at the path is, file:line, for a message about
// another one. See [Document.Wrong] for a path that the file lacks.
func (d *Document) Line(path string) string {
	return fmt.Sprintf("%s:%d", d.file, max(d.place(path).line, 1))
}

// WrongKey adds a mistake about the last key of the path, as [Document.Wrong] does about
// the value. It replaces one about a value that could not be read.
func (d *Document) WrongKey(path, format string, args ...any) {
	if d.unread[path] { // a name that nothing knows says more than the kind of its value
		d.mistakes = slices.DeleteFunc(d.mistakes, func(m mistake) bool { return m.path == path })
		d.unread[path] = false
		defer func() { d.unread[path] = true }()
	}
	d.wrongAt(d.keys[path], path, fmt.Sprintf(format, args...))
}

func (d *Document) wrongAt(p place, path, text string) {
	for above := path; ; above = parent(above) {
		if d.unread[above] || d.meant[above] && !d.Has(above) {
			return
		}
		if above == "" {
			break
		}
	}
	d.add(p, path, text)
}

// Mistaken reports whether there is a mistake about the value at the path, or
// about anything below it.
func (d *Document) Mistaken(path string) bool {
	return slices.ContainsFunc(d.mistakes, func(m mistake) bool {
		rest, below := strings.CutPrefix(m.path, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// broken adds a mistake about a value that could not be read.
func (d *Document) broken(n *yaml.Node, path, format string, args ...any) {
	d.add(at(n), path, fmt.Sprintf(format, args...))
	d.unread[path] = true
}

func (d *Document) add(p place, path, text string) {
	if d.full {
		return
	}
	if len(d.mistakes) == maxMistakes {
		d.full, d.more = true, true
		return
	}
	if !slices.ContainsFunc(d.mistakes, func(m mistake) bool { return m.path == path }) {
		d.mistakes = append(d.mistakes, mistake{p, path, text})
	}
}

// Err returns nil for a file without mistakes. Otherwise the error has a line for
// each mistake, in the order of the file: file:line:column: path: message. A
// document without a file name, whose values do not come from a text, has
// messages without a position.
func (d *Document) Err() error {
	slices.SortFunc(d.mistakes, func(a, b mistake) int {
		return cmp.Or(a.line-b.line, a.column-b.column, strings.Compare(a.path, b.path))
	})
	var all []error
	for _, m := range d.joined() {
		where := ""
		if d.file != "" {
			where = fmt.Sprintf("%s:%d:%d: ", d.file, max(m.line, 1), max(m.column, 1))
		}
		if m.path != "" {
			where += glyph.Line(m.path) + ": "
		}
		all = append(all, errors.New(where+m.text))
	}
	if d.more {
		all = append(all, fmt.Errorf("more than %d mistakes: correct those above first", maxMistakes))
	}
	return errors.Join(all...)
}

// Mistakes returns the number of mistakes found so far.
func (d *Document) Mistakes() int { return len(d.mistakes) }

// parent cuts the last key or index off a path.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// child returns the path of a key below a path.
func child(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
