package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"belfry/exporter/glyph"
	"belfry/exporter/strict"
)

// maxDepth limits how deep objects and lists may be nested.
const maxDepth = 32

// Decode reads text into the struct that into points to. A key that is absent or
// null leaves its field as it is. The json tag of a field names its key. Fields are
// structs, maps with string keys, lists, strings, booleans, float64, [Count],
// RFC 3339 times, Prometheus durations as strings, and pointers to these.
func Decode(text []byte, into any) *Document {
	d := &Document{has: map[string]bool{}, places: map[string]int{}}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(text)) == 0 {
		d.Wrong("", "the text is empty: write a JSON object such as {…}")
		return d
	}
	if err := syntax(text); err != nil {
		d.Wrong("", "%v", err)
		return d
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber()
	r := reader{d, tokens}
	r.value(reflect.ValueOf(into).Elem(), "", 0)
	return d
}

// syntax returns an error with line and column for a text that is not JSON.
func syntax(text []byte) error {
	var whole json.RawMessage
	err := json.Unmarshal(text, &whole)
	var at *json.SyntaxError
	if !errors.As(err, &at) {
		return err
	}
	offset := max(min(int(at.Offset), len(text))-1, 0)
	before := text[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := offset - bytes.LastIndexByte(before, '\n')
	said := at.Error()
	switch rest := string(text[offset:min(offset+4, len(text))]); {
	case strings.HasPrefix(rest, "N"), strings.HasPrefix(rest, "I"), strings.HasPrefix(rest, "-I"):
		said += ": JSON has neither NaN nor Infinity; leave out what is not known"
	case strings.Contains(said, "after top-level value"):
		said += ": keep one object per file"
	case strings.Contains(said, "unexpected end"):
		said += ": the file is cut off"
	}
	return fmt.Errorf("line %d, column %d: not JSON: %s", line, column, said)
}

// reader walks the tokens of a text whose syntax is valid.
type reader struct {
	*Document
	tokens *json.Decoder
}

// next returns the next token. The syntax of the text has been checked.
func (r reader) next() json.Token {
	t, err := r.tokens.Token()
	if err != nil {
		r.Wrong("", "%v", err)
	}
	return t
}

func (r reader) value(into reflect.Value, path string, depth int) {
	if depth > maxDepth {
		r.Wrong("", "more than %d levels of objects and lists", maxDepth)
		var skipped json.RawMessage
		if err := r.tokens.Decode(&skipped); err != nil {
			r.Wrong("", "%v", err)
		}
		return
	}
	r.places[path] = len(r.places)
	switch t := r.next().(type) {
	case nil:
		return
	case json.Delim:
		r.has[path] = true
		if t == '{' {
			r.object(into, path, depth)
		} else {
			r.list(into, path, depth)
		}
	default:
		r.has[path] = true
		r.scalar(t, settle(into), path)
	}
}

// settle returns what pointers lead to, and makes what they lack.
func settle(into reflect.Value) reflect.Value {
	for into.Kind() == reflect.Pointer {
		if into.IsNil() {
			into.Set(reflect.New(into.Type().Elem()))
		}
		into = into.Elem()
	}
	return into
}

// object reads up to the closing brace.
func (r reader) object(into reflect.Value, path string, depth int) {
	into = settle(into)
	fields := map[string]reflect.Value{}
	isMap := into.Kind() == reflect.Map
	switch {
	case isMap:
		into.Set(reflect.MakeMap(into.Type()))
	case into.Kind() == reflect.Struct && into.Type() != timeType:
		fields = fieldsOf(into)
	default:
		r.Wrong(path, "expected %s, got an object", expected(into.Type()))
	}
	seen := map[string]bool{}
	for r.tokens.More() {
		key, _ := r.next().(string)
		at := Path(path, key)
		field, known := fields[key]
		if isMap {
			field, known = reflect.New(into.Type().Elem()).Elem(), true
		}
		switch hidden := glyph.Check(key); {
		case isMap && hidden != nil:
			r.Wrong(at, "the key: %v", hidden)
		case seen[key]:
			r.Wrong(at, "duplicate key: keep one")
		case !known && len(fields) > 0:
			r.Wrong(at, "%s", strict.Unknown("key", key, slices.Sorted(maps.Keys(fields))))
		}
		if seen[key] || !known {
			r.value(nowhere(), at, depth+1)
			continue
		}
		seen[key] = true
		if r.value(field, at, depth+1); isMap && r.has[at] {
			into.SetMapIndex(reflect.ValueOf(key), field)
		}
	}
	r.next()
}

// nowhere returns where to store a value that has no field.
func nowhere() reflect.Value {
	var skipped any
	return reflect.ValueOf(&skipped).Elem()
}

// fieldsOf returns the fields of a struct by key.
func fieldsOf(s reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range s.NumField() {
		key, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("json"), ",")
		if key != "" && key != "-" {
			fields[key] = s.Field(i)
		}
	}
	return fields
}

// list reads up to the closing bracket.
func (r reader) list(into reflect.Value, path string, depth int) {
	into = settle(into)
	isList := into.Kind() == reflect.Slice
	if isList {
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	} else {
		r.Wrong(path, "expected %s, got a list", expected(into.Type()))
	}
	for i := 0; r.tokens.More(); i++ {
		item := nowhere()
		if isList {
			item = reflect.New(into.Type().Elem()).Elem()
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		r.value(item, at, depth+1)
		if isList {
			if !r.has[at] {
				r.Wrong(at, "is null: write a value or remove it")
			}
			into.Set(reflect.Append(into, item))
		}
	}
	r.next()
}
