package strict

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// leadingZeros matches a whole number that YAML, or a reader, may take for octal.
var leadingZeros = regexp.MustCompile(`^([-+]?)0[0_]*([0-9][0-9_]*)$`)

func (d *Document) integer(n *yaml.Node, into reflect.Value, path string) {
	whole, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 32)
	switch {
	case d.notANumber(n, path, "a whole number"):
	case n.Tag != "!!int" || err != nil:
		text := "expected a whole number, got " + quoted(n)
		var x float64
		switch err := n.Decode(&x); {
		case err != nil:
		case endless(x):
			text += finite
		case x == math.Trunc(x) && math.Abs(x) <= math.MaxInt32:
			text += ": write " + strconv.FormatFloat(x, 'f', -1, 64)
		}
		d.broken(n, path, "%s", text)
	default:
		into.SetInt(whole)
	}
}

func (d *Document) float(n *yaml.Node, into reflect.Value, path string) {
	if d.notANumber(n, path, "a number") {
		return
	}
	var x float64
	switch err := n.Decode(&x); {
	case err != nil:
		d.broken(n, path, "expected a number, got %s", quoted(n))
	case endless(x):
		d.broken(n, path, "expected a number, got %s"+finite, quoted(n))
	default:
		into.SetFloat(x)
	}
}

// finite says what to write instead of .inf and .nan.
const finite = ": use a finite number"

func endless(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// notANumber adds a mistake for anything that YAML does not take for a number, and
// for numbers that readers may take for others, and reports whether it did.
func (d *Document) notANumber(n *yaml.Node, path, expected string) bool {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float") {
		m := leadingZeros.FindStringSubmatch(n.Value)
		if m != nil {
			d.broken(n, path, "%s may be read as octal: write %s", n.Value, m[1]+m[2])
		}
		return m != nil
	}
	text := "expected " + expected + ", got " + quoted(n)
	if n.Kind == yaml.ScalarNode {
		text += d.numberFor(n.Value)
	}
	d.broken(n, path, "%s", text)
	return true
}

// decimalComma matches a number such as 0,03. With three digits behind the comma it
// may be a thousand.
var decimalComma = regexp.MustCompile(`^[-+]?(0,\d+|\d+,\d{1,2})$`)

// numberFor says which number to write instead of a string, or nothing.
func (d *Document) numberFor(text string) string {
	if x, ok := percent(text); ok {
		share := strconv.FormatFloat(math.Round(x*1e7)/1e9, 'f', -1, 64)
		switch d.meaning {
		case "share":
			return ": write " + share
		case "percent":
			return ": write " + strconv.FormatFloat(x, 'f', -1, 64)
		case "count":
			return ""
		}
		return ": write " + share + " if it is a share"
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && text[0] != '.' {
		return ": remove the quotes"
	}
	if decimalComma.MatchString(text) {
		return ": write " + strings.Replace(text, ",", ".", 1)
	}
	return d.spanFor(text)
}

// spanFor says which number to write instead of a duration, or nothing.
func (d *Document) spanFor(text string) string {
	span, err := model.ParseDuration(text)
	unit := map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute}[d.meaning]
	if err != nil || unit == 0 {
		return ""
	}
	number := float64(span) / float64(unit)
	return ": write " + strconv.FormatFloat(number, 'f', -1, 64) + ", the number of " + d.meaning
}

// decimalComma adds a mistake for the key that follows a number in {a: 0,03}, and
// reports whether it did.
func (d *Document) decimalComma(n *yaml.Node, i int, path string) bool {
	key, value := n.Content[i], n.Content[i+1]
	if i == 0 || key.Tag != "!!int" || value.Tag != "!!null" || value.Value != "" {
		return false
	}
	name, before := n.Content[i-2].Value, n.Content[i-1]
	if before.Tag == "!!int" {
		d.broken(before, child(path, name), "expected a number, got %s,%s: write %s.%s", before.Value, key.Value,
			before.Value, key.Value)
	}
	return before.Tag == "!!int"
}

// percent reads a string such as 3 % and returns the number before the sign.
func percent(text string) (x float64, ok bool) {
	text = strings.TrimSpace(strings.ToLower(text))
	for _, sign := range []string{"%", "percent", "pct"} {
		if number, found := strings.CutSuffix(text, sign); found {
			number = strings.TrimSpace(number)
			if decimalComma.MatchString(number) {
				number = strings.Replace(number, ",", ".", 1)
			}
			x, err := strconv.ParseFloat(number, 64)
			return x, err == nil && !endless(x)
		}
	}
	return 0, false
}
