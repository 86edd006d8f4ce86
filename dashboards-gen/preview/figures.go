package preview

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// drawStat draws the value of each field large, side by side where there is
// room, with the line of where it came from below.
func drawStat(c *canvas, f frame, b box) {
	n := len(f.fields)
	across := b.w >= b.h*float64(n)*0.8 || n == 1
	for i, own := range f.fields {
		part := box{b.x + b.w*float64(i)/float64(n), b.y, b.w / float64(n), b.h}
		if !across {
			part = box{b.x, b.y + b.h*float64(i)/float64(n), b.w, b.h / float64(n)}
		}
		f.stat(c, own, part, n > 1 || f.panel.Options.TextMode == "value_and_name" || f.panel.Options.TextMode == "name")
	}
}

func (f frame) stat(c *canvas, own field, b box, named bool) {
	value := f.reduced(own)
	text, hue := format(own.config, value), own.colourOf(0, value)
	size := math.Min(b.h*0.42, b.w*0.95/(0.58*float64(max(len([]rune(text)), 3))))
	size = math.Min(math.Max(size, 12), 64)
	if f.panel.Options.ColorMode == "background" {
		c.rect(b.x, b.y, b.w-4, b.h, hue, "", 3)
		hue = "#ffffff"
	}
	middle := b.y + b.h/2 + size*0.35
	if f.panel.Options.GraphMode == "area" && len(own.values) > 1 {
		middle = b.y + b.h*0.36 + size*0.35
		f.spark(c, own, box{b.x, b.y + b.h*0.62, b.w, b.h * 0.38}, hue)
	}
	if f.panel.Options.TextMode == "name" {
		c.fit(b.x+b.w/2, b.y+b.h/2+size*0.35, b.w, own.name, math.Min(size, 20), hue, "middle")
		return
	}
	if named {
		label := math.Min(14, b.h*0.2)
		middle += label * 0.6
		c.fit(b.x+b.w/2, middle-size*0.95, b.w, own.name, label, ink, "middle")
	}
	c.text(b.x+b.w/2, middle, text, size, hue, "middle", true)
}

