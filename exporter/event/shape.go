package event

import (
	"strings"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

const (
	// maxShape bounds the fields that Shape lists.
	maxShape = 64
	// maxName bounds a field name in bytes and maxDigits the digits in it.
	maxName, maxDigits = 64, 3
)

// FieldShape describes one field of a message without its value.
type FieldShape struct {
	// Path joins the names of the fields around it and its own by dots, with "[]"
	// after the name of a list: "data.services[].name". It is empty if the message is
	// not an object.
	Path string `json:"path"`
	// Type names the JSON type: string, number, bool, null, array or object.
	Type string `json:"type"`
}

// Shape lists the fields of a message. The dead-letter stream keeps it to show what
// is wrong with a producer without a value that could be personal. Shape takes any
// bytes, stops where they are not JSON or exceed MaxSize, looks at the first entry of
// a list only, and lists at most 64 fields.
//
// Names can be personal too, if a producer makes an object keyed by user. Names that
// do not look like those of a schema are listed as catalog.Other: those with more
// than 64 bytes, with more than 3 digits, or with anything but letters, digits, "_",
// "-" and "$".
func Shape(data []byte) []FieldShape {
	var s shape
	s.js.ResetBytes(data[:min(len(data), MaxSize)])
	if t := s.js.Next(); t != jx.Object {
		if t == jx.Invalid {
			return nil
		}
		return []FieldShape{{Type: t.String()}}
	}
	s.object("", 0)
	return s.fields
}

type shape struct {
	js     jx.Decoder
	fields []FieldShape
}

// object lists the fields of the object at hand and reports whether to go on.
func (s *shape) object(prefix string, depth int) bool {
	it, err := s.js.ObjIter()
	if err != nil {
		return false
	}
	for it.Next() {
		if len(s.fields) == maxShape || !s.value(prefix+schemaName(alias(it.Key())), depth) {
			return false
		}
	}
	return it.Err() == nil
}

func (s *shape) value(path string, depth int) bool {
	t := s.js.Next()
	if t == jx.Invalid {
		return false
	}
	s.fields = append(s.fields, FieldShape{Path: path, Type: t.String()})
	switch {
	case t == jx.Object && depth < maxDepth:
		return s.object(path+".", depth+1)
	case t == jx.Array:
		return s.list(path, depth)
	default:
		return skip(&s.js, depth) == nil
	}
}

func (s *shape) list(path string, depth int) bool {
	it, err := s.js.ArrIter()
	if err != nil {
		return false
	}
	for first := true; it.Next(); first = false {
		if first && s.js.Next() == jx.Object && depth < maxDepth {
			if !s.object(path+"[].", depth+1) {
				return false
			}
		} else if skip(&s.js, depth) != nil {
			return false
		}
	}
	return it.Err() == nil
}

// schemaName returns a copy of name if it looks like that of a schema, else other.
func schemaName(name string) string {
	if name == "" || len(name) > maxName {
		return catalog.Other
	}
	digits := 0
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '$':
		case c >= '0' && c <= '9' && digits < maxDigits:
			digits++
		default:
			return catalog.Other
		}
	}
	return strings.Clone(name)
}
