package preview

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"belfry/dashboards-gen/view"
)

// format writes a value as Grafana does for a field: as a word, or scaled with
// its unit.
func format(c view.Field, value float64) string {
	if w, ok := mappedTo(c.Mappings, value); ok {
		return w.Text
	}
	if math.IsNaN(value) {
		if c.NoValue != "" {
			return c.NoValue
		}
		return "–"
	}
	if math.IsInf(value, 0) {
		return strings.Replace(strconv.FormatFloat(value, 'f', -1, 64), "Inf", "∞", 1)
	}
	return withUnit(c.Unit, value, c.Decimals)
}

// word replaces a value. Color is empty if the word has none of its own.
type word struct{ Text, Color string }

// mappedTo returns the word that replaces a value.
func mappedTo(mappings []view.Mapping, value float64) (word, bool) {
	return wordFor(mappings, strconv.FormatFloat(value, 'f', -1, 64))
}

// wordFor returns the word that replaces a text.
func wordFor(mappings []view.Mapping, text string) (word, bool) {
	for _, m := range mappings {
		var found word
		var ok bool
		switch m.Type {
		case "value":
			var words map[string]word
			if json.Unmarshal(m.Options, &words) == nil {
				found, ok = words[text]
			}
		case "range":
			found, ok = inRange(m.Options, text)
		case "regex":
			found, ok = replaced(m.Options, text)
		}
		if ok {
			return found, true
		}
	}
	return word{}, false
}

// inRange returns the word of a range if it has the number.
func inRange(options []byte, text string) (word, bool) {
	var within struct {
		From, To float64
		Result   word
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || json.Unmarshal(options, &within) != nil {
		return word{}, false
	}
	return within.Result, within.From <= value && value <= within.To
}

// replaced returns what a regular expression makes of a text that it matches.
func replaced(options []byte, text string) (word, bool) {
	var replace struct {
		Pattern string
		Result  word
	}
	if json.Unmarshal(options, &replace) != nil {
		return word{}, false
	}
	pattern, err := regexp.Compile(strings.Trim(replace.Pattern, "/"))
	if err != nil || !pattern.MatchString(text) {
		return word{}, false
	}
	return word{Text: pattern.ReplaceAllString(text, replace.Result.Text), Color: replace.Result.Color}, true
}

// scale has the unit of values from a value on.
type scale struct {
	from, divide float64
	suffix       string
}

var (
	thousands = []scale{{1e12, 1e12, " Tri"}, {1e9, 1e9, " Bil"}, {1e6, 1e6, " Mil"}, {1e3, 1e3, " K"}}
	binary    = []scale{
		{1 << 40, 1 << 40, " TiB"}, {1 << 30, 1 << 30, " GiB"}, {1 << 20, 1 << 20, " MiB"}, {1 << 10, 1 << 10, " KiB"},
		{0, 1, " B"},
	}
	durations = []scale{
		{31536000, 31536000, " years"}, {604800, 604800, " weeks"}, {86400, 86400, " days"}, {3600, 3600, " hours"},
		{60, 60, " mins"}, {1, 1, " s"}, {1e-3, 1e-3, " ms"}, {1e-6, 1e-6, " µs"}, {0, 1, " s"},
	}
)

// withUnit writes a value with one of the units that panels use.
func withUnit(unit string, value float64, decimals *float64) string {
	switch unit {
	case "percentunit":
		return fixedTo(value*100, decimals) + "%"
	case "s":
		return scaled(value, durations, decimals)
	case "bytes":
		return scaled(value, binary, decimals)
	case "binBps":
		return scaled(value, binary, decimals) + "/s"
	case "none", "":
		return fixedTo(value, decimals)
	}
	return scaled(value, thousands, decimals)
}

func scaled(value float64, scales []scale, decimals *float64) string {
	for _, s := range scales {
		if math.Abs(value) >= s.from && (s.from > 0 || value != 0 || s.divide == 1) {
			return fixedTo(value/s.divide, decimals) + s.suffix
		}
	}
	return fixedTo(value, decimals)
}

// fixedTo writes a number with the given decimals, or with three significant digits
// as Grafana does.
func fixedTo(value float64, decimals *float64) string {
	digits := 0
	switch {
	case decimals != nil:
		digits = int(*decimals)
	case value != math.Trunc(value):
		digits = 2 - int(math.Floor(math.Log10(math.Abs(value))))
		if value < 0 {
			digits-- // as Grafana does
		}
		digits = min(max(digits, 0), 6)
	}
	return strconv.FormatFloat(value, 'f', digits, 64)
}
