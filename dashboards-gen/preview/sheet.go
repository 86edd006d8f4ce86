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

// sheet has a table: the results of all queries joined by their labels.
type sheet struct {
	columns []column
	rows    []row
}

// column describes a label or a figure.
type column struct {
	field  string // the name before it is renamed
	name   string
	config view.Field
	number bool
}

// row has labels and figures by column.
type row struct {
	labels map[string]string
	values map[string]float64
	at     float64 // in seconds since 1970
}

// newSheet joins the results as Grafana's transformations do.
func newSheet(f frame) sheet {
	s := merge(slices.DeleteFunc(slices.Clone(f.answers), func(a view.Answer) bool { return len(a.Series) == 0 }))
	s.organize(f)
	s.sort(f)
	return s
}

// merge joins results by their labels. Each label and each query becomes a column. If
// there are several queries, Grafana names the figures after their query.
func merge(answers []view.Answer) sheet {
	var s sheet
	places, labels := map[string]int{}, map[string]bool{}
	var figures []column
	for _, a := range answers {
		figure := "Value"
		if len(answers) > 1 {
			figure = "Value #" + a.Query.RefID
		}
		figures = append(figures, column{field: figure, name: figure, number: true})
		for _, series := range a.Series {
			key := fmt.Sprint(series.Labels)
			if _, known := places[key]; !known {
				places[key] = len(s.rows)
				s.rows = append(s.rows, row{series.Labels, map[string]float64{}, series.Times[len(series.Times)-1]})
			}
			for name := range series.Labels {
				labels[name] = true
			}
			s.rows[places[key]].values[figure] = series.Values[len(series.Values)-1]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		s.columns = append(s.columns, column{field: name, name: name})
	}
	s.columns = append(s.columns, figures...)
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
		place := func(c column) int {
			if i, ok := o.IndexByName[c.field]; ok {
				return i
			}
			return len(o.IndexByName) // after all others
		}
		s.columns = slices.DeleteFunc(s.columns, func(c column) bool { return o.ExcludeByName[c.field] })
		slices.SortStableFunc(s.columns, func(a, b column) int { return cmp.Compare(place(a), place(b)) })
		for i, c := range s.columns {
			s.columns[i].name = cmp.Or(o.RenameByName[c.field], c.name)
		}
	}
	for i, c := range s.columns {
		s.columns[i].config = configOf(f.panel, c.name, "")
	}
}

// sort orders the rows.
func (s *sheet) sort(f frame) {
	for _, by := range slices.Backward(sortedBy(f.panel)) {
		i := slices.IndexFunc(s.columns, func(c column) bool { return c.name == by.DisplayName })
		if i < 0 {
			continue
		}
		slices.SortStableFunc(s.rows, func(a, b row) int {
			if by.Desc {
				a, b = b, a
			}
			return s.columns[i].compare(a, b)
		})
	}
}

// sortedBy returns the columns by which rows are sorted, the most significant first:
// those of the panel's options, or of the transformation sortBy.
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

// compare orders two rows by the column: numbers as numbers.
func (c column) compare(a, b row) int {
	if c.number {
		return cmp.Compare(a.values[c.field], b.values[c.field])
	}
	x, errX := strconv.ParseFloat(a.labels[c.field], 64)
	y, errY := strconv.ParseFloat(b.labels[c.field], 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a.labels[c.field], b.labels[c.field])
}

// text returns what the column shows in a row.
func (c column) text(r row) string {
	if label, ok := r.labels[c.field]; ok && !c.number {
		if w, found := wordFor(c.config.Mappings, label); found {
			return w.Text
		}
		return label
	}
	if v, ok := r.values[c.field]; ok {
		if c.config.Unit == "dateTimeFromNow" {
			return scaled(r.at-v/1000, durations, new(0.0)) + " ago"
		}
		return format(c.config, v)
	}
	return format(c.config, math.NaN())
}
