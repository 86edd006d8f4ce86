package preview

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// canvas collects the elements of a picture.
type canvas struct {
	b             bytes.Buffer
	width, height float64
	clips         int
}

func newCanvas(width, height int, title string) *canvas {
	c := &canvas{width: float64(width), height: float64(height)}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="Inter, Helvetica, Arial, sans-serif">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&c.b, "<title>%s: a preview of layout and data</title>\n", escape(title))
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

// px writes a coordinate with one digit behind the point, which keeps files small.
func px(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

func (c *canvas) rect(x, y, w, h float64, fill, stroke string, radius float64) {
	fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"`, px(x), px(y), px(max(w, 0)), px(max(h, 0)), fill)
	if stroke != "" {
		fmt.Fprintf(&c.b, ` stroke="%s"`, stroke)
	}
	if radius > 0 {
		fmt.Fprintf(&c.b, ` rx="%s"`, px(radius))
	}
	c.b.WriteString("/>\n")
}

func (c *canvas) line(x1, y1, x2, y2 float64, stroke string, width float64, dash string) {
	fmt.Fprintf(&c.b, `<path d="M%s %sL%s %s" stroke="%s" stroke-width="%s" fill="none"`, px(x1), px(y1), px(x2), px(y2), stroke, px(width))
	if dash != "" {
		fmt.Fprintf(&c.b, ` stroke-dasharray="%s"`, dash)
	}
	c.b.WriteString("/>\n")
}

// path draws a path; opacity is of its filling.
func (c *canvas) path(d, stroke string, width float64, fill string, opacity float64, dash string) {
	fmt.Fprintf(&c.b, `<path d="%s" stroke="%s" stroke-width="%s" fill="%s"`, d, stroke, px(width), fill)
	if opacity > 0 && opacity < 1 {
		fmt.Fprintf(&c.b, ` fill-opacity="%.2f"`, opacity)
	}
	if dash != "" {
		fmt.Fprintf(&c.b, ` stroke-dasharray="%s"`, dash)
	}
	c.b.WriteString("/>\n")
}

func (c *canvas) text(x, y float64, text string, size float64, fill, anchor string, bold bool) {
	weight := ""
	if bold {
		weight = ` font-weight="600"`
	}
	if anchor != "start" {
		weight += ` text-anchor="` + anchor + `"`
	}
	fmt.Fprintf(&c.b, `<text x="%s" y="%s" font-size="%s" fill="%s"%s>%s</text>`+"\n", px(x), px(y), px(size), fill, weight, escape(text))
}

// widthOf is about how wide a text is: Inter's letters are 0.56 of their size
// on average.
func widthOf(text string, size float64) float64 { return float64(len([]rune(text))) * size * 0.56 }

// shorten cuts a text to a width, with an ellipsis.
func shorten(text string, width, size float64) string {
	letters := []rune(text)
	most := int(width / (size * 0.56))
	switch {
	case len(letters) <= most:
		return text
	case most < 2:
		return ""
	}
	return strings.TrimSpace(string(letters[:most-1])) + "…"
}

// fit writes a text cut to a width.
func (c *canvas) fit(x, y, width float64, text string, size float64, fill, anchor string) {
	c.text(x, y, shorten(text, width, size), size, fill, anchor, false)
}

// fitMiddle writes a text into the middle of a box.
func (c *canvas) fitMiddle(b box, text string, size float64, fill string) {
	c.fit(b.x+b.w/2, b.y+b.h/2+size/3, b.w, text, size, fill, "middle")
}

// clip begins a group of which only what is inside the box shows; the result
// ends it.
func (c *canvas) clip(b box) (end func()) {
	c.clips++
	fmt.Fprintf(&c.b, `<clipPath id="c%d"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath><g clip-path="url(#c%d)">`+"\n",
		c.clips, px(b.x), px(b.y), px(b.w), px(b.h), c.clips)
	return func() { c.b.WriteString("</g>\n") }
}
