// Package chart draws the charts of reports, as SVG for pages and as PNG for e-mails and
// PDF files. It draws with the Painter of go-analyze/charts: the axes of that library do not
// tell where they put the values, so bands, intervals and marks could not meet its lines.
//
// Charts can be read without color: series differ in lightness, dashes and markers. What is
// not known is a gap. Equal blocks make equal pictures.
package chart

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/go-analyze/charts"

	"belfry/exporter/glyph"
)

// Chart is a chart of a block of a report.
type Chart struct {
	// Words say what it shows, for those who do not see it.
	Words string
	// Empty reports that nothing is known that could be drawn.
	Empty bool
	// plan returns the height at a width, and what draws it.
	plan func(width float64, legible func(string) string) (height float64, draw func(*canvas))
}

// The widths of charts in pixels: Wide for a page, Narrow for a phone, and Medium for an e-mail,
// which is read on both.
const (
	Wide   = 760
	Medium = 460
	Narrow = 350
)

// SVG returns the chart for a page that has [Style], empty for an empty chart. Its texts
// have the typeface of the page.
func (c Chart) SVG(width int) (string, error) {
	if c.Empty {
		return "", nil
	}
	drawn, err := c.drawn(charts.ChartOutputSVG, width, glyph.Line)
	if err != nil {
		return "", err
	}
	return inline(string(drawn), c.Words), nil
}

// PNG returns the chart on white, with two pixels for each of its width, and nil for an
// empty chart.
func (c Chart) PNG(width int) ([]byte, error) {
	if c.Empty {
		return nil, nil
	}
	return c.drawn(charts.ChartOutputPNG, width, legible)
}

func (c Chart) drawn(format string, width int, legible func(string) string) ([]byte, error) {
	height, draw := c.plan(float64(width), legible)
	paper := newCanvas(format, float64(width), height)
	if format == charts.ChartOutputPNG {
		paper.rect(0, 0, float64(width), height, ground)
	}
	draw(paper)
	drawn, err := paper.painter.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw a chart: %w", err)
	}
	return drawn, nil
}

var (
	tags     = regexp.MustCompile(`<[^>]*>`)
	family   = regexp.MustCompile(`;font-family:[^"]*`)
	styled   = regexp.MustCompile(` style="([^"]*)"`)
	newlines = regexp.MustCompile(`\s*\n\s*`)
	opening  = regexp.MustCompile(`^<svg[^>]*(viewBox="[^"]*")>`)
)

// inline makes the picture one of the page: with its colors, its typeface and a name, and
// without styles, so that a page may forbid all but its own. It changes tags only, never a
// text.
func inline(svg, words string) string {
	svg = tags.ReplaceAllStringFunc(svg, func(tag string) string {
		tag = newlines.ReplaceAllString(variables.Replace(family.ReplaceAllString(tag, "")), "")
		return styled.ReplaceAllStringFunc(tag, attributes)
	})
	return opening.ReplaceAllString(svg,
		`<svg class="chart" $1 role="img" aria-label="`+strings.ReplaceAll(attribute(words), "$", "$$")+`">`)
}

// attributes writes a style as attributes.
func attributes(style string) string {
	var b strings.Builder
	for property := range strings.SplitSeq(styled.FindStringSubmatch(style)[1], ";") {
		if name, value, ok := strings.Cut(property, ":"); ok {
			fmt.Fprintf(&b, ` %s="%s"`, name, value)
		}
	}
	return b.String()
}

func attribute(words string) string { return html.EscapeString(glyph.Line(words)) }
