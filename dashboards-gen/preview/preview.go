// Package preview draws a dashboard as an SVG picture, from its JSON and from query
// results, so that you can look at a change without Grafana.
//
// The picture shows layout and data, and says so: positions, titles, units, legends,
// colors and values are those of Grafana, but fonts and fine details are not. It is
// not interactive. The drawing is written by hand, because Grafana's image renderer
// needs Grafana and a browser, and a chart library would know neither Grafana's
// panels nor its units.
//
// The same dashboard and results give the same bytes on every machine. [Pictures]
// draws the previews that are committed, from recorded results.
package preview

import (
	"cmp"
	"fmt"
	"slices"

	"belfry/dashboards-gen/view"
)

// Sizes in pixels. A row of Grafana's grid is 30 high with a gap of 8.
const (
	rowHeight  = 38
	gap        = 8
	headHeight = 64
	footHeight = 30
	// narrow screens are narrower than this and stack the panels, as in Grafana.
	narrow = 769
)

// Draw draws an opened dashboard for a screen of that width in pixels.
func Draw(o view.Opened, width int) []byte {
	rows, panels, height := layOut(o.Dashboard, width)
	c := newCanvas(width, headHeight+height+footHeight, o.Title)
	c.rect(box{0, 0, float64(width), c.height}, background, "", 0)
	head(c, o, width)
	for i, r := range o.Rows {
		b := rows[i]
		c.text(b.x+4, b.y+24, arrow(r)+r.Title, 15, ink, "start", true)
		c.rect(box{b.x, b.y + b.h - 2.5, b.w, 1}, edge, "", 0)
	}
	for i, p := range o.Panels {
		drawPanel(c, o, p, panels[i])
	}
	foot(c, o, width)
	return c.bytes()
}

// arrow says whether a row is open.
func arrow(r view.Row) string {
	if r.Closed {
		return "▸ "
	}
	return "▾ "
}

// box is a rectangle in pixels.
type box struct{ x, y, w, h float64 }

// inner returns the box without padding.
func (b box) inner(left, top, right, bottom float64) box {
	return box{b.x + left, b.y + top, max(0, b.w-left-right), max(0, b.h-top-bottom)}
}

// layOut returns the boxes of rows and panels. On narrow screens each takes the whole
// width.
func layOut(d view.Dashboard, width int) (rows, panels []box, height int) {
	column := float64(width-gap) / 24
	place := func(p view.Place) box {
		height = max(height, (p.Y+p.H)*rowHeight)
		return box{
			gap + float64(p.X)*column, headHeight + float64(p.Y)*rowHeight,
			float64(p.W)*column - gap, float64(p.H)*rowHeight - gap,
		}
	}
	for _, r := range d.Rows {
		rows = append(rows, place(r.Place))
	}
	for _, p := range d.Panels {
		panels = append(panels, place(p.Place))
	}
	if width < narrow {
		height = pile(width, rows, panels)
	}
	return rows, panels, height
}

// pile stacks rows and panels in one column, ordered from the top and from the left.
// It returns the total height.
func pile(width int, rows, panels []box) (height int) {
	var order []*box
	for i := range rows {
		order = append(order, &rows[i])
	}
	for i := range panels {
		order = append(order, &panels[i])
	}
	slices.SortStableFunc(order, func(a, b *box) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) })
	for _, b := range order {
		*b = box{gap, float64(headHeight + height), float64(width - 2*gap), b.h}
		height += int(b.h) + gap
	}
	return height
}

func head(c *canvas, o view.Opened, width int) {
	const layout = "2006-01-02 15:04"
	c.text(gap+4, 24, o.Folder+" / "+o.Title, 18, ink, "start", true)
	span := o.Screen.From.UTC().Format(layout) + " to " + o.Screen.To.UTC().Format(layout) + " UTC"
	if width < narrow {
		c.fit(gap+4, 46, float64(width)-2*gap, span, 12, faint, "start")
		return
	}
	c.fit(gap+4, 46, float64(width)*0.6, o.Description, 13, faint, "start")
	c.text(float64(width)-gap-4, 24, span, 13, faint, "end", false)
}

func foot(c *canvas, o view.Opened, width int) {
	text := fmt.Sprintf("A preview of layout and data, not Grafana. "+
		"Drawn by belfry dashboards preview from %d answers of a Prometheus.", len(o.Answers))
	c.fit(gap+4, c.height-10, float64(width)-2*gap, text, 12, faint, "start")
}

// drawPanel draws the border, the title and the content of a panel.
func drawPanel(c *canvas, o view.Opened, p view.Panel, b box) {
	c.rect(b, surface, edge, 3)
	c.fit(b.x+10, b.y+21, b.w-20, p.Title, 13.5, ink, "start")
	body := b.inner(10, 32, 10, 8)
	f := newFrame(o, p)
	switch draw := drawers[p.Type]; {
	case draw == nil:
		c.fitMiddle(body, "a panel of type "+p.Type+" is not drawn", 13, faint)
	case len(f.fields) == 0:
		c.fitMiddle(body, p.FieldConfig.Defaults.NoValue, 15, faint)
	default:
		draw(c, f, body)
	}
}

// drawers draw the kinds of panel.
var drawers = map[string]func(c *canvas, f frame, b box){
	"timeseries": drawGraph, "stat": drawStat, "gauge": drawGauge, "bargauge": drawBars, "piechart": drawPie,
	"table": drawTable, "heatmap": drawHeat, "state-timeline": drawStates,
}
