package series

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestReadCSV(t *testing.T) {
	for name, text := range map[string]string{
		"RFC 3339":        "timestamp,value\n2026-03-01T10:00:00Z,1\n2026-03-01T12:05:00+02:00,2.5\n",
		"UTC":             "timestamp,value\n2026-03-01 10:00:00,1\n2026-03-01 10:05:00,2.5\n",
		"mark and CRLF":   "\xef\xbb\xbftimestamp,value\r\n2026-03-01 10:00:00,1\r\n2026-03-01 10:05:00,2.5\r\n",
		"case and spaces": "Timestamp, Value\n2026-03-01 10:00:00, 1\n2026-03-01 10:05:00, 25e-1\n",
		"no last newline": "timestamp,value\n2026-03-01 10:00:00,1\n\n\"2026-03-01 10:05:00\",2.5",
	} {
		rows, err := ReadCSV(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		start := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
		if len(rows) != 2 || !rows[0].At.Equal(start) || rows[0].Value != 1 ||
			!rows[1].At.Equal(start.Add(5*time.Minute)) || rows[1].Value != 2.5 {
			t.Errorf("%s: read %v", name, rows)
		}
	}
}

func TestReadCSVErrors(t *testing.T) {
	const head, first = "timestamp,value\n", "2026-03-01 10:00:00,1\n"
	const sorted = ": sort the rows by time, each time once"
	for text, want := range map[string]string{
		"":                                     "empty file: the first line must be the header timestamp,value",
		first:                                  `line 1: header "2026-03-01 10:00:00,1": must be timestamp,value`,
		"timestamp;value\n":                    `line 1: header "timestamp;value": separate the columns by commas`,
		"timestamp\tvalue\n":                   `line 1: header "timestamp\tvalue": separate the columns by commas`,
		"time,value,x\n":                       `line 1: header "time,value,x": must be timestamp,value`,
		head + first + "2026-03-01 10:05:00\n": `line 3: 1 fields: each row needs timestamp,value`,
		head + first + "2026-03-01 10:05:00,1,2\n": `line 3: 3 fields: each row needs timestamp,value`,
		head + first + "01.03.2026,1\n": "" +
			`line 3: timestamp "01.03.2026": use 2006-01-02T15:04:05Z, or 2006-01-02 15:04:05 in UTC`,
		head + "2500-03-01 10:05:00,1\n": `line 2: timestamp "2500-03-01 10:05:00": use a year from 1971 to 2200`,
		head + first + "2026-03-01 10:05:00,\n": "" +
			`line 3: value is empty: leave the row out where nothing was measured`,
		head + first + "2026-03-01 10:05:00,NaN\n":   `line 3: value "NaN": not a finite number such as 12.5`,
		head + first + "2026-03-01 10:05:00,+Inf\n":  `line 3: value "+Inf": not a finite number such as 12.5`,
		head + first + "2026-03-01 10:05:00,1_0\n":   `line 3: value "1_0": not a finite number such as 12.5`,
		head + first + "2026-03-01 10:05:00,1e400\n": `line 3: value "1e400": too large, at most 1e+100`,
		head + first + "2026-03-01 10:05:00,\"1\n": "" +
			`line 3: extraneous or missing " in quoted-field: check the quotes`,
		head + first + first: `line 3: timestamp 2026-03-01T10:00:00Z: the same as the row before` + sorted,
		head + first + "2026-03-01 09:55:00,1\n": "" +
			`line 3: timestamp 2026-03-01T09:55:00Z: before an earlier row's` + sorted,
	} {
		rows, err := ReadCSV(strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("ReadCSV(%q) = %v, %v; want error %q", text, rows, err, want)
		}
	}
}

// TestLateRows reads the hour that a local clock repeats.
func TestLateRows(t *testing.T) {
	var text strings.Builder
	text.WriteString("timestamp,value\n")
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 200 {
		if i == 100 {
			at = at.Add(-20 * time.Minute)
		}
		text.WriteString(at.Format(time.RFC3339) + ",1\n")
		at = at.Add(5 * time.Minute)
	}
	rows, err := ReadCSV(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	if points := InOrder(rows); len(points) != 196 || Step(points) != 5*time.Minute {
		t.Errorf("%d points in steps of %v", len(points), Step(points))
	}
	want := "4 rows are not later than the rows before them, the first in line 102: left out"
	if late := Late(rows); late != want {
		t.Errorf("Late() = %q, want %q", late, want)
	}
}

func TestFormat(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1234567.8: "1234568", 123.45678: "123.457", -0.00123456789: "-0.00123457", 1e20: "1e+20", 1e-9: "1e-09",
	} {
		if got := Format(x); got != want {
			t.Errorf("Format(%v) = %q, want %q", x, got, want)
		}
	}
}

// FuzzReadCSV holds the reader to its promise: finite values, in order but for marked rows,
// or an error.
func FuzzReadCSV(f *testing.F) {
	f.Add("timestamp,value\n2026-03-01T10:00:00Z,1\n2026-03-01T10:05:00Z,-2.5e3\n")
	f.Add("\xef\xbb\xbftimestamp,value\r\n2026-03-01 10:00:00,1\r\n2026-03-01 10:00:00,1\r\n")
	f.Add("timestamp;value\n")
	f.Add("timestamp,value\n\"2026-03-01 10:00:00\",1e101\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := ReadCSV(strings.NewReader(text))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		points := InOrder(rows)
		for i, p := range points {
			if math.IsNaN(p.Value) || math.Abs(p.Value) > maxValue {
				t.Errorf("value %v", p.Value)
			}
			if i > 0 && !p.At.After(points[i-1].At) {
				t.Errorf("%v follows %v", p.At, points[i-1].At)
			}
		}
	})
}
