package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Decode decodes text into the struct that into points to, by its yaml tags.
// Keys that the text lacks leave their fields alone. Fields are structs, maps
// by string, lists, strings, booleans, numbers, Prometheus durations, and
// pointers to these.
func Decode(file string, text []byte, into any) *Document {
	d := &Document{file: file, places: map[string]place{}, unread: map[string]bool{}, meant: map[string]bool{}}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // nothing, or nothing but comments
		return d
	case err != nil:
		d.syntax(text, err)
		return d
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		d.broken(&second, "", "a second document begins here; one file is one document")
	}
	d.value(document.Content[0], reflect.ValueOf(into).Elem(), "")
	return d
}

var syntaxLine = regexp.MustCompile(`^yaml: line (\d+): `)

// syntax tells of text that is no YAML. Tabs are its most frequent cause, and
// the parser's own message does not name them.
func (d *Document) syntax(text []byte, err error) {
	tabs := 0
	for i, line := range strings.Split(string(text), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if column := strings.Index(indent, "\t"); column >= 0 && strings.TrimSpace(line) != "" {
			d.mistakes = append(d.mistakes, mistake{place{i + 1, column + 1}, "", "a tab indents this line; YAML takes only spaces"})
			tabs++
		}
	}
	if tabs > 0 {
		return
	}
	line := 1
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits, by the expression
		message = strings.TrimPrefix(err.Error(), m[0])
	}
	d.mistakes = append(d.mistakes, mistake{place{line, 1}, "", "this is no YAML: " + message})
}

// value decodes a node into a field.
func (d *Document) value(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias // one that contains itself ends where the Go types do
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" { // as good as left out
		delete(d.places, path)
		return
	}
	if n.Kind == yaml.ScalarNode || path == "" {
		d.places[path] = at(n) // else the key's, which says more than the first one below it
	}
	if into.Type() == durationType {
		d.duration(n, into, path)
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

// fields decodes a mapping into a struct.
func (d *Document) fields(n *yaml.Node, into reflect.Value, path string) {
	byKey := map[string]reflect.Value{}
	var keys []string
	for i := range into.NumField() {
		key := into.Type().Field(i).Tag.Get("yaml")
		byKey[key] = into.Field(i)
		keys = append(keys, key)
	}
	d.pairs(n, path, "keys such as "+keys[0]+": …", func(key, value *yaml.Node) {
		field, known := byKey[key.Value]
		if !known {
			d.unknownKey(key, path, keys)
			return
		}
		d.value(value, field, child(path, key.Value))
	})
}

// entries decodes a mapping into a map.
func (d *Document) entries(n *yaml.Node, into reflect.Value, path string) {
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	d.pairs(n, path, "names with what they stand for", func(key, value *yaml.Node) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.value(value, element, child(path, key.Value))
		into.SetMapIndex(reflect.ValueOf(key.Value).Convert(into.Type().Key()), element)
	})
}

// pairs goes through a mapping, with those that << merges into it.
func (d *Document) pairs(n *yaml.Node, path, want string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.broken(n, path, "want %s, not %s", want, describe(n))
		return
	}
	seen := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if first := seen[key.Value]; first != nil {
			d.add(at(key), child(path, key.Value)+" (again)", fmt.Sprintf("given twice, first on line %d", first.Line))
			continue
		}
		seen[key.Value] = key
		d.places[child(path, key.Value)] = at(key)
		each(key, value)
	}
	m := merge{d, path, seen, map[*yaml.Node]bool{}, each}
	for _, n := range merged {
		m.add(n)
	}
}

// merge goes through the mappings behind <<, leaving out keys that are given.
// Each anchor is gone through once: a second time it has nothing to add, and
// anchors of anchors would take for ever.
type merge struct {
	d    *Document
	path string
	seen map[string]*yaml.Node
	done map[*yaml.Node]bool
	each func(key, value *yaml.Node)
}

func (m merge) add(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if m.done[n] {
		return
	}
	m.done[n] = true
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			m.add(item)
		}
	case yaml.MappingNode:
		m.mapping(n)
	default:
		m.d.broken(n, child(m.path, "<<"), "want an anchor of a mapping, not %s", describe(n))
	}
}

func (m merge) mapping(n *yaml.Node) {
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			m.add(value)
		} else if m.seen[key.Value] == nil {
			m.seen[key.Value] = key
			m.d.places[child(m.path, key.Value)] = at(key)
			m.each(key, value)
		}
	}
}

// items decodes a list.
func (d *Document) items(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.broken(n, path, "want a list, such as [%s], not %s", example(into.Type().Elem()), describe(n))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		itemPath := fmt.Sprintf("%s[%d]", path, i)
		d.places[itemPath] = at(item)
		d.value(item, into.Index(i), itemPath)
	}
}

func example(t reflect.Type) string {
	if t.Kind() == reflect.Struct {
		return "{" + t.Field(0).Tag.Get("yaml") + ": …}"
	}
	return "a, b"
}

// describe names what is there for a message about what should be. A text is
// not repeated: it may be a secret in the wrong place.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return describe(n.Alias)
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!str":
		return "a text"
	default:
		return n.Value
	}
}
