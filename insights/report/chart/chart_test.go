package chart

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

var pictures = flag.String("pictures", "", "write the charts of the tests to this directory")

var monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// spaced returns points a step apart. A value that is not a number is a gap.
func spaced(step time.Duration, values ...float64) (h display.History) {
	for i, v := range values {
		p := display.Point{At: monday.Add(time.Duration(i) * step)}
		if !math.IsNaN(v) {
			p.Value = new(v)
		}
		h = append(h, p)
	}
	return h
}

func wave(n int, step time.Duration, mean, swing float64) display.History {
	values := make([]float64, n)
	for i := range values {
		values[i] = mean + swing*math.Sin(float64(i)*2*math.Pi/float64(24))*math.Cos(float64(i)/5)
	}
	return spaced(step, values...)
}

// banded adds what is expected, and an anomaly.
func banded(h display.History, width float64) display.History {
	for i := range h {
		h[i].Low, h[i].High = new(*h[i].Value-width), new(*h[i].Value+width)
	}
	h[len(h)/2].Odd = true
	return h
}

func shifted(h display.History, by time.Duration) display.History {
	for i := range h {
		h[i].At = h[i].At.Add(by)
	}
	return h
}

func figure(name string, value, low, high, previous float64) display.Figure {
	return display.Figure{Name: name, Unit: display.Share, Value: &value, Previous: &previous,
		Range: &display.Range{Low: low, High: high, Level: "95 % interval"}}
}

// cases are charts of every kind, and what is odd.
func cases() map[string]Chart {
	nan := math.NaN()
	line := func(name string, h display.History) report.Line { return report.Line{Name: name, Points: h} }
	all := map[string]report.Course{
		"volumes": {Title: "Notifications", Unit: display.Count, Series: []report.Line{
			line("Sent", wave(7, 24*time.Hour, 812345, 90000)), line("Delivered", wave(7, 24*time.Hour, 790000, 80000)),
			line("Engaged", wave(7, 24*time.Hour, 120000, 30000))}},
		"rate with gaps": {Title: "Delivery rate", Unit: display.Share, Series: []report.Line{line("Delivered per sent",
			spaced(24*time.Hour, .981, .979, nan, nan, .975, .99, nan, .984, .9, .97))}},
		"band": {Title: "Latency", Unit: display.Seconds,
			Series: []report.Line{line("Delivery latency", banded(wave(24, time.Hour, 1.8, .4), .3))}},
		"forecast": {Title: "Sent per hour, email", Unit: display.Count, Series: []report.Line{
			line("Measured", wave(168, time.Hour, 2400, 900)),
			{Name: "Forecast", Ahead: true,
				Points: shifted(banded(wave(48, time.Hour, 2400, 900), 500)[:24], 168*time.Hour)}}},
		"year": {Title: "Cost", Unit: display.Money("USD"), Series: []report.Line{
			line("Cost", wave(365, 24*time.Hour, 412, 100))}},
		"five": {Title: "Five", Unit: display.Number, Series: fiveLines()},
		"one":  {Title: "One point", Unit: display.Share, Series: []report.Line{line("Rate", spaced(time.Hour, .5))}},
		"equal": {Title: "Equal", Unit: display.Share, Series: []report.Line{
			line("Rate", spaced(time.Hour, 1, 1, 1, 1))}},
		"zero": {Title: "Zero", Unit: display.Count, Series: []report.Line{line("Sent", spaced(time.Hour, 0, 0, 0))}},
		"nothing": {Title: "Nothing", Unit: display.Count, Series: []report.Line{
			line("Sent", spaced(time.Hour, nan, nan)), line("Delivered", nil)}},
		"huge": {Title: "Huge", Unit: display.Number, Series: []report.Line{
			line("Values", spaced(time.Hour, math.MaxFloat64, 1e-12, -1e200, math.SmallestNonzeroFloat64))}},
		"long": {Title: "Long", Unit: display.Count, Series: []report.Line{
			line("Sent per 5 minutes", banded(wave(4000, 5*time.Minute, 100, 60), 20))}},
		"odd unit": {Title: "Unit", Unit: display.Money(`<b>"&fill:rgb(10,58,140)`), Series: []report.Line{
			line("\u202ename </svg><script>", spaced(time.Hour, -3, 4))}},
	}
	drawn := map[string]Chart{}
	for name, c := range all {
		drawn[name] = OfCourse(c, time.UTC)
	}
	for name, b := range map[string]report.Bars{
		"bars": {Title: "Engagement rate by channel", Unit: display.Share, Items: []display.Figure{
			figure("email", .234, .22, .25, .21), figure("push", .112, .109, .115, .124),
			figure("sms", .05, .02, .09, .05),
			{Name: "in-app", Unit: display.Share, Reason: "nothing was delivered", Previous: new(.3)},
			figure("winter_sale_for_everyone_who_bought_in_the_last_two_years_v2", .18, .17, .19, .18)}},
		"bars near the top": {Title: "Delivered per attempt", Unit: display.Share, Items: []display.Figure{
			figure("sendgrid", .987, .98, .99, .97), figure("ses", .93, .91, .95, .96)}},
		"effects": {Title: "Effects", Unit: display.Points, Effects: true, Items: []display.Figure{
			{Name: "b: opened", Unit: display.Points, Value: new(.012),
				Range: &display.Range{Low: .002, High: .022, Level: "at every look"}},
			{Name: "c: opened", Unit: display.Points, Value: new(-.004),
				Range: &display.Range{Low: -.014, High: .006, Level: "at every look"}}}},
		"negative bars": {Title: "Return on cost", Unit: display.Share, Items: []display.Figure{
			{Name: "email", Unit: display.Share, Value: new(2.4)},
			{Name: "sms", Unit: display.Share, Value: new(-.4)}}},
		"no bars": {Title: "None", Unit: display.Share, Items: []display.Figure{{Name: "email", Reason: "withheld"}}},
		"zero bar": {Title: "Zero", Unit: display.Count, Items: []display.Figure{
			{Name: "email", Unit: display.Count, Value: new(0.0)}}},
	} {
		drawn[name] = OfBars(b)
	}
	return drawn
}

