package strict

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

var durationType = reflect.TypeFor[model.Duration]()

// scalar decodes a string, a boolean or a number.
func (d *Document) scalar(n *yaml.Node, into reflect.Value, path string) {
	isScalar := n.Kind == yaml.ScalarNode
	switch into.Kind() {
	case reflect.String:
		switch {
		case !isScalar:
			d.broken(n, path, "expected a string, got %s", describe(n))
		case n.Tag != "!!str" && !d.verbatim:
			d.broken(n, path, "expected a string, got %s: put it in quotes", n.Value)
		default:
			into.SetString(n.Value)
		}
	case reflect.Bool:
		if !isScalar || n.Tag != "!!bool" {
			d.broken(n, path, "expected true or false, got %s", quoted(n))
			return
		}
		into.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		whole, err := strconv.ParseInt(n.Value, 0, 32)
		if !isScalar || n.Tag != "!!int" || err != nil {
			d.broken(n, path, "expected a whole number, got %s", quoted(n))
			return
		}
		into.SetInt(whole)
	case reflect.Float64:
		d.float(n, into, path)
	}
}

func (d *Document) float(n *yaml.Node, into reflect.Value, path string) {
	var x float64
	err := n.Decode(&x)
	isNumber := n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float")
	share, isPercent := percent(n)
	switch {
	case isPercent:
		d.broken(n, path, "expected a number, got %q: write %s", n.Value, share)
	case !isNumber || err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		d.broken(n, path, "expected a number, got %s", quoted(n))
	default:
		into.SetFloat(x)
	}
}

// percent reads a string such as 3 % and returns it as a share of 1.
func percent(n *yaml.Node) (share string, ok bool) {
	text, isPercent := strings.CutSuffix(n.Value, "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if n.Kind != yaml.ScalarNode || !isPercent || err != nil {
		return "", false
	}
	return strconv.FormatFloat(math.Round(x*1e7)/1e9, 'f', -1, 64), true
}

// quoted shows a value of the wrong type. Use it only for fields of types that
// hold no secrets.
func quoted(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return strconv.Quote(n.Value)
	}
	return describe(n)
}

func (d *Document) duration(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.broken(n, path, "expected a duration such as 30s, 5m or 1h30m, got %s", describe(n))
		return
	}
	parsed, err := model.ParseDuration(n.Value)
	if err != nil {
		text := fmt.Sprintf("invalid duration %q: use a number and a unit, such as 30s, 5m or 1h30m", n.Value)
		if near := nearestDuration(n.Value); near != "" {
			text += "; did you mean " + strconv.Quote(near) + "?"
		}
		d.broken(n, path, "%s", text)
		return
	}
	into.Set(reflect.ValueOf(parsed))
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

var amountAndUnit = regexp.MustCompile(`^(\d+)\s*([a-zA-Z]*)$`)

// units maps words to the units of a Prometheus duration.
var units = map[string]string{
	"": "s", "ms": "ms", "msec": "ms", "millisecond": "ms",
	"s": "s", "sec": "s", "second": "s", "m": "m", "min": "m", "minute": "m",
	"h": "h", "hr": "h", "hour": "h", "d": "d", "day": "d", "w": "w", "week": "w", "y": "y", "year": "y",
}

// nearestDuration guesses which duration an invalid one was meant to be.
func nearestDuration(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if d, err := time.ParseDuration(text); err == nil && d > 0 { // 1.5h
		return model.Duration(d.Truncate(time.Millisecond)).String()
	}
	m := amountAndUnit.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	unit, known := units[m[2]]
	if !known {
		unit, known = units[strings.TrimSuffix(m[2], "s")]
	}
	if !known {
		var words []string
		for word := range units {
			if len(word) > 2 {
				words = append(words, word)
			}
		}
		slices.Sort(words)
		unit = units[nearest(m[2], words)]
	}
	return m[1] + unit
}