// spark draws the course of a value without axes.
func (f frame) spark(c *canvas, own field, b box, hue string) {
	own.config.Custom.FillOpacity = 18
	own.config.Color = nil
	width := 1.2
	own.config.Custom.LineWidth = &width
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range own.values {
		if !math.IsNaN(v) {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if own.config.Min != nil {
		low = math.Min(low, *own.config.Min)
	}
	if !(high > low) {
		high = low + 1
	}
	reaches := make([]reach, len(own.values))
	for i, v := range own.values {
		reaches[i] = reach{v, v}
	}
	f.line(c, own, reaches, b, axis{low: low, high: high, tick: high - low}, 0)
}

// drawGauge draws values on half rings.
func drawGauge(c *canvas, f frame, b box) {
	n := len(f.fields)
	for i, own := range f.fields {
		part := box{b.x + b.w*float64(i)/float64(n), b.y, b.w / float64(n), b.h}
		low, high := 0.0, 100.0
		if own.config.Unit == "percentunit" {
			high = 1
		}
		if own.config.Min != nil {
			low = *own.config.Min
		}
		if own.config.Max != nil {
			high = *own.config.Max
		}
		value := f.reduced(own)
		radius := math.Min(part.w*0.4, part.h*0.68)
		x, y := part.x+part.w/2, part.y+part.h/2+radius*0.6 // the ring and its marks, in the middle
		share := math.Max(0, math.Min(1, (value-low)/(high-low)))
		arc(c, x, y, radius, 0, 1, grid, radius*0.22)
		if !math.IsNaN(share) {
			arc(c, x, y, radius, 0, share, own.colourOf(i, value), radius*0.22)
		}
		f.marks(c, own, x, y, radius, low, high)
		c.text(x, y, format(own.config, value), math.Min(radius*0.42, 40), own.colourOf(i, value), "middle", true)
		if n > 1 {
			c.fit(x, part.y+part.h-6, part.w, own.name, 13, ink, "middle")
		}
	}
}

// marks draws the thresholds as a thin ring outside.
func (f frame) marks(c *canvas, own field, x, y, radius, low, high float64) {
	if own.config.Thresholds == nil {
		return
	}
	steps := own.config.Thresholds.Steps
	for i, s := range steps {
		from, to := 0.0, 1.0
		if s.Value != nil {
			from = (*s.Value - low) / (high - low)
		}
		if i+1 < len(steps) && steps[i+1].Value != nil {
			to = (*steps[i+1].Value - low) / (high - low)
		}
		if from, to = math.Max(0, from), math.Min(1, to); from < to {
			arc(c, x, y, radius*1.15, from, to, colour(s.Color), 3)
		}
	}
}

// arc draws a part of a half ring, from left to right.
func arc(c *canvas, x, y, radius, from, to float64, stroke string, width float64) {
	a, b := math.Pi*(1-from), math.Pi*(1-to)
	c.path(fmt.Sprintf("M%s %sA%s %s 0 0 1 %s %s", px(x+radius*math.Cos(a)), px(y-radius*math.Sin(a)), px(radius), px(radius),
		px(x+radius*math.Cos(b)), px(y-radius*math.Sin(b))), stroke, width, "none", 0, "")
}

// drawBars draws the value of each field as a bar with its name and figure.
func drawBars(c *canvas, f frame, b box) {
	fields := f.fields
	rows := min(len(fields), max(1, int(b.h/20)))
	high := 0.0
	longest := 0.0
	for _, own := range fields {
		high = math.Max(high, f.reduced(own))
		longest = math.Max(longest, widthOf(own.name, 12.5))
	}
	if m := f.panel.FieldConfig.Defaults.Max; m != nil {
		high = *m
	}
	names, figures := math.Min(longest+10, b.w*0.42), 74.0
	height := math.Min(b.h/float64(rows), 44)
	for i, own := range fields[:rows] {
		y := b.y + float64(i)*height
		value := f.reduced(own)
		hue := own.colourOf(i, value)
		c.fit(b.x, y+height/2+4, names-6, own.name, 12.5, ink, "start")
		track := b.w - names - figures
		c.rect(b.x+names, y+3, track, height-6, grid, "", 2)
		if share := value / cmp.Or(high, 1); !math.IsNaN(share) {
			c.rect(b.x+names, y+3, track*math.Max(0, math.Min(1, share)), height-6, hue, "", 2)
		}
		c.text(b.x+b.w, y+height/2+4, format(own.config, value), 12.5, hue, "end", true)
	}
	if rows < len(fields) {
		c.text(b.x+b.w, b.y+b.h+6, fmt.Sprintf("and %d more", len(fields)-rows), 11, faint, "end", false)
	}
}

// drawPie draws the fields' values as parts of a ring, with their shares.
func drawPie(c *canvas, f frame, b box) {
	fields := slices.Clone(f.fields)
	slices.SortStableFunc(fields, func(x, y field) int { return cmp.Compare(f.reduced(y), f.reduced(x)) })
	total := 0.0
	for _, own := range fields {
		if v := f.reduced(own); v > 0 {
			total += v
		}
	}
	chart := box{b.x, b.y, math.Min(b.h, b.w*0.45), b.h}
	x, y, radius := chart.x+chart.w/2, chart.y+chart.h/2, math.Min(chart.w, chart.h)*0.38
	turn := -math.Pi / 2
	for i, own := range fields {
		value := f.reduced(own)
		hue := own.colourOf(i, value)
		if value > 0 && total > 0 {
			end := turn + 2*math.Pi*math.Min(value/total, 0.99999)
			large := 0
			if end-turn > math.Pi {
				large = 1
			}
			c.path(fmt.Sprintf("M%s %sA%s %s 0 %d 1 %s %s", px(x+radius*math.Cos(turn)), px(y+radius*math.Sin(turn)), px(radius), px(radius), large,
				px(x+radius*math.Cos(end)), px(y+radius*math.Sin(end))), hue, radius*0.5, "none", 0, "")
			turn = end
		}
		row := b.y + float64(i)*20 + math.Max(16, b.h/2-float64(len(fields))*10)
		if row > b.y+b.h {
			continue
		}
		left := chart.x + chart.w + 12
		c.line(left, row-4, left+13, row-4, hue, 4, "")
		c.fit(left+18, row, b.x+b.w-left-18-130, own.name, 12.5, ink, "start")
		share := "–"
		if total > 0 {
			share = fmt.Sprintf("%.0f%%", 100*value/total)
		}
		c.text(b.x+b.w-76, row, share, 12.5, ink, "end", false)
		c.text(b.x+b.w, row, format(own.config, value), 12.5, ink, "end", false)
	}
}
