package preview

import (
	"math"

	"belfry/dashboards-gen/view"
)

// drawGauge draws values on half rings.
func drawGauge(c *canvas, f frame, b box) {
	n := float64(len(f.fields))
	for i, own := range f.fields {
		part := box{b.x + b.w*float64(i)/n, b.y, b.w / n, b.h}
		radius := math.Min(part.w*0.4, part.h*0.68)
		r := ring{part.x + part.w/2, part.y + part.h/2 + radius*0.6, radius} // with its marks in the middle
		low, high := ends(own.config)
		value := own.newest()
		hue := own.colorOf(i, value)
		r.draw(c, 0, 1, grid, radius*0.22)
		if share := (value - low) / (high - low); share > 0 {
			r.draw(c, 0, math.Min(1, share), hue, radius*0.22)
		}
		ring{r.x, r.y, radius * 1.15}.marks(c, own.config, low, high)
		c.text(r.x, r.y, format(own.config, value), math.Min(radius*0.42, 40), hue, "middle", true)
		if n > 1 {
			c.fit(r.x, part.y+part.h-6, part.w, own.name, 13, ink, "middle")
		}
	}
}

// ends returns the least and the greatest value of a gauge.
func ends(config view.Field) (low, high float64) {
	high = 100
	if config.Unit == "percentunit" {
		high = 1
	}
	if config.Min != nil {
		low = *config.Min
	}
	if config.Max != nil {
		high = *config.Max
	}
	return low, high
}

// ring describes the upper half of a circle.
type ring struct{ x, y, radius float64 }

// draw draws a part of the ring, from left to right; 1 is all of it.
func (r ring) draw(c *canvas, from, to float64, hue string, width float64) {
	at := func(share float64) (x, y float64) {
		angle := math.Pi * (1 - share)
		return r.x + r.radius*math.Cos(angle), r.y - r.radius*math.Sin(angle)
	}
	var p pen
	p.move(at(from))
	x, y := at(to)
	p.arc(r.radius, false, x, y)
	c.stroke(&p, hue, width, "")
}

// marks draws the colors of the thresholds.
func (r ring) marks(c *canvas, config view.Field, low, high float64) {
	if config.Thresholds == nil {
		return
	}
	list := config.Thresholds.Steps
	for i, s := range list {
		from, to := 0.0, 1.0
		if s.Value != nil {
			from = (*s.Value - low) / (high - low)
		}
		if i+1 < len(list) && list[i+1].Value != nil {
			to = (*list[i+1].Value - low) / (high - low)
		}
		if from, to = math.Max(0, from), math.Min(1, to); from < to {
			r.draw(c, from, to, colorNamed(s.Color), 3)
		}
	}
}
