package strict

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Decode decodes text into the struct that into points to. Keys that the text
// lacks, or that have no value, leave their fields as they are.
//
// The yaml tag of a field names its key; a field without one is left alone.
// Fields are structs, maps with string
// keys, lists, strings, booleans, numbers, Prometheus durations, types that
// implement [encoding.TextUnmarshaler], and pointers to these. A map field
// tagged yaml:",inline" takes the keys that no other field of its struct has. A
// map type with a method Keys() []string takes only those keys. Top-level keys that
// begin with x- are left alone: they have room for anchors.
//
// A field tagged strict:"verbatim" takes numbers, booleans and dates as strings, as
// they are written. The tags strict:"share", "percent" and "count" say what a number
// means, for the message about one that is written as 3 %, and "seconds" and "minutes"
// for one that is written as 5m. A string has no characters that nobody sees, and one line
// unless its field is tagged strict:"prose".
//
// Numbers are decimal, or have a prefix: 0x1F, 0o17, 0b101. They may contain
// underscores and exponents. Numbers with leading zeros are refused, since YAML takes
// 010 for 8. Booleans are true and false.
func Decode(file string, text []byte, into any) *Document {
	d := &Document{
		file: file, places: map[string]place{}, keys: map[string]place{},
		unread: map[string]bool{}, meant: map[string]bool{}, empty: map[string]bool{},
		absent: map[string]bool{}, strays: map[string]bool{}, named: map[string]bool{},
		lines: splitLines(text),
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // an empty text, or only comments
		return d
	case err != nil:
		d.syntax(text, reflect.TypeOf(into).Elem())
		return d
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(text, reflect.TypeOf(into).Elem())
		return d
	default:
		d.broken(&second, "", "a second YAML document starts here: keep one document per file")
	}
	d.top(document.Content[0], reflect.ValueOf(into).Elem())
	d.value(document.Content[0], reflect.ValueOf(into).Elem(), "")
	return d
}

// value decodes a node into a field.
func (d *Document) value(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias // the Go types bound one that contains itself
		d.aliases++
		defer func() { d.aliases-- }()
	}
	if !d.spend(n, path) {
		return
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		delete(d.places, path)
		d.empty[path] = true
		return
	}
	if n.Kind == yaml.ScalarNode || path == "" {
		d.places[path] = at(n) // otherwise the place of the key, which is easier to find
	}
	if into.Type() == durationType {
		d.duration(n, into, path)
		return
	}
	if judge, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, judge, path)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(n, into.Elem(), path)
	case reflect.Struct:
		d.fields(n, into, path)
	case reflect.Map:
		d.entries(n, into, path)
	case reflect.Slice:
		d.items(n, into, path)
	default:
		d.scalar(n, into, path)
	}
}

// pairs calls each for every pair of a mapping, those that << merges into it
// included. inner returns the keys that the value of a key takes.
func (d *Document) pairs(n *yaml.Node, path, expected string, inner func(string) []string,
	each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.broken(n, path, "expected %s, got %s", expected, describe(n))
		return
	}
	seen := map[string]*yaml.Node{}
	var merged []*yaml.Node
	s := stray{Document: d, in: n, path: path, inner: inner}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if d.decimalComma(n, i, path) {
			continue
		}
		if first := seen[key.Value]; first != nil {
			if !d.full {
				d.mistakes = append(d.mistakes, mistake{at(key), child(path, key.Value),
					fmt.Sprintf("duplicate key, first given on line %d", first.Line)})
			}
			d.meant[child(path, key.Value)] = true
			continue
		}
		seen[key.Value] = key
		d.locate(key, child(path, key.Value))
		before := len(d.mistakes)
		each(key, value)
		if d.full || s.ends(i, before) {
			break
		}
	}
	m := merge{d, path, seen, map[*yaml.Node]bool{}, each}
	for _, n := range merged {
		m.add(n)
	}
}

// locate remembers where the key of a path is.
func (d *Document) locate(key *yaml.Node, path string) {
	d.places[path], d.keys[path] = at(key), at(key)
}

// items decodes a list.
func (d *Document) items(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.broken(n, path, "expected a list such as [%s], got %s", example(into.Type().Elem()), describe(n))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		if d.full {
			return
		}
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.places[itemPath] = at(item)
		d.value(item, into.Index(i), itemPath)
		if d.empty[itemPath] && into.Type().Elem().Kind() == reflect.String {
			d.broken(item, itemPath, "has no value: remove it, or write \"\" for an empty string")
		}
	}
}

func example(t reflect.Type) string {
	if t.Kind() == reflect.Struct {
		key, _, _ := strings.Cut(t.Field(0).Tag.Get("yaml"), ",")
		return "{" + key + ": …}"
	}
	return "a, b"
}

// describe names the kind of a value for a message. It does not repeat a string,
// which may be a secret in the wrong place.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return describe(n.Alias)
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!str":
		return "a string"
	default:
		return n.Value
	}
}
