package preview

import (
	"math"
	"slices"
	"strconv"
)

// Grafana's scheme Blues, from the surface to its strongest.
var weakest, strongest = [3]float64{24, 40, 66}, [3]float64{222, 235, 255}

// drawHeat draws buckets over time: each cell is what fell into a bucket within
// a step. The buckets are cumulative, so a cell is the difference to the one below.
func drawHeat(c *canvas, f frame, b box) {
	rows := slices.Clone(f.fields)
	slices.SortFunc(rows, func(x, y field) int {
		if le(x) < le(y) {
			return -1
		}
		return 1
	})
	type cell struct {
		row   int
		t     float64
		count float64
	}
	var cells []cell
	greatest := 0.0
	below := map[float64]float64{}
	for i, row := range rows {
		for j, t := range row.times {
			count := math.Max(0, row.values[j]-below[t])
			below[t] = row.values[j]
			if count > 1e-9 {
				cells = append(cells, cell{i, t, count})
				greatest = most(greatest, count)
			}
		}
	}
	config := f.panel.FieldConfig.Defaults
	if f.panel.Options.YAxis.Unit != "" {
		config.Unit = f.panel.Options.YAxis.Unit
	}
	plot := b.inner(64, 4, 6, 20)
	height := plot.h / float64(max(len(rows), 1))
	every := max(1, int(math.Ceil(16/math.Max(height, 1))))
	for i, row := range rows {
		y := plot.y + plot.h - float64(i)*height
		if bound := le(row); i%every == 0 && !math.IsInf(bound, 1) {
			c.text(plot.x-6, y-height+4, format(config, bound), 11, faint, "end", false)
		}
	}
	drawTimes(c, plot, f.from, f.to)
	width := math.Max(plot.w*f.step/(f.to-f.from), 1)
	for _, own := range cells {
		shade := mixed(weakest, strongest, math.Sqrt(own.count/greatest))
		c.rect(f.x(plot, own.t)-width, plot.y+plot.h-float64(own.row+1)*height, math.Max(width-0.5, 1), math.Max(height-1, 1), shade, "", 0)
	}
}

// le is a bucket's upper bound.
func le(own field) float64 {
	bound, err := strconv.ParseFloat(own.labels["le"], 64)
	if err != nil {
		return math.Inf(1)
	}
	return bound
}

// drawStates draws each field as a band over time in the colours of its values.
func drawStates(c *canvas, f frame, b box) {
	longest := 0.0
	for _, own := range f.fields {
		longest = math.Max(longest, widthOf(own.name, 12))
	}
	plot := b.inner(math.Min(longest+10, b.w*0.35), 2, 6, 20)
	height := plot.h / float64(len(f.fields))
	for i, own := range f.fields {
		y := plot.y + float64(i)*height
		if every := int(math.Ceil(14 / height)); i%every == 0 {
			c.fit(b.x, y+height/2+4, plot.x-b.x-8, own.name, 12, ink, "start")
		}
		for j := 0; j < len(own.values); {
			k := j
			for k+1 < len(own.values) && own.values[k+1] == own.values[j] && own.times[k+1]-own.times[k] <= 1.5*max(f.step, 1) {
				k++
			}
			x, end := f.x(plot, own.times[j]), f.x(plot, own.times[k]+f.step)
			part := box{x, y + height*0.1, math.Min(end, plot.x+plot.w) - x, height * 0.8}
			c.rect(part.x, part.y, part.w, part.h, own.colourOf(i, own.values[j]), "", 0)
			if text := format(own.config, own.values[j]); widthOf(text, 11.5)+8 < part.w && height > 14 {
				c.text(part.x+5, part.y+part.h/2+4, text, 11.5, "#111217", "start", false)
			}
			j = k + 1
		}
	}
	drawTimes(c, plot, f.from, f.to)
}
