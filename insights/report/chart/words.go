package chart

import (
	"fmt"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

// courseWords says what a chart over time shows: of each series how far it reaches, and
// between what.
func courseWords(c report.Course, zone *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.", strings.TrimSuffix(c.Title, "."))
	for _, l := range c.Series {
		fmt.Fprintf(&b, " %s: %s.", l.Name, lineWords(cleaned(l.Points), c.Unit, zone))
	}
	return b.String()
}

func lineWords(h display.History, u display.Unit, zone *time.Location) string {
	var e extent
	var first, last *display.Point
	gaps, anomalies := 0, 0
	for i, p := range h {
		if p.Value == nil {
			gaps++
			continue
		}
		if p.Odd {
			anomalies++
		}
		if e.add(p.Value); first == nil {
			first = &h[i]
		}
		last = &h[i]
	}
	if first == nil {
		return "no data"
	}
	told := fmt.Sprintf("%s on %s", display.Write(*last.Value, u), when(last.At, zone))
	if first != last {
		told = fmt.Sprintf("from %s on %s to %s on %s, lowest %s, highest %s", display.Write(*first.Value, u),
			when(first.At, zone), display.Write(*last.Value, u), when(last.At, zone), display.Write(e.low, u),
			display.Write(e.high, u))
	}
	if last.Low != nil && last.High != nil {
		told += ", at the end from " + display.Between(*last.Low, *last.High, u)
	}
	if gaps > 0 {
		told += ", with " + display.Counted(gaps, "gap", "gaps")
	}
	if anomalies > 0 {
		told += ", with " + display.Counted(anomalies, "anomaly", "anomalies")
	}
	return told
}

func when(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	if t.Format("15:04:05") == "00:00:00" {
		return t.Format("2 January 2006")
	}
	return t.Format("2 January 2006 at 15:04")
}

// barsWords says what a chart of figures shows.
func barsWords(b report.Bars) string {
	var all []string
	for _, f := range b.Items {
		all = append(all, fmt.Sprintf("%s: %s", f.Name, figureWords(f, b.Unit, b.Effects)))
	}
	return strings.TrimSuffix(b.Title, ".") + ". " + strings.Join(all, "; ") + "."
}

func figureWords(f display.Figure, u display.Unit, signed bool) string {
	write := display.Write
	if signed {
		write = display.Signed
	}
	told := "not known"
	if f.Value != nil {
		told = write(*f.Value, u)
		if f.Range != nil {
			told += fmt.Sprintf(", %s %s to %s", f.Range.Level, write(f.Range.Low, u), write(f.Range.High, u))
		}
	}
	if f.Previous != nil {
		told += ", before " + write(*f.Previous, u)
	}
	return told
}
