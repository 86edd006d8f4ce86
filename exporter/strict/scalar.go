package strict

import (
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

// scalar decodes a text, a boolean or a number.
func (d *Document) scalar(n *yaml.Node, into reflect.Value, path string) {
	isScalar := n.Kind == yaml.ScalarNode
	switch into.Kind() {
	case reflect.String:
		switch {
		case !isScalar:
			d.broken(n, path, "want a text, not %s", describe(n))
		case n.Tag != "!!str":
			d.broken(n, path, "want a text; YAML takes %s for something else, so put it into quotes", n.Value)
		default:
			into.SetString(n.Value)
		}
	case reflect.Bool:
		if !isScalar || n.Tag != "!!bool" {
			d.broken(n, path, "want true or false, not %s", quoted(n))
			return
		}
		into.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		whole, err := strconv.ParseInt(n.Value, 0, 32)
		if !isScalar || n.Tag != "!!int" || err != nil {
			d.broken(n, path, "want a whole number, not %s", quoted(n))
			return
		}
		into.SetInt(whole)
	case reflect.Float64:
		d.float(n, into, path)
	}
}

func (d *Document) float(n *yaml.Node, into reflect.Value, path string) {
	x, err := strconv.ParseFloat(n.Value, 64)
	isNumber := n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float")
	share, isPercent := percent(n)
	switch {
	case isPercent:
		d.broken(n, path, "want a number, not %q; as a share it is %s", n.Value, share)
	case !isNumber || err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		d.broken(n, path, "want a number, not %s", quoted(n))
	default:
		into.SetFloat(x)
	}
}

// percent reads a text such as 3 % and returns the share as a number.
func percent(n *yaml.Node) (share string, ok bool) {
	text, isPercent := strings.CutSuffix(n.Value, "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if n.Kind != yaml.ScalarNode || !isPercent || err != nil {
		return "", false
	}
	return strconv.FormatFloat(math.Round(x*1e7)/1e9, 'f', -1, 64), true
}

// quoted shows a value of another type than was wanted. Fields of these types
// hold no secrets.
func quoted(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return strconv.Quote(n.Value)
	}
	return describe(n)
}

func (d *Document) duration(n *yaml.Node, into reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.broken(n, path, "want a duration such as 30s, 5m or 1h30m, not %s", describe(n))
		return
	}
	parsed, err := model.ParseDuration(n.Value)
	if err != nil {
		text := "want a duration such as 30s, 5m or 1h30m, not " + strconv.Quote(n.Value)
		if near := nearestDuration(n.Value); near != "" {
			text += "; did you mean " + strconv.Quote(near) + "?"
		}
		d.broken(n, path, "%s", text)
		return
	}
	into.Set(reflect.ValueOf(parsed))
}

var amountAndUnit = regexp.MustCompile(`^(\d+)\s*([a-zA-Z]*)$`)

// units are words for the units of a Prometheus duration.
var units = map[string]string{
	"": "s", "ms": "ms", "msec": "ms", "millisecond": "ms",
	"s": "s", "sec": "s", "second": "s", "m": "m", "min": "m", "minute": "m",
	"h": "h", "hr": "h", "hour": "h", "d": "d", "day": "d", "w": "w", "week": "w", "y": "y", "year": "y",
}

// nearestDuration guesses what a text that is no duration was meant to be.
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
		unit = units[Nearest(m[2], words)]
	}
	return m[1] + unit
}
