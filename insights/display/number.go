package display

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"belfry/insights/analytics"
)

// minus writes negative numbers so that they do not break at the end of a line.
const minus = "−"

// Write writes a number with its unit.
func Write(x float64, u Unit) string { return precisely(x, u, 0) }

// precisely writes a number with its unit, and with more decimals than usual.
func precisely(x float64, u Unit, more int) string {
	if !Finite(x) {
		return "not known"
	}
	if x == 0 {
		x = 0 // and not −0
	}
	if x < 0 {
		size := precisely(-x, u, more)
		if !strings.ContainsAny(size, "123456789") {
			return size
		}
		return minus + size
	}
	switch u {
	case Count:
		return grouped(x, more)
	case Share:
		return grouped(100*x, shareDecimals(x)+more) + " %"
	case Points:
		return grouped(100*x, 2+more) + " points"
	case Seconds:
		return seconds(x, more)
	case Number:
		return grouped(x, decimals(x)+more)
	case Probability:
		return PValue(x)
	default:
		return grouped(x, 2+more) + " " + string(u)
	}
}

// Finite reports whether x is a number that can be shown.
func Finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Signed writes a difference.
func Signed(x float64, u Unit) string {
	if x > 0 {
		return "+" + Write(x, u)
	}
	return Write(x, u)
}

// decimals returns how many decimals show three significant digits, at most four.
func decimals(x float64) int {
	if x == 0 {
		return 0
	}
	return min(max(2-int(math.Floor(math.Log10(math.Abs(x)))), 0), 4)
}

// shareDecimals returns how many decimals a percentage needs to tell it from its
// neighbors, near 100 % as near 0 %.
func shareDecimals(x float64) int {
	if near := 1 - x; near > 0 && near < 0.5 {
		return decimals(100 * near)
	}
	return decimals(100 * x)
}

// grouped writes a number at least 0 with its thousands separated by commas.
func grouped(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest == "" {
		return whole
	}
	return whole + "." + rest
}

// seconds writes a duration in the unit that suits its size.
func seconds(x float64, more int) string {
	for _, u := range []struct {
		size float64
		name string
	}{{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if x >= u.size {
			return grouped(x/u.size, decimals(x/u.size)+more) + " " + u.name
		}
	}
	return grouped(1000*x, decimals(1000*x)+more) + " ms"
}

// mostDecimals limits how many decimals between adds.
const mostDecimals = 4

// Between writes an interval, with so many decimals that its bounds do not look alike.
func Between(low, high float64, u Unit) string {
	from, to := Write(low, u), Write(high, u)
	for more := 1; low != high && from == to && more <= mostDecimals; more++ {
		from, to = precisely(low, u, more), precisely(high, u, more)
	}
	return from + " to " + to
}

// Difference writes a difference with its interval, all to as many decimals as the interval
// allows: two digits of its half.
func Difference(by, low, high float64, u Unit) string {
	half, more := (high-low)/2, 0
	if u == Points {
		half *= 100
		if half > 0 {
			more = max(0, min(-1-int(math.Floor(math.Log10(half))), mostDecimals))
		}
		// A bound that is just beyond 0 does not look like 0.
		for near := 100 * min(math.Abs(low), math.Abs(high)); near > 0 && more < mostDecimals; more++ {
			if near >= 0.5*math.Pow10(-2-more) {
				break
			}
		}
	}
	signed := func(x float64) string {
		if x > 0 {
			return "+" + precisely(x, u, more)
		}
		return precisely(x, u, more)
	}
	return fmt.Sprintf("%s (interval %s to %s)", signed(by), signed(low), signed(high))
}

// Age writes how long ago something was, in words.
func Age(d time.Duration) string {
	count := func(n time.Duration, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return count(max(d, 0)/time.Second, "second")
	case d < time.Hour:
		return count(d/time.Minute, "minute")
	case d < 48*time.Hour:
		return count(d/time.Hour, "hour")
	default:
		return count(d/(24*time.Hour), "day")
	}
}

// When writes a time with its zone.
func When(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// Change describes how a figure differs from that of the period before: shares in
// points, anything else in percent.
type Change struct {
	Text  string
	Arrow string
	// From holds the earlier value; "" where Text has it.
	From string
	// Tone is "good", "bad" or "" for a change that is not judged.
	Tone string
}

// leastShown is the least difference of shares that is not written as 0.00 points.
const leastShown = 0.00005

// Changed returns the change of a figure, nil if it is not known.
func Changed(f Figure) *Change {
	if f.Value == nil || f.Previous == nil {
		return nil
	}
	by := *f.Value - *f.Previous
	c := Change{Arrow: "→", Text: "unchanged", From: Write(*f.Previous, f.Unit)}
	switch {
	case analytics.Same(*f.Value, *f.Previous):
		c.From = ""
		return &c
	case f.Unit == Share:
		c.Text = Write(math.Abs(by), Points)
		if math.Abs(by) < leastShown {
			c.Text = "less than " + Write(2*leastShown, Points)
		}
	case *f.Previous == 0:
		c.Text, c.From = "from 0", ""
	default:
		c.Text = Write(math.Abs(by / *f.Previous), Share)
	}
	tiny := strings.HasPrefix(c.Text, "less than ")
	c.Arrow, c.Text = "▲", "up "+c.Text
	if by < 0 {
		c.Arrow, c.Text = "▼", "down "+strings.TrimPrefix(c.Text, "up ")
	}
	if f.Good != NotJudged && !tiny {
		c.Tone = "bad"
		if (by > 0) == (f.Good == Up) {
			c.Tone = "good"
		}
	}
	return &c
}
