package render

import (
	"fmt"
	"strings"
	"time"

	"belfry/insights/display"
	"belfry/insights/report"
)

// value writes a figure, or why it is not known. Differences have a sign.
func value(f display.Figure) string {
	if f.Value == nil {
		return f.Reason
	}
	return written(*f.Value, f.Unit)
}

// unknown says that a figure is not known, and why.
func unknown(f display.Figure) string {
	if f.Reason == "" || f.Reason == notKnown {
		return notKnown
	}
	return notKnown + ": " + f.Reason
}

const notKnown = "not known"

func written(x float64, u display.Unit) string {
	if u == display.Points {
		return display.Signed(x, u)
	}
	return display.Write(x, u)
}

// interval writes the interval of a figure without what it promises, empty if it has none.
func interval(f display.Figure) string {
	switch {
	case f.Value == nil || f.Range == nil:
		return ""
	case f.Unit == display.Points:
		return display.Signed(f.Range.Low, f.Unit) + " to " + display.Signed(f.Range.High, f.Unit)
	}
	return display.Between(f.Range.Low, f.Range.High, f.Unit)
}

// promised writes the interval with what it promises.
func promised(f display.Figure) string {
	text := interval(f)
	if text == "" || f.Range.Level == "" {
		return text
	}
	if strings.Contains(f.Range.Level, "interval") {
		return f.Range.Level + " " + text
	}
	return fmt.Sprintf("interval %s %s", text, f.Range.Level)
}

// before writes the earlier value of a figure that has none to be compared with it, or whose
// change does not say it.
func before(f display.Figure) string {
	switch c := display.Changed(f); {
	case c != nil && c.From != "":
		return "from " + c.From
	case c == nil && f.Previous != nil:
		return "before: " + written(*f.Previous, f.Unit)
	}
	return ""
}

// changed writes the change of a figure with its arrow, empty if it is not known.
func changed(f display.Figure) string {
	c := display.Changed(f)
	if c == nil {
		return ""
	}
	return c.Arrow + " " + c.Text + judged(c)
}

// judged says whether a change is good, for those who do not see its color.
func judged(c *display.Change) string {
	if c.Tone == "" {
		return ""
	}
	return " (" + map[string]string{"good": "better", "bad": "worse"}[c.Tone] + ")"
}

// titleOf returns the title of a block, which may be empty.
func titleOf(b report.Block) string {
	switch b := b.(type) {
	case report.Findings:
		return b.Title
	case report.Table:
		return b.Title
	case report.Course:
		return b.Title
	case report.Bars:
		return b.Title
	}
	return ""
}

// heading is the title of a report with its subject.
func heading(d report.Document) string {
	if d.Subject == "" {
		return d.Title
	}
	return d.Title + ": " + d.Subject
}

// compared says what the period is, and what it is compared with.
func compared(d report.Document) string {
	text := d.Period
	if zone := d.From.Location().String(); zone != "Local" && zone != "" {
		text += ", " + zone
	}
	if d.Before != "" {
		text += ", compared with " + d.Before
	}
	return text
}

// made says when the report was made, in its zone.
func made(d report.Document) string { return moment(d.GeneratedAt.In(d.From.Location())) }

func moment(t time.Time) string { return t.Format("2 Jan 2006, 15:04 MST") }

// labelled writes a label with its sign.
func labelled(l display.Label) string {
	return strings.TrimSpace(strings.TrimSpace(l.Sign) + " " + l.Word)
}

// told writes a figure with all that is known of it, in one line.
func told(f display.Figure) string {
	parts := []string{value(f)}
	if f.Value != nil {
		if r := interval(f); r != "" {
			parts[0] += " (" + r + ")"
		}
		if c := changed(f); c != "" {
			parts = append(parts, c)
		}
	}
	if b := before(f); b != "" {
		parts = append(parts, b)
	}
	return strings.Join(parts, ", ")
}

// said says what a chart shows, below its title.
func said(b report.Block, d report.Document) string {
	return strings.TrimPrefix(chartOf(b, d).Words, strings.TrimSuffix(titleOf(b), ".")+". ")
}
