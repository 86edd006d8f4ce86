package preview

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"belfry/dashboards-gen/view"
)

// sheet is a table: the answers to all queries joined by their labels.
type sheet struct {
	columns []sheetColumn
	rows    []map[string]string // labels by column
	values  []map[string]float64
}

type sheetColumn struct {
	field  string // the name before it is renamed
	name   string
	config view.Field
	number bool
}

// newSheet joins the answers as the transformations merge and organize do.
func newSheet(f frame) sheet {
	var s sheet
	byLabels := map[string]int{}
	labels := map[string]bool{}
	var figures []string
	answered := 0
	for _, a := range f.answers {
		if len(a.Series) > 0 {
			answered++
		}
	}
	for _, a := range f.answers {
		if len(a.Series) == 0 {
			continue
		}
		figure := "Value"
		if answered > 1 {
			figure = "Value #" + a.Query.RefID
		}
		figures = append(figures, figure)
		for _, series := range a.Series {
			own := maps.Clone(series.Labels)
			key := fmt.Sprint(own)
			row, known := byLabels[key]
			if !known {
				row = len(s.rows)
				byLabels[key] = row
				s.rows, s.values = append(s.rows, own), append(s.values, map[string]float64{})
			}
			for name := range own {
				labels[name] = true
			}
			s.values[row][figure] = series.Values[len(series.Values)-1]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		s.columns = append(s.columns, sheetColumn{field: name, name: name})
	}
	for _, figure := range figures {
		s.columns = append(s.columns, sheetColumn{field: figure, name: figure, number: true})
	}
	s.organize(f)
	return s
}

// organize renames, orders and hides columns.
func (s *sheet) organize(f frame) {
	for _, t := range f.panel.Transformations {
		var o struct {
			ExcludeByName map[string]bool
			IndexByName   map[string]int
			RenameByName  map[string]string
		}
		if t.ID != "organize" || json.Unmarshal(t.Options, &o) != nil {
			continue
		}
		s.columns = slices.DeleteFunc(s.columns, func(c sheetColumn) bool { return o.ExcludeByName[c.field] })
		slices.SortStableFunc(s.columns, func(a, b sheetColumn) int {
			return cmp.Compare(position(o.IndexByName, a.field), position(o.IndexByName, b.field))
		})
		for i, c := range s.columns {
			s.columns[i].name = cmp.Or(o.RenameByName[c.field], c.name)
		}
	}
	for i, c := range s.columns {
		s.columns[i].config = configOf(f.panel, c.name, "")
		if shown := s.columns[i].config.DisplayName; shown != "" && c.number {
			s.columns[i].name = shown
		}
	}
	s.columns = slices.DeleteFunc(s.columns, func(c sheetColumn) bool { return c.config.Custom.Hidden })
}

func position(index map[string]int, name string) int {
	if i, ok := index[name]; ok {
		return i
	}
	return len(index) + 100
}

// sortedBy is the columns that rows are ordered by, the first of most weight:
// those of the transformation sortBy, unless the panel's options say otherwise.
func sortedBy(p view.Panel) []view.SortBy {
	if len(p.Options.SortBy) > 0 {
		return p.Options.SortBy
	}
	var all []view.SortBy
	for _, t := range p.Transformations {
		var o struct {
			Sort []struct {
				Field string
				Desc  bool
			}
		}
		if t.ID != "sortBy" || json.Unmarshal(t.Options, &o) != nil {
			continue
		}
		for _, by := range o.Sort {
			all = append(all, view.SortBy{DisplayName: by.Field, Desc: by.Desc})
		}
	}
	return all
}

// sort orders the rows.
func (s *sheet) sort(f frame) {
	order := make([]int, len(s.rows))
	for i := range order {
		order[i] = i
	}
	for _, by := range slices.Backward(sortedBy(f.panel)) {
		i := slices.IndexFunc(s.columns, func(c sheetColumn) bool { return c.name == by.DisplayName })
		if i < 0 {
			continue
		}
		c := s.columns[i]
		slices.SortStableFunc(order, func(a, b int) int {
			way := s.compare(c, a, b)
			if by.Desc {
				way = -way
			}
			return way
		})
	}
	rows, values := make([]map[string]string, len(order)), make([]map[string]float64, len(order))
	for to, from := range order {
		rows[to], values[to] = s.rows[from], s.values[from]
	}
	s.rows, s.values = rows, values
}

func (s *sheet) compare(c sheetColumn, a, b int) int {
	if c.number {
		return cmp.Compare(s.values[a][c.field], s.values[b][c.field])
	}
	x, errX := strconv.ParseFloat(s.rows[a][c.field], 64)
	y, errY := strconv.ParseFloat(s.rows[b][c.field], 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(s.rows[a][c.field], s.rows[b][c.field])
}

// drawTable draws the head and as many rows as there is room for.
func drawTable(c *canvas, f frame, b box) {
	s := newSheet(f)
	s.sort(f)
	const row = 27
	widths := s.widths(b.w)
	rows := min(len(s.rows), max(0, int((b.h-row)/row)))
	x := b.x
	for i, column := range s.columns {
		s.cell(c, box{x, b.y, widths[i], row}, column, column.name, linkBlue)
		x += widths[i]
	}
	c.rect(box{b.x, b.y + row - 0.5, b.w, 1}, edge, "", 0)
	var lines pen
	low, high := s.ends()
	for r := range rows {
		x, y := b.x, b.y+float64((r+1)*row)
		for i, column := range s.columns {
			s.value(c, box{x, y, widths[i], row}, column, r, low, high)
			x += widths[i]
		}
		lines.through(point{b.x, y + row}, point{b.x + b.w, y + row})
	}
	c.stroke(&lines, grid, 1, "")
	if rows < len(s.rows) {
		c.text(b.x+b.w, b.y+b.h+5, fmt.Sprintf("and %d more rows", len(s.rows)-rows), 11, faint, "end", false)
	}
}

// widths shares the width out by the longest texts.
func (s sheet) widths(all float64) []float64 {
	widths, sum := make([]float64, len(s.columns)), 0.0
	for i, c := range s.columns {
		widest := widthOf(c.name, 12.5)
		for r := range s.rows {
			widest = math.Max(widest, widthOf(s.text(c, r), 12.5))
		}
		widths[i] = math.Min(widest, 260) + 16
		if len(s.columns) > 12 && c.number {
			widths[i] = 10 // narrow columns of a colored table share what is left
		}
		sum += widths[i]
	}
	for i := range widths {
		widths[i] *= all / math.Max(sum, 1)
	}
	return widths
}

func (s sheet) text(c sheetColumn, row int) string {
	if !c.number {
		if label, ok := s.rows[row][c.field]; ok {
			return label
		}
		return format(c.config, math.NaN())
	}
	v, ok := s.values[row][c.field]
	if !ok {
		v = math.NaN()
	}
	return format(c.config, v)
}

// ends are the least and the greatest figure, which shades run between.
func (s sheet) ends() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for r := range s.rows {
		for _, v := range s.values[r] {
			low, high = least(low, v), greatest(high, v)
		}
	}
	return low, high
}

func (s sheet) value(c *canvas, b box, column sheetColumn, row int, low, high float64) {
	text, hue := s.text(column, row), ink
	cellBox := box{b.x, b.y, b.w - 1, b.h - 1}
	v, ok := s.values[row][column.field]
	if column.number && ok {
		switch cell := column.config.Custom.CellOptions; {
		case cell.Type == "color-text":
			hue = stepColor(column.config.Thresholds, v)
		case cell.Type == "color-background" && column.config.Color != nil && column.config.Color.Mode != "thresholds":
			c.rect(cellBox, mixed(weakest, strongBlue, (v-low)/math.Max(high-low, 1e-9)), "", 0)
		case cell.Type == "color-background":
			c.rect(cellBox, stepColor(column.config.Thresholds, v), "", 0)
		case cell.Type == "gauge":
			share := v / math.Max(high, 1e-9)
			if column.config.Max != nil {
				share = v / *column.config.Max
			}
			bar := box{b.x + 4, b.y + 6, (b.w - 80) * math.Max(0, math.Min(1, share)), b.h - 12}
			c.rect(bar, stepColor(column.config.Thresholds, v), "", 2)
		}
	}
	s.cell(c, b, column, text, hue)
}

// cell writes a text: figures to the right, words to the left.
func (s sheet) cell(c *canvas, b box, column sheetColumn, text string, hue string) {
	if column.number {
		size := 12.5
		if widthOf(text, size) > b.w-4 {
			size = 9.5
		}
		c.fit(b.x+b.w-5, b.y+18, b.w-2, text, size, hue, "end")
		return
	}
	c.fit(b.x+5, b.y+18, b.w-8, text, 12.5, hue, "start")
}
