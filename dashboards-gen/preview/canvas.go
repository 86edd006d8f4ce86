package preview

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// canvas collects the elements of a picture. Coordinates are in pixels and are
// written in tenths of them.
type canvas struct {
	b             bytes.Buffer
	width, height float64
	clips         int
}

// textSize is the default size of text.
const textSize = 12

func newCanvas(width, height int, title string) *canvas {
	c := &canvas{width: float64(width), height: float64(height)}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" `+
		`font-family="Inter, Helvetica, Arial, sans-serif" font-size="%[3]d" fill="%[4]s">`+"\n",
		width, height, textSize, ink)
	fmt.Fprintf(&c.b, "<title>%s%s\n", escape(title), pictureMark)
	return c
}

func (c *canvas) bytes() []byte {
	c.b.WriteString("</svg>\n")
	return c.b.Bytes()
}

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a strings.Builder takes everything
	}
	return b.String()
}

// tenths returns a coordinate in tenths of a pixel. It rounds twice, since processors
// can differ in the last bit.
func tenths(x float64) int { return int(math.Round(math.Round(x*1e5) / 1e4)) }

// px writes a coordinate.
func px(x float64) string { return decimal(tenths(x)) }

// decimal writes a number of tenths without superfluous zeros.
func decimal(n int) string {
	text := strconv.FormatFloat(float64(n)/10, 'f', -1, 64)
	if rest, small := strings.CutPrefix(text, "0."); small {
		return "." + rest
	}
	if rest, small := strings.CutPrefix(text, "-0."); small {
		return "-." + rest
	}
	return text
}

func (c *canvas) rect(b box, fill, stroke string, radius float64) {
	fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"`,
		px(b.x), px(b.y), px(max(b.w, 0)), px(max(b.h, 0)), fill)
	if stroke != "" {
		fmt.Fprintf(&c.b, ` stroke="%s"`, stroke)
	}
	if radius > 0 {
		fmt.Fprintf(&c.b, ` rx="%s"`, px(radius))
	}
	c.b.WriteString("/>\n")
}

// swatch draws the mark of a series in a legend, left of its name's baseline.
func (c *canvas) swatch(x, y float64, hue string) { c.rect(box{x, y - 6, 13, 4}, hue, "", 0) }

// stroke draws a path as a line.
func (c *canvas) stroke(p *pen, hue string, width float64, dash string) {
	c.path(p, hue, width, "none", 1, dash)
}

// fill fills a path.
func (c *canvas) fill(p *pen, hue string, opacity float64) { c.path(p, "", 0, hue, opacity, "") }

// path draws a path. The opacity is that of the fill.
func (c *canvas) path(p *pen, stroke string, width float64, fill string, opacity float64, dash string) {
	if p.empty() {
		return
	}
	fmt.Fprintf(&c.b, `<path d="%s" fill="%s"`, p, fill)
	if opacity < 1 {
		fmt.Fprintf(&c.b, ` fill-opacity="%s"`, strconv.FormatFloat(opacity, 'f', -1, 64))
	}
	if stroke != "" {
		fmt.Fprintf(&c.b, ` stroke="%s"`, stroke)
	}
	if stroke != "" && width != 1 {
		fmt.Fprintf(&c.b, ` stroke-width="%s"`, px(width))
	}
	if dash != "" {
		fmt.Fprintf(&c.b, ` stroke-dasharray="%s"`, dash)
	}
	c.b.WriteString("/>\n")
}

func (c *canvas) text(x, y float64, text string, size float64, fill, anchor string, bold bool) {
	if text == "" {
		return
	}
	fmt.Fprintf(&c.b, `<text x="%s" y="%s"`, px(x), px(y))
	if size != textSize {
		fmt.Fprintf(&c.b, ` font-size="%s"`, px(size))
	}
	if fill != ink {
		fmt.Fprintf(&c.b, ` fill="%s"`, fill)
	}
	if bold {
		c.b.WriteString(` font-weight="600"`)
	}
	if anchor != "start" {
		fmt.Fprintf(&c.b, ` text-anchor="%s"`, anchor)
	}
	fmt.Fprintf(&c.b, ">%s</text>\n", escape(text))
}

// widthOf estimates the width of a text. On average Inter's letters are as wide as
// 0.56 of their size.
func widthOf(text string, size float64) float64 { return float64(len([]rune(text))) * size * 0.56 }

// shorten cuts a text to a width, with an ellipsis.
func shorten(text string, width, size float64) string {
	letters := []rune(text)
	room := int(width / (size * 0.56))
	switch {
	case len(letters) <= room:
		return text
	case room < 2:
		return ""
	}
	return strings.TrimSpace(string(letters[:room-1])) + "…"
}

// fit writes a text cut to a width.
func (c *canvas) fit(x, y, width float64, text string, size float64, fill, anchor string) {
	c.text(x, y, shorten(text, width, size), size, fill, anchor, false)
}

// fitMiddle writes a text into the middle of a box.
func (c *canvas) fitMiddle(b box, text string, size float64, fill string) {
	c.fit(b.x+b.w/2, b.y+b.h/2+size/3, b.w, text, size, fill, "middle")
}

// clip begins a group that is clipped to the box. The function that it returns ends
// the group.
func (c *canvas) clip(b box) (end func()) {
	c.clips++
	fmt.Fprintf(&c.b, `<clipPath id="c%d"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath>`,
		c.clips, px(b.x), px(b.y), px(b.w), px(b.h))
	fmt.Fprintf(&c.b, `<g clip-path="url(#c%d)">`+"\n", c.clips)
	return func() { c.b.WriteString("</g>\n") }
}

// pictureMark ends the title of every picture.
const pictureMark = ": a preview of layout and data</title>"

// IsPicture reports whether an image is one that this package has drawn.
func IsPicture(image []byte) bool {
	return bytes.Contains(image[:min(len(image), 2000)], []byte(pictureMark))
}
