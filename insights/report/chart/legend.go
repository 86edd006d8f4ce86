package chart

// legend explains the signs of a chart.
type legend []entry

// entry is a sign with its name. Its sample is drawn between two spots of a line; without one
// it is a remark.
type entry struct {
	name   string
	sample func(c *canvas, from, to spot)
}

// The room of an entry: its sample, what is between that and the name, and what follows.
const sampleWidth, sampleGap, entryGap = 26.0, 6.0, 18.0

// placed is a legend in its rows.
type placed struct {
	entries []entry
	at      []spot
	rows    int
}

// flow puts the entries into rows.
func (l legend) flow(wide float64) placed {
	p := placed{}
	x := 0.0
	for _, e := range l {
		e.name = fit(e.name, min(wide-sampleWidth-sampleGap, 300))
		room := width(e.name)
		if e.sample != nil {
			room += sampleWidth + sampleGap
		}
		if p.rows == 0 || x+room > wide {
			p.rows++
			x = 0
		}
		p.at = append(p.at, spot{x, (float64(p.rows) - 0.5) * lineHeight})
		p.entries = append(p.entries, e)
		x += room + entryGap
	}
	return p
}

func (p placed) height() float64 { return float64(p.rows) * lineHeight }

func (p placed) draw(c *canvas) {
	for i, e := range p.entries {
		at := p.at[i]
		if e.sample != nil {
			e.sample(c, at, spot{at.X + sampleWidth, at.Y})
			at.X += sampleWidth + sampleGap
		}
		c.text(e.name, at, start, text)
	}
}
