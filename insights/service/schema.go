package service

import (
	"path"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
)

// schemas is where the OpenAPI document keeps the schemas of types.
const schemas = "#/components/schemas/"

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// schemaName names the schema of a type after its package and itself, because several
// packages have types of the same name: ExperimentResult.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" || t.PkgPath() == "" {
		return huma.DefaultSchemaNamer(t, hint)
	}
	name = huma.DefaultSchemaNamer(t, hint)
	home := path.Base(t.PkgPath())
	if home == "service" || strings.HasPrefix(strings.ToLower(name), home) {
		return name
	}
	return string(unicode.ToUpper(rune(home[0]))) + home[1:] + name
}

// allowNull says of pointers to structs and of maps that they can be null, which the
// generated schemas do not.
func allowNull(registry huma.Registry) {
	for name, s := range registry.Map() {
		for _, f := range reflect.VisibleFields(registry.TypeFromRef(schemas + name)) {
			field, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			property := s.Properties[field]
			if property == nil || strings.Contains(options, "omit") {
				continue
			}
			switch {
			case f.Type.Kind() == reflect.Map:
				property.Nullable = true
			case f.Type.Kind() == reflect.Pointer && isObject(f.Type.Elem()):
				s.Properties[field] = &huma.Schema{OneOf: []*huma.Schema{property, {Type: "null"}}}
			}
		}
	}
}

// isObject reports whether JSON has an object for the type. A time is a string.
func isObject(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != typeOf[time.Time]() }
