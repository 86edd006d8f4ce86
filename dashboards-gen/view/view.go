// Package view opens a generated dashboard as Grafana does: it reads the JSON, fills
// in the variables, chooses the step of each query by the width of the screen, and
// sends the queries to Prometheus, a few at a time as a browser does.
//
// The test that every panel has data, the benchmark of opening a dashboard and the
// previews use it. It reads the JSON rather than the Go values behind it, so they
// see what Grafana would load. It supports the part of Grafana's schema that the
// generated dashboards use.
package view

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Dashboard has what a reader sees of a dashboard.
type Dashboard struct {
	UID, Title, Description string
	Folder                  string // the last directory of its file
	Variables               []Variable
	Panels                  []Panel // in the order of the file
	Rows                    []Row
	Annotations             []Annotation
}

// Annotation marks in graphs what a query of the data source finds.
type Annotation struct {
	Expr string
	Step string // the shortest time between two points
}

// Row has a heading between panels. Those of a closed row stand inside it.
type Row struct {
	Title  string
	Place  Place
	Closed bool
}

// Place is a rectangle on Grafana's grid, which is 24 wide.
type Place struct {
	X, Y, W, H int
}

// Panel describes one panel.
type Panel struct {
	ID            int
	Type          string
	Title         string
	Place         Place `json:"gridPos"`
	Targets       []Target
	MaxDataPoints float64
	Repeat        string // a variable; the panel is drawn for each of its values
	MaxPerRow     float64
	FieldConfig   struct {
		Defaults  Field
		Overrides []Override
	}
	Options         Options
	Transformations []Transformation
	// Closed panels stand in a closed row: they are not drawn until somebody opens it.
	Closed bool              `json:"-"`
	scoped map[string]string // the value of a repeated panel
}

// Target describes one query of a panel.
type Target struct {
	RefID        string `json:"refId"`
	Expr         string
	LegendFormat string
	Instant      bool
	Interval     string // the shortest time between two points
}

// Transformation rearranges the results of a panel's queries.
type Transformation struct {
	ID      string
	Options json.RawMessage
}

// Variable describes a choice at the top of a dashboard.
type Variable struct {
	Name, Type string
	Query      json.RawMessage
	AllValue   string // stands for all values in queries; empty for a variable of one value
	Current    struct{ Value Single }
}

// Single is the value of a variable of one value; that of others is a list.
type Single string

// UnmarshalJSON reads a value, and nothing of a list.
func (s *Single) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*s = Single(one)
	}
	return nil
}

// Load reads a dashboard's file. Its folder is the last directory of the path.
func Load(path string, content []byte) (Dashboard, error) {
	var file struct {
		UID, Title, Description string
		Panels                  []json.RawMessage
		Templating              struct{ List []Variable }
		Annotations             struct{ List []Annotation }
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return Dashboard{}, fmt.Errorf("read dashboard %s: %w", path, err)
	}
	d := Dashboard{
		UID: file.UID, Title: file.Title, Description: file.Description, Variables: file.Templating.List,
	}
	if parts := strings.Split(path, "/"); len(parts) > 1 {
		d.Folder = parts[len(parts)-2]
	}
	for _, a := range file.Annotations.List {
		if a.Expr != "" {
			d.Annotations = append(d.Annotations, a)
		}
	}
	for i, raw := range file.Panels {
		if err := d.add(raw); err != nil {
			return Dashboard{}, fmt.Errorf("read dashboard %s: panel %d: %w", path, i, err)
		}
	}
	return d, nil
}

// add adds a panel, or the heading of a row.
func (d *Dashboard) add(raw json.RawMessage) error {
	var p struct {
		Panel
		Collapsed bool
		Panels    []Panel
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	if p.Type != "row" {
		d.Panels = append(d.Panels, p.Panel)
		return nil
	}
	d.Rows = append(d.Rows, Row{p.Title, p.Place, p.Collapsed})
	for _, inside := range p.Panels {
		inside.Closed = true
		d.Panels = append(d.Panels, inside)
	}
	return nil
}

// LoadAll reads generated files, path to content, in the order of their paths.
func LoadAll(files map[string][]byte) ([]Dashboard, error) {
	var all []Dashboard
	for _, path := range slices.Sorted(maps.Keys(files)) {
		d, err := Load(path, files[path])
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}
