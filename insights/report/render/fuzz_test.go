package render_test

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"belfry/exporter/glyph"
	"belfry/insights/display"
	"belfry/insights/report"
)

// ends says how a number of each unit ends.
var ends = map[display.Unit]*regexp.Regexp{
	display.Count: regexp.MustCompile(`^[−0-9,.]+$`), display.Number: regexp.MustCompile(`^[−0-9,.]+$`),
	display.Share:        regexp.MustCompile(`^[−0-9,.]+ %$`),
	display.Points:       regexp.MustCompile(`^[+−0-9,.]+ points$`),
	display.Seconds:      regexp.MustCompile(`^[−0-9,.]+ (ms|s|min|h|days)$`),
	display.Probability:  regexp.MustCompile(`^(below )?[−0-9,.]+$`),
	display.Money("EUR"): regexp.MustCompile(`^[−0-9,.]+ EUR$`),
}

// Whatever numbers and names there are: numbers have their units, no format writes one that
// is none, and nothing in a text is hidden.
func FuzzFigures(f *testing.F) {
	units := slices.Sorted(maps.Keys(ends))
	for i := range units {
		f.Add("email", uint(i), .5, .4, .3, .6)
		f.Add("=1+1", uint(i), math.NaN(), math.Inf(1), math.Copysign(0, -1), math.MaxFloat64)
		f.Add("a\x00\u202e|\n", uint(i), -5e-324, 1e-9, -1e300, 1e300)
		f.Add("0", uint(i), 86399.9999, 0.99999999, 999.9999, 59.9999)
	}
	f.Fuzz(func(t *testing.T, name string, i uint, value, previous, low, high float64) {
		unit := units[i%uint(len(units))]
		if unit == display.Probability && value < 0 {
			return // there is none
		}
		figure := display.Figure{Name: name, Unit: unit, Value: &value, Previous: &previous, Good: display.Up,
			Range: &display.Range{Low: low, High: high, Level: "95 % interval"}}
		shown := more.ReplaceAllString(cellOf(t, figure), "")
		if known := display.Finite(value); known != ends[unit].MatchString(shown) || !known && shown != "not known" {
			t.Errorf("%v %s is written as %q", value, unit, shown)
		}
		d := report.Document{Title: name, Sections: []report.Section{{Title: name, Blocks: []report.Block{
			report.Figures{Items: []display.Figure{figure}},
			report.Bars{Unit: unit, Items: []display.Figure{figure}},
			report.Course{Unit: unit, Series: []report.Line{
				{Name: "Values", Points: daily(value, previous, low, high)}}}}}}}
		for _, format := range []string{"html", "markdown", "text", "csv", "json"} {
			got := write(t, d, format)
			if bad := none.FindString(got); bad != "" && !strings.Contains(name, bad) {
				t.Errorf("%s holds %s", format, bad)
			}
			if strings.ContainsFunc(strings.NewReplacer("\n", "", "\r", "").Replace(got), glyph.Hidden) {
				t.Errorf("%s hides a character of %q", format, name)
			}
		}
	})
}

var (
	none = regexp.MustCompile(`NaN|[+-]Inf\b|Infinity`)
	// more is what a cell has beside its value.
	more = regexp.MustCompile(` \(.*|, (▲|▼|→|before).*`)
)

// cellOf returns a figure as a table of Markdown has it.
func cellOf(t *testing.T, f display.Figure) string {
	t.Helper()
	d := report.Document{Sections: []report.Section{{Blocks: []report.Block{report.Table{
		Columns: []report.Column{{Name: "a"}, {Name: "b"}}, Rows: [][]report.Cell{{{Text: "x"}, {Figure: &f}}}}}}}}
	_, row, found := strings.Cut(write(t, d, "markdown"), "| x | ")
	if !found {
		t.Fatal("the table has no row")
	}
	cell, _, _ := strings.Cut(row, " |")
	return cell
}
