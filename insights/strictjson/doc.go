// Package strictjson reads a JSON text into Go values and finds every mistake in
// it: unknown and repeated keys, values of another type, numbers out of range, text
// behind the end. It promises that what it has read without a mistake is finite, and
// that a message names the JSON path, what is wrong and what to write.
package strictjson

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Document holds what is known about a text beside its values.
type Document struct {
	places   map[string]int // where in the text a path is, by order
	has      map[string]bool
	mistakes []mistake
}

type mistake struct{ path, text string }

// Has reports whether the text gives a value, other than null, for the path.
func (d *Document) Has(path string) bool { return d.has[path] }

// Wrong adds a mistake about the value at the path. It adds nothing if the value, or
// what surrounds it, has a mistake already.
func (d *Document) Wrong(path, format string, args ...any) {
	for _, m := range d.mistakes {
		if path == m.path || strings.HasPrefix(path, m.path+".") || strings.HasPrefix(path, m.path+"[") {
			return
		}
	}
	d.mistakes = append(d.mistakes, mistake{path, fmt.Sprintf(format, args...)})
}

// Needed reports whether the text gives a value for the path, and adds a mistake if
// it does not; what says which value to give.
func (d *Document) Needed(path, what string) bool {
	if !d.Has(path) {
		d.Wrong(path, "is missing: %s", what)
	}
	return d.Has(path)
}

// Broken reports whether the text is not a JSON value of the right type at all.
func (d *Document) Broken() bool {
	return slices.ContainsFunc(d.mistakes, func(m mistake) bool { return m.path == "" })
}

// Mistaken reports whether there is a mistake about the value at the path, or about
// anything below it.
func (d *Document) Mistaken(path string) bool {
	return slices.ContainsFunc(d.mistakes, func(m mistake) bool {
		return m.path == path || strings.HasPrefix(m.path, path+".") || strings.HasPrefix(m.path, path+"[")
	})
}

// shown limits how many mistakes the error lists.
const shown = 50

// place returns where a path is in the text, or what surrounds it if that lacks it.
func (d *Document) place(path string) int {
	for path != "" {
		if place, ok := d.places[path]; ok {
			return place
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// Err returns nil for a text without mistakes. Otherwise the error has a line for
// each mistake, in the order of the text: path: message.
func (d *Document) Err() error {
	var all []error
	slices.SortStableFunc(d.mistakes, func(a, b mistake) int {
		return cmp.Or(cmp.Compare(d.place(a.path), d.place(b.path)), cmp.Compare(a.path, b.path))
	})
	for i, m := range d.mistakes {
		if i == shown {
			all = append(all, fmt.Errorf("and %d more mistakes", len(d.mistakes)-shown))
			break
		}
		if m.path == "" {
			all = append(all, errors.New(m.text))
			continue
		}
		all = append(all, fmt.Errorf("%s: %s", m.path, m.text))
	}
	return errors.Join(all...)
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// Path returns the path of a key of the object at a path.
func Path(object, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return fmt.Sprintf("%s[%q]", object, key)
	case object == "":
		return key
	}
	return object + "." + key
}
