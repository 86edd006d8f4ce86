package view

import (
	"maps"
	"math"
	"strings"
)

// repeated draws panels that repeat once for each of the values, side by side
// and in rows, and moves what stands below them down, as Grafana does.
func (d Dashboard) repeated(values map[string][]string) Dashboard {
	var panels []Panel
	for i := range d.Panels {
		p := d.Panels[i]
		list := values[p.Repeat]
		if p.Repeat == "" || len(list) == 0 {
			panels = append(panels, p)
			continue
		}
		across := min(len(list), max(int(p.MaxPerRow), 1))
		rows := int(math.Ceil(float64(len(list)) / float64(across)))
		for n, value := range list {
			panels = append(panels, p.forValue(n, across, value))
		}
		d.moveDown(p.Place.Y+p.Place.H, (rows-1)*p.Place.H)
	}
	d.Panels = panels
	return d
}

// forValue is the n-th repetition of a panel.
func (p Panel) forValue(n, across int, value string) Panel {
	own := p
	own.ID = p.ID*1000 + n // Grafana gives repetitions ids of their own too
	own.Place.W = 24 / across
	own.Place.X, own.Place.Y = n%across*own.Place.W, p.Place.Y+n/across*p.Place.H
	own.Title = strings.ReplaceAll(strings.ReplaceAll(p.Title, "${"+p.Repeat+"}", value), "$"+p.Repeat, value)
	own.scoped = map[string]string{p.Repeat: value}
	return own
}

// moveDown moves everything from a height on.
func (d *Dashboard) moveDown(from, by int) {
	for i := range d.Panels {
		if d.Panels[i].Place.Y >= from {
			d.Panels[i].Place.Y += by
		}
	}
	for i := range d.Rows {
		if d.Rows[i].Place.Y >= from {
			d.Rows[i].Place.Y += by
		}
	}
}

// with adds what a repeated panel is for to what is chosen.
func (p Panel) with(chosen map[string]string) map[string]string {
	if p.scoped == nil {
		return chosen
	}
	all := maps.Clone(chosen)
	maps.Copy(all, p.scoped)
	return all
}
