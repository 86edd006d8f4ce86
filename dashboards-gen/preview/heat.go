package preview

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// The ends of Grafana's color scheme Blues.
var weakest, strongest = [3]float64{24, 40, 66}, [3]float64{222, 235, 255}

// strongBlue is the strongest color of a shaded table.
var strongBlue = [3]float64{87, 148, 242}

// shades is the number of colors of a heat map.
const shades = 24

// cell has the observations of a bucket within a step.
type cell struct {
	row      int
	t, count float64
}

// drawHeat draws buckets over time, one path for each shade.
func drawHeat(c *canvas, f frame, b box) {
	rows := slices.Clone(f.fields)
	slices.SortFunc(rows, func(x, y field) int { return cmp.Compare(le(x), le(y)) })
	p := plot{box: b.inner(64, 4, 6, 20), from: f.from, to: f.to, step: f.step}
	height := p.h / float64(max(len(rows), 1))
	drawBounds(c, f, rows, p.box, height)
	drawTimes(c, p.box, p.from, p.to)
	cells, most := cellsOf(rows)
	width := math.Max(p.w*p.step/(p.to-p.from), 1)
	var paths [shades]pen
	for _, own := range cells {
		path := &paths[int(math.Round(math.Sqrt(own.count/most)*(shades-1)))]
		x, y := p.atTime(own.t)-width, p.y+p.h-float64(own.row+1)*height
		right, bottom := x+math.Max(width-0.5, 1), y+math.Max(height-1, 1)
		path.through(point{x, y}, point{right, y}, point{right, bottom}, point{x, bottom})
		path.close()
	}
	for i := range paths {
		c.fill(&paths[i], mixed(weakest, strongest, float64(i)/(shades-1)), 1)
	}
}

// cellsOf returns the cells and the greatest count. Buckets are cumulative, so a cell
// has the difference from the bucket below.
func cellsOf(rows []field) (cells []cell, most float64) {
	below := map[float64]float64{}
	for i, row := range rows {
		for j, t := range row.times {
			count := math.Max(0, row.values[j]-below[t])
			below[t] = row.values[j]
			if count > 1e-9 && !math.IsInf(count, 1) {
				cells = append(cells, cell{i, t, count})
				most = greatest(most, count)
			}
		}
	}
	return cells, most
}

// drawBounds labels the rows of a heat map with the upper bounds of their buckets.
func drawBounds(c *canvas, f frame, rows []field, b box, height float64) {
	config := f.panel.FieldConfig.Defaults
	if f.panel.Options.YAxis.Unit != "" {
		config.Unit = f.panel.Options.YAxis.Unit
	}
	every := max(1, int(math.Ceil(16/math.Max(height, 1))))
	for i, row := range rows {
		if bound := le(row); i%every == 0 && !math.IsInf(bound, 1) {
			c.text(b.x-6, b.y+b.h-float64(i+1)*height+4, format(config, bound), 11, faint, "end", false)
		}
	}
}

// le returns a bucket's upper bound.
func le(own field) float64 {
	bound, err := strconv.ParseFloat(own.labels["le"], 64)
	if err != nil {
		return math.Inf(1)
	}
	return bound
}

// drawStates draws each field as a band over time in the colors of its values.
func drawStates(c *canvas, f frame, b box) {
	longest := 0.0
	for _, own := range f.fields {
		longest = math.Max(longest, widthOf(own.name, textSize))
	}
	p := plot{box: b.inner(math.Min(longest+10, b.w*0.35), 2, 6, 20), from: f.from, to: f.to, step: f.step}
	height := p.h / float64(len(f.fields))
	for i, own := range f.fields {
		y := p.y + float64(i)*height
		if every := int(math.Ceil(14 / height)); i%every == 0 {
			c.fit(b.x, y+height/2+4, p.x-b.x-8, own.name, textSize, ink, "start")
		}
		drawState(c, own, p, box{p.x, y + height*0.1, p.w, height * 0.8}, i)
	}
	drawTimes(c, p.box, p.from, p.to)
}

// drawState draws one band, with a piece for each constant value.
func drawState(c *canvas, own field, p plot, band box, i int) {
	for j := 0; j < len(own.values); {
		k := j
		for k+1 < len(own.values) && own.values[k+1] == own.values[j] && !p.gap(own.times[k], own.times[k+1]) {
			k++
		}
		x := p.atTime(own.times[j])
		end := math.Min(p.atTime(own.times[k]+p.step), band.x+band.w)
		piece := box{x, band.y, end - x, band.h}
		c.rect(piece, own.colorOf(i, own.values[j]), "", 0)
		if text := format(own.config, own.values[j]); widthOf(text, 11.5)+8 < piece.w && band.h > 11 {
			c.text(piece.x+5, piece.y+piece.h/2+4, text, 11.5, background, "start", false)
		}
		j = k + 1
	}
}
