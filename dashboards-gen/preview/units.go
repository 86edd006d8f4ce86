package preview

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"belfry/dashboards-gen/view"
)

// format writes a value as Grafana does for a field: mapped to words, or scaled
// with its unit.
func format(c view.Field, value float64) string {
	if word, ok := mappedTo(c.Mappings, value); ok {
		return word.Text
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

// word stands for a value, in a colour of its own if it has one.
type word struct{ Text, Color string }

// mappedTo is the word that stands for a value.
func mappedTo(mappings []view.Mapping, value float64) (word, bool) {
	for _, m := range mappings {
		switch m.Type {
		case "value":
			var words map[string]word
			if json.Unmarshal(m.Options, &words) != nil {
				continue
			}
			if w, ok := words[strconv.FormatFloat(value, 'f', -1, 64)]; ok {
				return w, true
			}
		case "range":
			var r struct {
				From, To *float64
				Result   word
			}
			if json.Unmarshal(m.Options, &r) == nil && (r.From == nil || value >= *r.From) && (r.To == nil || value <= *r.To) && r.Result.Text != "" {
				return r.Result, true
			}
		}
	}
	return word{}, false
}

// scale is a unit from a value on.
type scale struct {
	from, divide float64
	suffix       string
}

var (
	thousands = []scale{{1e12, 1e12, " Tri"}, {1e9, 1e9, " Bil"}, {1e6, 1e6, " Mil"}, {1e3, 1e3, " K"}}
	metric    = []scale{{1e12, 1e12, "T"}, {1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e3, 1e3, "k"}}
	binary    = []scale{{1 << 40, 1 << 40, " TiB"}, {1 << 30, 1 << 30, " GiB"}, {1 << 20, 1 << 20, " MiB"}, {1 << 10, 1 << 10, " KiB"}, {0, 1, " B"}}
	decimal   = []scale{{1e12, 1e12, " TB"}, {1e9, 1e9, " GB"}, {1e6, 1e6, " MB"}, {1e3, 1e3, " kB"}, {0, 1, " B"}}
	durations = []scale{
		{31536000, 31536000, " years"}, {604800, 604800, " weeks"}, {86400, 86400, " days"}, {3600, 3600, " hours"}, {60, 60, " mins"},
		{1, 1, " s"}, {1e-3, 1e-3, " ms"}, {1e-6, 1e-6, " µs"}, {0, 1, " s"},
	}
)

// rates are the units that are short with a word behind.
var rates = map[string]string{
	"ops": " ops/s", "reqps": " req/s", "cps": " c/s", "mps": " msg/s", "wps": " wr/s", "rps": " rd/s", "eps": " events/s",
	"opm": " ops/m", "cpm": " c/m", "rpm": " rpm", "pps": " p/s",
}

// withUnit writes a value with one of Grafana's units.
func withUnit(unit string, value float64, decimals *float64) string {
	if word, ok := rates[unit]; ok {
		return scaled(value, thousands, decimals) + word
	}
	switch unit {
	case "percentunit":
		return fixedTo(value*100, decimals) + "%"
	case "percent":
		return fixedTo(value, decimals) + "%"
	case "s", "dtdurations":
		return scaled(value, durations, decimals)
	case "ms":
		return scaled(value/1000, durations, decimals)
	case "m":
		return scaled(value*60, durations, decimals)
	case "h":
		return scaled(value*3600, durations, decimals)
	case "bytes":
		return scaled(value, binary, decimals)
	case "decbytes":
		return scaled(value, decimal, decimals)
	case "Bps", "binBps":
		return scaled(value, decimal, decimals) + "/s"
	case "dateTimeAsIso", "dateTimeFromNow", "dateTimeAsLocal":
		return time.UnixMilli(int64(value)).UTC().Format("2006-01-02 15:04")
	case "none", "", "string":
		return fixedTo(value, decimals)
	case "locale":
		return grouped(value, decimals)
	}
	return worded(unit, value, decimals)
}

// worded writes units that name a currency, a prefix or a suffix themselves.
func worded(unit string, value float64, decimals *float64) string {
	sign := ""
	if value < 0 {
		sign = "-"
	}
	amount := strings.TrimPrefix(scaled(value, thousands, decimals), "-")
	switch {
	case strings.HasPrefix(unit, "currency"):
		symbol := map[string]string{"currencyUSD": "$", "currencyEUR": "€", "currencyGBP": "£"}[unit]
		return sign + symbol + strings.ReplaceAll(amount, " Mil", " M")
	case strings.HasPrefix(unit, "prefix:"):
		return sign + strings.TrimPrefix(unit, "prefix:") + amount
	case strings.HasPrefix(unit, "suffix:"):
		return sign + amount + " " + strings.TrimSpace(strings.TrimPrefix(unit, "suffix:"))
	case strings.HasPrefix(unit, "si:"):
		return scaled(value, metric, decimals) + strings.TrimPrefix(unit, "si:")
	}
	return sign + amount // short, and units that are not known here
}

func scaled(value float64, scales []scale, decimals *float64) string {
	for _, s := range scales {
		if math.Abs(value) >= s.from && (s.from > 0 || value != 0 || s.divide == 1) {
			return fixedTo(value/s.divide, decimals) + s.suffix
		}
	}
	return fixedTo(value, decimals)
}

// fixedTo writes a number with the decimals that are asked for, or as many as
// Grafana finds telling: three digits or so.
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

// grouped writes thousands with commas.
func grouped(value float64, decimals *float64) string {
	text := fixedTo(value, decimals)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}
