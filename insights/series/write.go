package series

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Layout returns the layout in which the timestamps of a file are written, that of its first
// row; RFC 3339 without rows.
func Layout(rows []Row) string {
	if len(rows) > 0 && len(rows[0].Fields[0]) > 10 && rows[0].Fields[0][10] == ' ' {
		return layouts[1]
	}
	return time.RFC3339
}

// Format writes a number with six significant digits, and without an exponent where it is
// not very large or small.
func Format(x float64) string {
	text := strconv.FormatFloat(x, 'g', 6, 64)
	if abs := math.Abs(x); abs >= 1e6 && abs < 1e15 {
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	} else if abs < 1e-6 || abs >= 1e15 {
		return text
	}
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// Late describes the rows of a file that are not in order; empty if all are.
func Late(rows []Row) string {
	late, first := 0, 0
	for i, r := range rows {
		if r.Late {
			if late++; late == 1 {
				first = i
			}
		}
	}
	if late == 0 {
		return ""
	}
	return fmt.Sprintf("%d rows are not later than the rows before them, the first in line %d: left out",
		late, rows[first].Line)
}
