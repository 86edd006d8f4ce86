package event_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

const schemaFile = "../../nats/event.schema.json"

// maxBeyondSchema limits how many cases of the corpus JSON Schema may miss.
const maxBeyondSchema = 7

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate does what a producer does before it publishes: parse, then validate.
func validate(s *jsonschema.Schema, msg []byte) error {
	if !utf8.Valid(msg) {
		return fmt.Errorf("not UTF-8")
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(msg))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestSchemaGivesTheVerdictsOfTheCorpus(t *testing.T) {
	s := compileSchema(t)
	beyond := 0
	for _, c := range readCorpus(t) {
		want := c.verdict == accepted
		if c.BeyondSchema != "" {
			beyond++
			want = true
		}
		if err := validate(s, c.message()); (err == nil) != want {
			t.Errorf("%s: %s: schema says %v", c.verdict, c.Name, err)
		}
	}
	if beyond > maxBeyondSchema {
		t.Errorf("%d cases are beyond the schema, at most %d may be", beyond, maxBeyondSchema)
	}
}

// Decoder and schema must agree on any value in any place. Every value of a few
// complete events is replaced by each of these.
func TestDecoderAndSchemaAgreeOnEveryFieldAndValue(t *testing.T) {
	values := []string{
		`null`, `true`, `false`, `""`, `" "`, `"x"`,
		`0`, `-0.0`, `1`, `1.5`, `-1`, `1e3`, `1e999`, `4294967295`, `4294967296`,
		`[]`, `[null]`, `["x"]`, `[1]`, `[-1]`, `[{}]`, `[[]]`,
		`{}`, `{"x":1}`, `{"type":1}`, `{"amount":-1}`, `{"cpu":"x"}`,
		`"2026-11-23T02:58:53Z"`, `"1970-01-01T00:00:00Z"`, `"0001-01-01T00:00:00Z"`, `"2026-11-23"`,
		`"1960-01-01T00:00:00Z"`,
		`"email"`, `"inapp"`, `"high"`, `"hard"`, `"other"`, `"opt_in"`, `"a\u0000"`, `"\ud800"`,
		`"notification.sent"`, `"notification.bounced"`, `"notification.suppressed"`,
		`"system.performance"`, `"user.preference_changed"`,
		`-7`, `42.0`, `1e38`, `1e39`, `1795402733`, `1795402733.125`, `1795402733123`, `1e9`, `9.2e9`, `0.0004`,
		`999999`, `1000000`, `1e11`, `1e12`, `1e20`, `-0.0075`, `1e-7`,
		`"0"`, `"42"`, `"-7"`, `"0.0004"`, `"-0.0075"`, `"4e-05"`, `"1e3"`, `"999999.9"`, `"1000000"`, `"99999999999"`,
		`"1795402733"`, `"1795402733.5"`, `"2026-11-23 02:58:53+00"`, `"2026-11-23T02:58:53"`, `"1970-01-01 00:00:00 UTC"`,
		`"Mon, 23 Nov 2026 02:58:53 +0000"`, `"1 Jan 1970 00:00:00 GMT"`,
		`"Permanent"`, `"Undetermined"`, `"opt-out"`, `"HIGH"`, `"True"`, `"no"`, `["x",2,null]`, `["",null]`, `[true]`,
		`{"amount":"-0.0075","currency":"usd"}`, `{"amount":1e9}`, `{"amount":-1e12}`,
		`{"amount":1,"currency":" usd\n"}`, `{"amount":1,"currency":" "}`, `{"amount":1,"currency":"us d"}`,
	}
	origins := []string{
		"every block of the contract", "sent with what it requires", "flat delivery fields", "flat engagement fields",
		"flat bounce type", "both blocks of performance", "suppressed with a reason",
		"preference change that names a notification", "health of a component", "resource usage in the metrics block",
	}
	s := compileSchema(t)
	d := event.NewDecoder(nil)
	var e event.Event
	tried := 0
	for _, c := range readCorpus(t) {
		if c.verdict != accepted || !slices.Contains(origins, c.Name) {
			continue
		}
		for _, msg := range substitutions(t, c.Event, values) {
			tried++
			r, err := d.Decode(msg, &e), validate(s, msg)
			if (r == nil) != (err == nil) {
				t.Errorf("%s\ndecoder: %v\nschema: %v", msg, r, err)
			}
		}
	}
	if tried < 5000 {
		t.Errorf("only %d messages tried", tried)
	}
}

// substitutions returns the message once for every place in it and every value, with
// that value in that place.
func substitutions(t *testing.T, msg []byte, values []string) (messages [][]byte) {
	t.Helper()
	var root any
	if err := json.Unmarshal(msg, &root); err != nil {
		t.Fatal(err)
	}
	var visit func(node any, put func(any))
	visit = func(node any, put func(any)) {
		for _, v := range values {
			put(json.RawMessage(v))
			text, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, text)
		}
		put(node)
		switch node := node.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(node)) {
				visit(node[key], func(v any) { node[key] = v })
			}
		case []any:
			for i := range node {
				visit(node[i], func(v any) { node[i] = v })
			}
		}
	}
	visit(root, func(v any) { root = v })
	return messages
}