func fiveLines() (all []report.Line) {
	for i := range 5 {
		all = append(all, report.Line{Name: fmt.Sprintf("Series %d", i+1),
			Points: wave(30, 24*time.Hour, float64(10*i+5), 4)})
	}
	return all
}

// Each chart is well-formed, small, the same each time, and says in words what it shows.
// One with nothing in it is empty, and never a frame without values.
func TestCharts(t *testing.T) {
	empty := map[string]bool{"nothing": true, "no bars": true}
	for name, c := range cases() {
		if c.Empty != empty[name] {
			t.Errorf("%s: empty is %t", name, c.Empty)
		}
		if c.Words == "" || strings.Contains(c.Words, "NaN") || strings.Contains(c.Words, "Inf") {
			t.Errorf("%s: words: %q", name, c.Words)
		}
		for _, width := range []int{Wide, Medium, Narrow} {
			check(t, name, c, width)
		}
	}
}

func check(t *testing.T, name string, c Chart, width int) {
	t.Helper()
	svg, err := c.SVG(width)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if again, _ := cases()[name].SVG(width); again != svg {
		t.Errorf("%s: another picture the second time", name)
	}
	if bad := wrongIn(svg); bad != "" {
		t.Errorf("%s: %s", name, bad)
	}
	picture, err := c.PNG(width)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if c.Empty {
		if svg != "" || picture != nil {
			t.Errorf("%s: an empty chart is drawn", name)
		}
		return
	}
	if got, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || got.Width != 2*width {
		t.Errorf("%s: %+v (%v)", name, got, err)
	}
	if *pictures != "" {
		file := filepath.Join(*pictures, fmt.Sprintf("%s-%d", strings.ReplaceAll(name, " ", "-"), width))
		if err := os.WriteFile(file+".png", picture, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file+".svg", []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wrongIn says what is wrong with a picture.
func wrongIn(svg string) string {
	if len(svg) > 30_000 {
		return "larger than 30 kB"
	}
	for _, bad := range []string{"NaN", "Inf", "rgb", "href=", "<script", "font-family", "style=", "\u202e"} {
		if strings.Contains(strings.ReplaceAll(svg, "fill:rgb(10,58,140)", ""), bad) {
			return "holds " + bad
		}
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		switch _, err := d.Token(); {
		case err == io.EOF:
			return ""
		case err != nil:
			return err.Error()
		}
	}
}
