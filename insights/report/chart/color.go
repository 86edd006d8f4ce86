package chart

import (
	"fmt"
	"strings"

	"github.com/go-analyze/charts"
)

// role is what a color is for.
type role int

const (
	ground role = iota
	text
	quiet
	grid
	odd
	line1 // and the other series
	line2
	line3
	line4
	line5
	roles
)

// series is how many series have a color of their own.
const series = int(roles - line1)

// light and dark are the colors on each ground. Those of the series are after M. Okabe and
// K. Ito (https://jfly.uni-koeln.de/color/), moved apart in lightness.
var (
	light = [roles]string{"#ffffff", "#191c20", "#525a65", "#d9dde3", "#b01f17",
		"#0a3a8c", "#df6a0c", "#00674f", "#b0508a", "#33061f"}
	dark = [roles]string{"#191d22", "#e7e9ec", "#a9b1bc", "#3a424c", "#ffa199",
		"#8cc4ff", "#ef8a2e", "#63efc0", "#c274a8", "#fff3b8"}
)

// names are those of the colors in style sheets.
var names = [roles]string{"ground", "text", "quiet", "grid", "odd", "c1", "c2", "c3", "c4", "c5"}

// Style holds the colors of charts in light and dark pages as a style sheet.
var Style = ":root {" + declared(light) + "}\n" +
	"@media (prefers-color-scheme: dark) { :root {" + declared(dark) + "} }\n" +
	"@media print { :root {" + declared(light) + "} }\n"

func declared(colors [roles]string) string {
	var b strings.Builder
	for r, c := range colors {
		fmt.Fprintf(&b, " --%s: %s;", "chart-"+names[r], c)
	}
	return b.String() + " "
}

// faint is how much of a band's color is opaque, of 255.
const faint = 46

// palette holds the colors of pictures, and faded those of bands.
var palette, faded = parsed(light)

func parsed(colors [roles]string) (solid, faded [roles]charts.Color) {
	for r, c := range colors {
		solid[r] = charts.ParseColor(c)
		faded[r] = solid[r].WithAlpha(faint)
	}
	return solid, faded
}

// anchor returns the color of a text of which another part than its start is at its place.
// The Painter does not know such texts: a color beside the role's stands for them, until
// [variables] replaces it.
func anchor(r role, a align) charts.Color {
	color := palette[r]
	color.B += uint8(a)
	return color
}

// variables replaces the colors of a light page by variables of its style sheet.
var variables = func() *strings.Replacer {
	var pairs []string
	for r := range roles {
		variable := "var(--chart-" + names[r] + ")"
		for _, property := range []string{"fill", "stroke"} {
			pairs = append(pairs, property+":"+palette[r].String(), property+":"+variable,
				property+":"+faded[r].String(),
				fmt.Sprintf("%s:%s;%[1]s-opacity:%.2[3]f", property, variable, faint/255.0))
		}
	}
	for _, r := range []role{text, quiet} {
		for a, name := range map[align]string{middle: "middle", end: "end"} {
			pairs = append(pairs, "fill:"+anchor(r, a).String(), "fill:var(--chart-"+names[r]+");text-anchor:"+name)
		}
	}
	return strings.NewReplacer(pairs...)
}()
