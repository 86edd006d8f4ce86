package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"belfry/exporter/glyph"
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
			d.broken(n, path, "expected a string, got %s: put it in quotes", written(n))
		case !d.swallows(n, path) && !d.hides(n, path):
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

// hides adds a mistake for a string with a character that nobody sees, or with a line
// break unless it is prose, and reports whether it did.
func (d *Document) hides(n *yaml.Node, path string) bool {
	check := glyph.Check
	if d.meaning == "prose" {
		check = glyph.CheckLines
	}
	err := check(n.Value)
	if err != nil {
		d.broken(n, path, "%v", err)
	}
	return err != nil
}

// written returns a value as the text has it: a tag alone has no value.
func written(n *yaml.Node) string {
	if n.Value == "" {
		return n.Tag
	}
	return n.Value
}

// swallows adds a mistake for a value that has taken the list items below it along,
// because they are indented further, and reports whether it did.
func (d *Document) swallows(n *yaml.Node, path string) bool {
	const dash = " - "
	i := strings.Index(n.Value, dash)
	if n.Style != 0 || i < 0 || n.Line >= len(d.lines) || n.Column > len(d.lines[n.Line-1]) {
		return false
	}
	if strings.TrimSpace(d.lines[n.Line-1][n.Column-1:]) != n.Value[:i] {
		return false // the dash is on the same line
	}
	for line := n.Line; line < len(d.lines); line++ {
		if text := strings.TrimSpace(d.lines[line]); strings.HasPrefix(text, dash[1:]) {
			here := place{line + 1, indentOf(d.lines[line]) + 1}
			d.unread[path] = true
			d.add(here, path, fmt.Sprintf("continues the value of line %d: indent it like the items of its list",
				n.Line))
			return true
		}
	}
	return false
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
