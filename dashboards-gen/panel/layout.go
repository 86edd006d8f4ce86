package panel

import (
	"errors"
	"fmt"
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Widths on Grafana's grid, which is 24 wide.
const (
	Full, Half, Third, Quarter, Sixth = 24, Full / 2, Full / 3, Full / 4, Full / 6
)

// Heights on Grafana's grid, in units of 30 pixels. The default is Tall.
const (
	Tall, Low = 8, 4
)

// Row has a heading and the panels below it. Of a closed row a reader sees the heading alone
// until he opens it; until then Grafana asks for none of its panels.
type Row struct {
	title  string
	panels []Panel
	closed bool
}

// NewRow returns a row of panels. If the title is empty, the row has no heading.
func NewRow(title string, panels ...Panel) Row {
	r := Row{title: title, panels: slices.Clone(panels)}
	for i := range r.panels {
		if r.panels[i].Height == 0 {
			r.panels[i].Height = Tall
		}
	}
	return r
}

// Closed returns the row closed. It must have a title.
func (r Row) Closed() Row {
	r.closed = true
	return r
}

// Position gives a place on the grid, from the left and from the top.
type Position struct{ X, Y uint32 }

// WithWidth returns the panel with another width.
func (p Panel) WithWidth(width uint32) Panel {
	p.Width = width
	return p
}

// layOut builds all panels and places them on the grid: at their position, or from
// left to right, row by row.
//
// The panels of an open row follow its heading in the list. Those of a closed one are inside
// it, where they would stand if it were open.
func (d Dashboard) layOut() ([]sdk.PanelOrRowPanel, error) {
	var all []sdk.PanelOrRowPanel
	var mistakes []error
	var y uint32
	for _, r := range d.Rows {
		var heading *sdk.RowPanel
		if r.title != "" {
			heading = d.heading(r, y)
			all = append(all, sdk.PanelOrRowPanel{RowPanel: heading})
			y++
		}
		panels, below, err := d.place(r, y)
		mistakes = append(mistakes, err)
		if r.closed {
			for _, p := range panels {
				heading.Panels = append(heading.Panels, *p)
			}
			continue
		}
		for _, p := range panels {
			all = append(all, sdk.PanelOrRowPanel{Panel: p})
		}
		y = below
	}
	return all, errors.Join(mistakes...)
}

// place builds the panels of a row from a height on, and returns the height below them.
func (d Dashboard) place(r Row, y uint32) (panels []*sdk.Panel, below uint32, err error) {
	var mistakes []error
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
		complete(built)
		built.GridPos = &sdk.GridPos{X: x, Y: y, W: p.Width, H: p.Height}
		if p.At != nil {
			built.GridPos.X, built.GridPos.Y = p.At.X, p.At.Y
		}
		panels = append(panels, built)
		x, height = x+p.Width, max(height, p.Height)
	}
	return panels, y + height, errors.Join(mistakes...)
}

func (d Dashboard) heading(r Row, y uint32) *sdk.RowPanel {
	return &sdk.RowPanel{
		Type: "row", Title: &r.title, Collapsed: r.closed, Panels: []sdk.Panel{}, Id: panelID(d, "row: "+r.title),
		GridPos: &sdk.GridPos{Y: y, W: Full, H: 1},
	}
}
