package event

import "github.com/go-faster/jx"

// maxShape bounds the fields that Shape lists.
const maxShape = 64

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
// Names can be personal too, if a producer makes an object keyed by user. show returns
// what to list of a name. Its result must not share memory with its argument, which is
// part of the message.
func Shape(data []byte, show func(name string) string) []FieldShape {
	s := shape{show: show}
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
	show   func(name string) string
	fields []FieldShape
}

// object lists the fields of the object at hand and reports whether to go on.
func (s *shape) object(prefix string, depth int) bool {
	it, err := s.js.ObjIter()
	if err != nil {
		return false
	}
	for it.Next() {
		if len(s.fields) == maxShape || !s.value(prefix+s.show(alias(it.Key())), depth) {
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
