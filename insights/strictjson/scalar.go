package strictjson

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/glyph"
	"belfry/exporter/strict"
)

// Count is a number of users, or of what they did: a whole number from 0 to 2⁵³, up
// to which a float64 holds every one.
type Count float64

// maxCount is the largest Count. maxNumber bounds every other number, so that sums
// and squares of them stay finite.
const (
	maxCount  = 1 << 53
	maxNumber = 1e40
)

var (
	countType    = reflect.TypeFor[Count]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[model.Duration]()
)

// scalar stores a string, a number or a boolean.
func (r reader) scalar(t json.Token, into reflect.Value, path string) {
	switch into.Type() {
	case countType:
		r.count(t, into, path)
		return
	case timeType:
		r.time(t, into, path)
		return
	case durationType:
		r.duration(t, into, path)
		return
	}
	ok := false
	switch x := t.(type) {
	case string:
		if ok = into.Kind() == reflect.String; ok {
			r.text(x, into, path)
		}
	case bool:
		if ok = into.Kind() == reflect.Bool; ok {
			into.SetBool(x)
		}
	case json.Number:
		if ok = into.Kind() == reflect.Float64; ok {
			r.float(x, into, path)
		}
	}
	if !ok && into.Kind() != reflect.Interface {
		r.Wrong(path, "expected %s, got %s", expected(into.Type()), describe(t))
	}
}

// text stores a string of one line without characters that nobody sees.
func (r reader) text(s string, into reflect.Value, path string) {
	if err := glyph.Check(s); err != nil {
		r.Wrong(path, "%v", err)
		return
	}
	into.SetString(s)
}

func (r reader) float(n json.Number, into reflect.Value, path string) {
	x, err := n.Float64()
	if err != nil || math.Abs(x) > maxNumber {
		r.Wrong(path, "%s is out of range: use -1e40 to 1e40", n)
		return
	}
	into.SetFloat(x)
}

func (r reader) count(t json.Token, into reflect.Value, path string) {
	n, ok := t.(json.Number)
	if !ok {
		r.Wrong(path, "expected a whole number, got %s", describe(t))
		return
	}
	x, err := n.Float64()
	switch {
	case err != nil || x < 0 || x > maxCount:
		r.Wrong(path, "%s is out of range: use 0 to %d", n, maxCount)
	case x != math.Trunc(x):
		r.Wrong(path, "expected a whole number, got %s: it counts users or what they did", n)
	default:
		into.SetFloat(x)
	}
}

func (r reader) time(t json.Token, into reflect.Value, path string) {
	text, ok := t.(string)
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case !ok:
		r.Wrong(path, "expected a time such as \"2026-03-01T00:00:00Z\", got %s", describe(t))
	case err != nil:
		r.Wrong(path, "invalid time %q: use RFC 3339, such as 2026-03-01T00:00:00Z", text)
	case at.Year() < 1970 || at.Year() > 2200:
		r.Wrong(path, "%s is out of range: use a time between 1970 and 2200", text)
	default:
		into.Set(reflect.ValueOf(at.UTC()))
	}
}

func (r reader) duration(t json.Token, into reflect.Value, path string) {
	text, ok := t.(string)
	if !ok {
		r.Wrong(path, "expected a duration such as \"7d\", got %s", describe(t))
		return
	}
	d, err := strict.ParseDuration(text)
	if err != nil {
		r.Wrong(path, "%v", err)
		return
	}
	into.Set(reflect.ValueOf(d))
}

// expected names what a field takes.
func expected(t reflect.Type) string {
	switch {
	case t == countType:
		return "a whole number"
	case t == timeType:
		return "a time such as \"2026-03-01T00:00:00Z\""
	case t == durationType:
		return "a duration such as \"7d\""
	}
	switch t.Kind() {
	case reflect.Pointer:
		return expected(t.Elem())
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "a string"
}

// describe names what the text has.
func describe(t json.Token) string {
	switch x := t.(type) {
	case string:
		if len(x) > 40 {
			return "a string"
		}
		return fmt.Sprintf("the string %q", x)
	case bool:
		return fmt.Sprint(x)
	}
	return fmt.Sprint(t)
}
