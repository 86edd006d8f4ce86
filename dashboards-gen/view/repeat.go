package view

import (
	"maps"
	"strings"
)

// repeated returns the dashboard with a copy of each repeating panel for each value,
// side by side and in rows, and moves what is below them down, as Grafana does.
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
		rows := (len(list) + across - 1) / across
		for n, value := range list {
			panels = append(panels, p.forValue(n, across, value))
		}
		d.moveDown(p.Place.Y+p.Place.H, (rows-1)*p.Place.H)
	}
	d.Panels = panels
	return d
}

// forValue returns the n-th repetition of a panel.
func (p Panel) forValue(n, across int, value string) Panel {
	own := p
	own.ID = p.ID*1000 + n // Grafana too gives repetitions their own ids
	own.Place.W = 24 / across
	own.Place.X, own.Place.Y = n%across*own.Place.W, p.Place.Y+n/across*p.Place.H
	own.Title = strings.ReplaceAll(p.Title, "$"+p.Repeat, value)
	own.scoped = map[string]string{p.Repeat: value}
	return own
}

// moveDown moves everything from a height on down.
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

// with returns the chosen values, with that of a repeated panel.
func (p Panel) with(chosen map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, chosen)
	maps.Copy(all, p.scoped)
	return all
}
