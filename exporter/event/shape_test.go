package event_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"belfry/exporter/event"
)

func TestShapeListsNamesAndTypes(t *testing.T) {
	for _, tt := range []struct{ name, msg, want string }{
		{"nested", `{"a":1,"b":{"c":"x","d":null},"e":true}`, "a number, b object, b.c string, b.d null, e bool"},
		{"a list by its first entry", `{"l":[{"a":1},{"b":2}],"m":[1,2],"n":[]}`,
			"l array, l[].a number, m array, n array"},
		{"a list in a list", `{"l":[[{"a":1}]]}`, "l array"},
		{"as far as it is JSON", `{"a":1,"b":{"c":2,"d":yes},"e":3}`, "a number, b object, b.c number"},
		{"cut in a value", `{"a":1,"b":"half a str`, "a number, b string"},
		{"cut in a name", `{"a":1,"b`, "a number"},
		{"a given twice", `{"a":1,"a":"x"}`, "a number, a string"},
		{"not an object", `[{"a":1}]`, " array"},
		{"a plain string", `"someone@example.com"`, " string"},
		{"nothing", ``, ""},
		{"not JSON", `<event/>`, ""},
		{"names that could be values", `{"usr_123456":1,"b":{"a@b.c":2},"":4,"line\nbreak":6}`,
			"len-10 number, b object, b.len-5 number, len-0 number, len-10 number"},
		{"no further than a message goes", `{"a":1,` + strings.Repeat(" ", event.MaxSize) + `"b":2}`, "a number"},
		{"at most 64 fields", `{` + strings.Repeat(`"a":1,`, 100) + `"b":1}`,
			strings.TrimSuffix(strings.Repeat("a number, ", 64), ", ")},
		{"no deeper than 32", strings.Repeat(`{"a":`, 40) + "1", deepShape(33)},
	} {
		var got []string
		for _, f := range event.Shape([]byte(tt.msg), letters) {
			got = append(got, f.Path+" "+f.Type)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
}

func deepShape(depth int) string {
	var fields []string
	for n := 1; n <= depth; n++ {
		fields = append(fields, strings.Repeat("a.", n-1)+"a object")
	}
	return strings.Join(fields, ", ")
}

// letters shows names of one letter, and the length of others.
func letters(name string) string {
	if len(name) == 1 {
		return strings.Clone(name)
	}
	return fmt.Sprintf("len-%d", len(name))
}
