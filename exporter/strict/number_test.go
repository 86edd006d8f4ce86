package strict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"belfry/exporter/strict"
)

// figures has a number of each meaning.
type figures struct {
	Count  int            `yaml:"count"`
	Least  float64        `yaml:"least" strict:"count"`
	Change float64        `yaml:"change" strict:"percent"`
	Share  float64        `yaml:"share" strict:"share"`
	Any    float64        `yaml:"any"`
	On     bool           `yaml:"on"`
	Wait   model.Duration `yaml:"wait"`
}

// What is read is what is written.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]figures{
		"count: 0x1F": {Count: 31}, "count: 0o17": {Count: 15}, "count: 0b101": {Count: 5}, "count: 1_000": {Count: 1000},
		"count: -7": {Count: -7}, "count: 0": {}, "any: 0.05": {Any: 0.05}, "any: 1e3": {Any: 1000},
		"any: 1_000.5": {Any: 1000.5}, "any: -1": {Any: -1}, "any: 0x10": {Any: 16}, "on: True": {On: true},
		"x-room: {any: &a 5}\nany: *a": {Any: 5},
	} {
		var got figures
		if err := strict.Decode("f", []byte(text), &got).Err(); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestMistakesOfNumbers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"count: 010", "count: 010 may be read as octal: write 10"},
		{"count: 08", "count: 08 may be read as octal: write 8"},
		{"count: -00_7", "count: -00_7 may be read as octal: write -7"},
		{"any: 010", "any: 010 may be read as octal: write 10"},
		{"count: 1e3", "count: expected a whole number, got 1e3: write 1000"},
		{"count: 2.0", "count: expected a whole number, got 2.0: write 2"},
		{`count: "2"`, `count: expected a whole number, got "2": remove the quotes`},
		{"count: 12:30", `count: expected a whole number, got "12:30"`},
		{"count: .inf", "count: expected a whole number, got .inf: use a finite number"},
		{"count: yes", `count: expected a whole number, got "yes"`},
		{"any: -.Inf", "any: expected a number, got -.Inf: use a finite number"},
		{"share: .nan", "share: expected a number, got .nan: use a finite number"},
		{`any: "0.5"`, `any: expected a number, got "0.5": remove the quotes`},
		{"any: 0,05", `any: expected a number, got "0,05": write 0.05`},
		{"{any: 0,05, count: 2}", "any: expected a number, got 0,05: write 0.05"},
		{"any: 1,000", `any: expected a number, got "1,000"`},
		{"any: 2026-12-24", "any: expected a number, got 2026-12-24"},
		{"any: true", "any: expected a number, got true"},
		{"any: 50%", `any: expected a number, got "50%": write 0.5 if it is a share`},
		{"share: 99.95 %", `share: expected a number, got "99.95 %": write 0.9995`},
		{"share: 0.5%", `share: expected a number, got "0.5%": write 0.005`},
		{"share: 5 percent", `share: expected a number, got "5 percent": write 0.05`},
		{"change: 50%", `change: expected a number, got "50%": write 50`},
		{"change: 12,5 %", `change: expected a number, got "12,5 %": write 12.5`},
		{"least: 10%", `least: expected a number, got "10%"`},
		{"on: No", `on: expected true or false, got "No": write false`},
		{"on: 1", "on: expected true or false, got 1: write true"},
		{`on: "true"`, `on: expected true or false, got "true": write true`},
		{"on: maybe", `on: expected true or false, got "maybe"`},
	} {
		var got figures
		err := strict.Decode("", []byte(c.text), &got).Err()
		if err == nil {
			t.Errorf("%s is accepted", c.text)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

// A duration is proposed only where it is clear which one was meant.
func TestMistakesOfDurations(t *testing.T) {
	for text, want := range map[string]string{
		"1mo": "30d", "3 months": "90d", "10ns": "", "10us": "", "10µs": "", "1 day": "1d", "5min": "5m", "5 mins": "5m",
		"1h30": "1h30m", "1h 30m": "1h30m", "1 hour and 30 minutes": "1h30m", "2 weeks": "2w", "1.5d": "1d12h",
		"0,5h": "30m", "0.5 days": "12h", "PT5M": "5m", "P1DT12H": "1d12h", "P1M": "", "30m1h": "", "1m30": "1m30s",
		"10 eons": "", "soon": "", "5 minuts": "5m", "2H": "2h", "12:30": "", "1d12": "1d12h", "99999999999 years": "",
		"0.1ms": "", "5m5": "5m5s", "1 yr": "1y", "5m half": "", "50%": "", "": "",
	} {
		says := ": use a number and a unit, such as 30s, 5m or 1h30m"
		if want != "" {
			says += `; did you mean "` + want + `"?`
		}
		_, err := strict.ParseDuration(text)
		if err == nil {
			t.Errorf("%q is accepted", text)
		} else if diff := cmp.Diff(`invalid duration "`+text+`"`+says, err.Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if _, err := strict.ParseDuration("-90m"); err == nil ||
		err.Error() != `invalid duration "-90m": it is negative: write 1h30m` {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{
		"2": "write 2s, 2m, 2h or 2d", "86400": "write 86400s (1d) if it counts seconds",
		"90061":          "write 90061s if it counts seconds",
		"86400000":       "write 86400000s (1000d) if it counts seconds, or 86400000ms (1d) if it counts milliseconds",
		"99999999999999": "use one such as 30s, 5m or 1h30m",
	} {
		_, err := strict.ParseDuration(text)
		if want := `invalid duration "` + text + `": the unit is missing: ` + want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
