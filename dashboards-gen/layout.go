package dashboards

import (
	"errors"
	"fmt"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Sizes on Grafana's grid. It is 24 wide, and a unit of height is 30 pixels. Panels
// stand alone, in twos, threes, fours or sixes.
const (
	full, half, third, quarter, sixth = 24, full / 2, full / 3, full / 4, full / 6

	tall, low = 8, 4
)

// row is a heading with the panels below it. The first row of a dashboard has
// no title and stands without a heading.
type row struct {
	title  string
	panels []panel
}

// as is the panel in another width.
func (p panel) as(width uint32) panel {
	p.width = width
	return p
}

// place builds all panels and lays them out from left to right, row by row. A
// heading does not contain its panels: those of a row that is open stand beside
// it in the list, and Grafana hides what stands inside.
func (d Dashboard) place() ([]sdk.PanelOrRowPanel, error) {
	var placed []sdk.PanelOrRowPanel
	var mistakes []error
	var y uint32
	for _, r := range d.rows {
		if r.title != "" {
			placed = append(placed, sdk.PanelOrRowPanel{RowPanel: d.heading(r, y)})
			y++
		}
		var x, height uint32
		for _, p := range r.panels {
			if x+p.width > full {
				x, y, height = 0, y+height, 0
			}
			built, err := p.build(d)
			if err != nil {
				mistakes = append(mistakes, fmt.Errorf("panel %s: %w", p.key, err))
				continue
			}
			built.GridPos = &sdk.GridPos{X: x, Y: y, W: p.width, H: p.height}
			placed = append(placed, sdk.PanelOrRowPanel{Panel: built})
			x, height = x+p.width, max(height, p.height)
		}
		y += height
	}
	return placed, errors.Join(mistakes...)
}

func (d Dashboard) heading(r row, y uint32) *sdk.RowPanel {
	return &sdk.RowPanel{
		Type: "row", Title: &r.title, Panels: []sdk.Panel{}, Id: panelID(d, "row: "+r.title),
		GridPos: &sdk.GridPos{Y: y, W: full, H: 1},
	}
}
