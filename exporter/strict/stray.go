package strict

import (
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"
)

// top remembers which keys of the top level the file lacks there.
func (d *Document) top(n *yaml.Node, into reflect.Value) {
	if n.Kind != yaml.MappingNode || into.Kind() != reflect.Struct {
		return
	}
	for _, key := range fieldsOf(into).keys {
		d.absent[key] = true
	}
	for i := 0; i < len(n.Content); i += 2 {
		delete(d.absent, n.Content[i].Value)
	}
}

// stray finds the keys of a block mapping that belong to another one: a line that
// is indented too far, or not far enough, takes what is below it along. It makes one
// mistake of all that follows from that.
type stray struct {
	*Document
	in    *yaml.Node
	path  string
	inner func(key string) []string
	owner string // the key that strays belong to
}

// ends looks at the pair that has just been decoded, and at the mistakes since
// before. It reports whether the rest of the mapping belongs somewhere else.
func (s *stray) ends(i, before int) bool {
	key, value := s.in.Content[i], s.in.Content[i+1]
	own, empty := child(s.path, key.Value), value.Kind == yaml.ScalarNode && value.Tag == "!!null"
	mistaken := len(s.mistakes) > before
	switch {
	case s.path == "" || s.in.Style&yaml.FlowStyle != 0:
		return false
	case s.absent[key.Value] && (mistaken || empty):
		s.mistakes = s.mistakes[:before]
		s.add(at(key), own, "belongs at the top level: remove the indentation")
		s.unread[own], s.meant[key.Value] = true, true
		return empty
	case mistaken && s.belongs(i):
		s.mistakes = s.mistakes[:before]
		if first := child(s.path, s.owner); !s.unread[first] {
			s.add(at(key), own, "belongs to "+s.owner+" above: indent it further")
			s.unread[first] = true
		}
		s.unread[own] = true
		return false
	}
	// What follows an unknown key without a value belongs to that.
	return mistaken && empty
}

// belongs reports whether a key is one of those that the value of a key above takes.
func (s *stray) belongs(i int) bool {
	key := s.in.Content[i].Value
	if s.owner != "" && slices.Contains(s.inner(s.owner), key) {
		return true
	}
	if i == 0 || !slices.Contains(s.inner(s.in.Content[i-2].Value), key) {
		return false
	}
	s.owner = s.in.Content[i-2].Value
	return true
}

// inner returns the keys that the value of a field takes.
func (f *structFields) inner(key string) []string {
	if field, known := f.byKey[key]; known {
		return keysOf(field.Type())
	}
	return nil
}

// keysOf returns the keys of a struct, or nil for another type.
func keysOf(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return fieldsOf(reflect.New(t).Elem()).keys
}
