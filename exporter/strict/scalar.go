package strict

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// scalar decodes a string, a boolean or a number.
func (d *Document) scalar(n *yaml.Node, into reflect.Value, path string) {
	isScalar := n.Kind == yaml.ScalarNode
	switch into.Kind() {
	case reflect.String:
		switch {
		case !isScalar:
			d.broken(n, path, "expected a string, got %s", describe(n))
		case n.Tag != "!!str" && d.meaning != "verbatim":
			d.broken(n, path, "expected a string, got %s: put it in quotes", n.Value)
		default:
			into.SetString(n.Value)
		}
	case reflect.Bool:
		d.boolean(n, into, path)
	case reflect.Int:
		d.integer(n, into, path)
	case reflect.Float64:
		d.float(n, into, path)
	}
}

func (d *Document) boolean(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		into.SetBool(strings.EqualFold(n.Value, "true"))
		return
	}
	text := "expected true or false, got " + quoted(n)
	if meant := map[string]string{
		"yes": "true", "on": "true", "y": "true", "1": "true", "true": "true",
		"no": "false", "off": "false", "n": "false", "0": "false", "false": "false",
	}[strings.ToLower(n.Value)]; meant != "" && n.Kind == yaml.ScalarNode {
		text += ": write " + meant
	}
	d.broken(n, path, "%s", text)
}

// quoted shows a value of the wrong type. Use it only for fields of types that
// hold no secrets.
func quoted(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return strconv.Quote(n.Value)
	}
	return describe(n)
}

// text decodes a scalar into a type that reads it itself, whose error says what
// is wrong and what to write instead.
func (d *Document) text(n *yaml.Node, into encoding.TextUnmarshaler, path string) {
	if n.Kind != yaml.ScalarNode {
		d.broken(n, path, "expected a single value, got %s", describe(n))
		return
	}
	if err := into.UnmarshalText([]byte(n.Value)); err != nil {
		d.broken(n, path, "%v", err)
	}
}