// The schema repeats the closed sets of the catalogue, and nothing else.
func TestSchemaHasTheSetsOfTheCatalogue(t *testing.T) {
	var types []any
	for et := catalog.EventType(0); et < catalog.NumEventTypes; et++ {
		types = append(types, et.FullName())
	}
	absent := []any{"", nil}
	for _, tt := range []struct {
		path []string
		want []any
	}{
		{[]string{"properties", "eventType"}, types},
		{[]string{"$defs", "data", "properties", "channel"},
			slices.Concat(anys(catalog.Channels), []any{"in-app", "inapp", catalog.Other}, absent)},
		{[]string{"$defs", "data", "properties", "priority"},
			slices.Concat(anys(catalog.Priorities), []any{catalog.Other}, absent)},
		{[]string{"$defs", "bounceType", "properties", "bounceType"}, slices.Concat(anys(catalog.BounceTypes), absent)},
		{[]string{"$defs", "suppression", "properties", "reason"}, anys(catalog.SuppressionReasons)},
		{[]string{"$defs", "preference", "properties", "change"}, anys(catalog.PreferenceChanges)},
	} {
		at := schemaAt(t, tt.path)
		if forms, several := at["anyOf"].([]any); several {
			at = forms[0].(map[string]any)
		}
		got := at["enum"].([]any)
		byText := func(a, b any) int { return bytes.Compare(fmt.Append(nil, a), fmt.Append(nil, b)) }
		slices.SortFunc(got, byText)
		slices.SortFunc(tt.want, byText)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v: (-catalogue +schema)\n%s", tt.path, diff)
		}
	}
}

func anys(values []string) (list []any) {
	for _, v := range values {
		list = append(list, v)
	}
	return list
}

// People copy the examples.
func TestExamplesOfTheSchemaAreAccepted(t *testing.T) {
	s := compileSchema(t)
	d := event.NewDecoder(nil)
	var e event.Event
	examples := schemaAt(t, nil)["examples"].([]any)
	for i, example := range examples {
		msg, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := d.Decode(msg, &e), validate(s, msg); r != nil || err != nil {
			t.Errorf("example %d: decoder %v, schema %v", i, r, err)
		}
		if names := d.UnknownFields(); len(names) > 0 {
			t.Errorf("example %d: the decoder does not know %q", i, names)
		}
	}
	if len(examples) == 0 {
		t.Error("no examples")
	}
}

// schemaAt returns the part of the schema's text below the given keys.
func schemaAt(t *testing.T, path []string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var node map[string]any
	if err := json.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	for _, key := range path {
		node = node[key].(map[string]any)
	}
	return node
}
