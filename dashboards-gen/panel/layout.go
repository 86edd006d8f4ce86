package panel

import (
	"errors"
	"fmt"
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Widths on Grafana's grid, which is 24 wide. Panels stand alone, in twos,
// threes, fours or sixes.
const (
	Full, Half, Third, Quarter, Sixth = 24, Full / 2, Full / 3, Full / 4, Full / 6
)

// Heights on Grafana's grid, in units of 30 pixels. Tall is that of a panel that
// names none.
const (
	Tall, Low = 8, 4
)

// Row is a heading with the panels below it.
type Row struct {
	title  string
	panels []Panel
}

// NewRow returns a row of panels. An empty title leaves out the heading, as the
// first row of a dashboard does.
func NewRow(title string, panels ...Panel) Row {
	r := Row{title, slices.Clone(panels)}
	for i := range r.panels {
		if r.panels[i].Height == 0 {
			r.panels[i].Height = Tall
		}
	}
	return r
}

// Position is a place on the grid, from the left and from the top.
type Position struct{ X, Y uint32 }

// WithWidth returns the panel in another width.
func (p Panel) WithWidth(width uint32) Panel {
	p.Width = width
	return p
}

// layOut builds all panels and puts them on the grid: where they ask to be, or
// from left to right, row by row.
//
// A heading does not contain its panels: those of an open row stand beside it in
// the list, and Grafana hides what stands inside.
func (d Dashboard) layOut() ([]sdk.PanelOrRowPanel, error) {
	var all []sdk.PanelOrRowPanel
	var mistakes []error
	var y uint32
	for _, r := range d.Rows {
		if r.title != "" {
			all = append(all, sdk.PanelOrRowPanel{RowPanel: d.heading(r, y)})
			y++
		}
		var x, height uint32
		for _, p := range r.panels {
			if x+p.Width > Full {
				x, y, height = 0, y+height, 0
			}
			built, err := p.build(d)
			if err != nil {
				mistakes = append(mistakes, fmt.Errorf("panel %s: %w", p.Key, err))
				continue
			}
			built.GridPos = &sdk.GridPos{X: x, Y: y, W: p.Width, H: p.Height}
			if p.At != nil {
				built.GridPos.X, built.GridPos.Y = p.At.X, p.At.Y
			}
			all = append(all, sdk.PanelOrRowPanel{Panel: built})
			x, height = x+p.Width, max(height, p.Height)
		}
		y += height
	}
	return all, errors.Join(mistakes...)
}

func (d Dashboard) heading(r Row, y uint32) *sdk.RowPanel {
	return &sdk.RowPanel{
		Type: "row", Title: &r.title, Panels: []sdk.Panel{}, Id: panelID(d, "row: "+r.title),
		GridPos: &sdk.GridPos{Y: y, W: Full, H: 1},
	}
}
