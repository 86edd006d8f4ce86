package strict

import (
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"belfry/exporter/glyph"
)

// fields decodes a mapping into a struct.
func (d *Document) fields(n *yaml.Node, into reflect.Value, path string) {
	f := fieldsOf(into)
	inner := func(key string) []string { return f.inner(key) }
	d.pairs(n, path, "keys such as "+f.keys[0]+": …", inner, func(key, value *yaml.Node) {
		field, known := f.byKey[key.Value]
		switch {
		case known:
			d.meaning = f.meaning[key.Value]
			d.value(value, field, child(path, key.Value))
		case f.takes(key.Value):
			d.entry(key, value, f.others, path)
		case path == "" && strings.HasPrefix(key.Value, "x-"):
		default:
			d.unknownKey(key, path, f.keys)
		}
	})
}

// structFields holds the fields of a struct by key.
type structFields struct {
	byKey   map[string]reflect.Value
	meaning map[string]string // the tag strict
	others  reflect.Value     // the inline map, if there is one
	keys    []string          // all valid ones, those of the inline map included
}

func fieldsOf(into reflect.Value) structFields {
	f := structFields{byKey: map[string]reflect.Value{}, meaning: map[string]string{}}
	for i := range into.NumField() {
		key, option, _ := strings.Cut(into.Type().Field(i).Tag.Get("yaml"), ",")
		if key == "" && option == "" {
			continue
		}
		if option == "inline" {
			f.others = into.Field(i)
			f.keys = append(f.keys, validKeys(f.others)...)
			continue
		}
		if key == "" || key == "-" { // not for the file
			continue
		}
		f.byKey[key] = into.Field(i)
		f.meaning[key] = into.Type().Field(i).Tag.Get("strict")
		f.keys = append(f.keys, key)
	}
	return f
}

func (f *structFields) takes(key string) bool {
	if !f.others.IsValid() {
		return false
	}
	valid := validKeys(f.others)
	return valid == nil || slices.Contains(valid, key)
}

// validKeys returns the keys that a map takes, nil for any.
func validKeys(into reflect.Value) []string {
	if m, ok := into.Interface().(interface{ Keys() []string }); ok {
		return m.Keys()
	}
	return nil
}

// entries decodes a mapping into a map. A type of keys with a method Example says how an
// entry begins.
func (d *Document) entries(n *yaml.Node, into reflect.Value, path string) {
	makeMap(into)
	valid := validKeys(into)
	inner := func(string) []string { return keysOf(into.Type().Elem()) }
	expected := "a mapping"
	if key, ok := reflect.Zero(into.Type().Key()).Interface().(interface{ Example() string }); ok {
		expected += " such as {" + key.Example() + ": …}"
	}
	d.pairs(n, path, expected, inner, func(key, value *yaml.Node) {
		if valid != nil && !slices.Contains(valid, key.Value) {
			d.unknownKey(key, path, valid)
			return
		}
		d.entry(key, value, into, path)
	})
}

// entry decodes an entry of a map whose keys are names.
func (d *Document) entry(key, value *yaml.Node, into reflect.Value, path string) {
	makeMap(into)
	if err := glyph.Check(key.Value); err != nil {
		d.add(at(key), child(path, key.Value), "the key: "+err.Error())
		return
	}
	element := reflect.New(into.Type().Elem()).Elem()
	d.value(value, element, child(path, key.Value))
	into.SetMapIndex(reflect.ValueOf(key.Value).Convert(into.Type().Key()), element)
}

func makeMap(into reflect.Value) {
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
}
