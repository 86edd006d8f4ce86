package experiment

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// number formats a figure for a sentence, with three digits at least.
func number(x float64) string {
	if math.Abs(x) >= 100 && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'g', 3, 64) + " %" }

func probability(p float64) string {
	if p < 1e-6 {
		return "< 0.000001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}

// show formats a value of the metric: shares in percent.
func (c *comparing) show(x float64) string {
	if c.Kind == Mean {
		return number(x)
	}
	return percent(x)
}

func (c *comparing) signed(x float64) string { return c.Kind.Signed(x) }

// Signed formats an effect on a metric of the kind: on shares, in percentage points.
func (k Kind) Signed(x float64) string {
	sign := ""
	if x >= 0 {
		sign = "+"
	}
	if k == Mean {
		return sign + number(x)
	}
	return sign + strconv.FormatFloat(100*x, 'g', 3, 64) + " points"
}

// elapsed formats a duration in its largest units.
func elapsed(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", int(d/day))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d/time.Minute))
	}
	return fmt.Sprintf("%d seconds", int(d/time.Second))
}

// firstLine returns the first line of an error, and how many more there are.
func firstLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 {
		return fmt.Sprintf("%s (and %d more)", lines[0], len(lines)-1)
	}
	return lines[0]
}
