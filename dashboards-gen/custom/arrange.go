package custom

import (
	"fmt"

	"belfry/dashboards-gen/panel"
)

// lowest limits how far down a panel can stand.
const lowest = 1000

// arrange places each panel at its position, or at the first free place, from the
// top and from the left.
func (c *checker) arrange(path string, widgets []widget, panels []panel.Panel) {
	taken := occupied{}
	for i, w := range widgets {
		if w.Position == nil {
			continue
		}
		p := &panels[i]
		p.At = &panel.Position{X: uint32(max(w.Position.X, 0)), Y: uint32(max(w.Position.Y, 0))}
		where := fmt.Sprintf("%s.panels[%d].position", path, i)
		switch other, overlaps := taken.by(*p); {
		case w.Position.X < 0 || w.Position.Y < 0 || w.Position.Y > lowest:
			c.Wrong(where, "x %d, y %d is off the grid", w.Position.X, w.Position.Y)
		case p.At.X+p.Width > panel.Full:
			c.Wrong(where, "x %d and a width of %d exceed the grid's width of %d", p.At.X, p.Width, panel.Full)
		case overlaps && c.sized(path, i) && c.sized(path, other):
			c.Wrong(where, "the panel overlaps panels[%d]", other)
		}
		taken.add(i, *p)
	}
	for i, w := range widgets {
		if w.Position == nil {
			panels[i].At = taken.room(panels[i])
			taken.add(i, panels[i])
		}
	}
}

// sized reports whether the size of the i-th panel is the one that its author meant.
func (c *checker) sized(path string, i int) bool {
	size := fmt.Sprintf("%s.panels[%d].size", path, i)
	return !c.Unclear(size) && !c.Mistaken(size)
}

// occupied maps each cell of the grid that a panel covers to the panel's index.
type occupied map[panel.Position]int

// by returns a panel that already covers a cell of p.
func (o occupied) by(p panel.Panel) (other int, found bool) {
	for x := p.At.X; x < p.At.X+p.Width; x++ {
		for y := p.At.Y; y < p.At.Y+p.Height; y++ {
			if i, taken := o[panel.Position{X: x, Y: y}]; taken {
				return i, true
			}
		}
	}
	return 0, false
}

// add covers the cells of the i-th panel.
func (o occupied) add(i int, p panel.Panel) {
	for x := p.At.X; x < p.At.X+p.Width; x++ {
		for y := p.At.Y; y < p.At.Y+p.Height; y++ {
			o[panel.Position{X: x, Y: y}] = i
		}
	}
}

// room returns the first place that is free for the panel.
func (o occupied) room(p panel.Panel) *panel.Position {
	p.At = &panel.Position{}
	for {
		if _, overlaps := o.by(p); !overlaps && p.At.X+p.Width <= panel.Full {
			return p.At
		}
		if p.At.X++; p.At.X+p.Width > panel.Full {
			p.At.X, p.At.Y = 0, p.At.Y+1
		}
	}
}
