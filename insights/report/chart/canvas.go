package chart

import (
	"math"
	"slices"

	"github.com/go-analyze/charts"

	"belfry/insights/report/typeface"
)

// fine is how many units of the Painter, which knows whole numbers only, are a pixel.
const fine = 2

// The size of texts in pixels, and how high a line of them is.
const (
	textSize   = 12.0
	lineHeight = 18.0
)

// pointsPerPixel converts to the points that the Painter measures texts in.
const pointsPerPixel = 72.0 / 96.0

// canvas draws in pixels.
type canvas struct {
	painter *charts.Painter
	width   float64
	// anchored reports that texts are put where they end, and not where they begin: in SVG
	// it is the reader's typeface that decides how wide they are.
	anchored bool
}

// spot is a place on a canvas.
type spot struct{ X, Y float64 }

func newCanvas(format string, width, height float64) *canvas {
	painter := charts.NewPainter(charts.PainterOptions{
		OutputFormat: format, Width: whole(width), Height: whole(height), Font: typeface.Face,
	})
	return &canvas{painter: painter, width: width, anchored: format == charts.ChartOutputSVG}
}

func whole(x float64) int { return int(math.Round(x * fine)) }

func points(spots []spot) []charts.Point {
	all := make([]charts.Point, len(spots))
	for i, s := range spots {
		all[i] = charts.Point{X: whole(s.X), Y: whole(s.Y)}
	}
	return all
}

// line draws a line with a dash pattern, which may be nil.
func (c *canvas) line(spots []spot, r role, width float64, dashes []float64) {
	if dashes == nil {
		c.painter.LineStroke(points(spots), palette[r], width*fine)
		return
	}
	scaled := make([]float64, len(dashes))
	for i, d := range dashes {
		scaled[i] = d * fine
	}
	c.painter.DashedLineStroke(points(spots), palette[r], width*fine, scaled)
}

// area fills what the spots enclose.
func (c *canvas) area(spots []spot, r role) { c.painter.FillArea(closed(spots), faded[r]) }

// closed returns the outline of an area. In PNG one that is open is filled by half.
func closed(spots []spot) []charts.Point { return points(append(slices.Clone(spots), spots[0])) }

func (c *canvas) rect(x1, y1, x2, y2 float64, r role) {
	c.painter.FilledRect(whole(x1), whole(y1), whole(x2), whole(y2), palette[r], palette[r], 0)
}

// align says which part of a text is at its place.
type align int

const (
	start align = iota
	middle
	end
)

// text writes a line whose middle is at the height of the spot.
func (c *canvas) text(t string, at spot, a align, r role) {
	color := palette[r]
	if c.anchored {
		color = anchor(r, a)
	} else {
		at.X -= typeface.Width(t, textSize) * float64(a) / float64(end)
	}
	c.painter.Text(t, whole(at.X), whole(at.Y+0.36*textSize), 0, charts.FontStyle{
		FontSize: textSize * fine * pointsPerPixel, FontColor: color, Font: typeface.Face,
	})
}

// width is the room for a text, also in a typeface that is wider than ours.
func width(t string) float64 { return 1.1 * typeface.Width(t, textSize) }

func fit(t string, w float64) string { return typeface.Fit(t, textSize, w) }
func legible(t string) string        { return typeface.Legible(t) }

// mark draws the marker of a series. Each has another form.
func (c *canvas) mark(i int, at spot, r role) {
	const half = 3.2
	switch i % series {
	case 0:
		c.painter.Circle(half*fine, whole(at.X), whole(at.Y), palette[r], palette[r], 0)
	case 1:
		c.rect(at.X-half, at.Y-half, at.X+half, at.Y+half, r)
	case 2:
		c.shape(r, spot{at.X, at.Y - half*1.2}, spot{at.X + half*1.2, at.Y + half}, spot{at.X - half*1.2, at.Y + half})
	case 3:
		c.shape(r, spot{at.X, at.Y - half*1.4}, spot{at.X + half*1.4, at.Y}, spot{at.X, at.Y + half*1.4},
			spot{at.X - half*1.4, at.Y})
	default:
		c.ring(at, half, r)
	}
}

func (c *canvas) shape(r role, spots ...spot) { c.painter.FillArea(closed(spots), palette[r]) }

func (c *canvas) ring(at spot, radius float64, r role) {
	c.painter.Circle(radius*fine, whole(at.X), whole(at.Y), palette[ground], palette[r], 1.5*fine)
}

// before draws the mark of the period before: a hollow diamond.
func (c *canvas) before(at spot, r role) {
	const half = 6.0
	corners := []spot{{at.X, at.Y - half}, {at.X + half, at.Y}, {at.X, at.Y + half}, {at.X - half, at.Y}}
	c.shape(ground, corners...)
	c.line(append(corners, corners[0]), r, 1.5, nil)
}
