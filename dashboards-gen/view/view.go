// Package view opens a generated dashboard as Grafana does: it reads the JSON,
// fills in the variables, chooses the step of each query by the width of the
// screen, and puts the queries to a Prometheus, a few at a time as a browser
// does.
//
// Three programs look at dashboards through it: the test that every panel finds
// data, the benchmark of how long a dashboard takes to draw, and the previews.
// They take the JSON rather than the Go values behind it, and so see what Grafana
// would load. The package knows of Grafana's schema what the generated dashboards
// use.
package view

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Dashboard is what a reader sees of a dashboard's file.
type Dashboard struct {
	UID, Title, Description string
	Folder                  string // the last directory of its file
	Variables               []Variable
	Panels                  []Panel // in the order of the file
	Rows                    []Row
	// Annotations are the queries of the marks in graphs that read the data source.
	Annotations []string
}

// Row is a heading between panels.
type Row struct {
	Title string
	Place Place
}

// Place is where something stands on Grafana's grid, which is 24 wide.
type Place struct {
	X, Y, W, H int
}

// Panel is one panel.
type Panel struct {
	ID            int
	Type          string
	Title         string
	Place         Place `json:"gridPos"`
	Targets       []Target
	MaxDataPoints float64
	Repeat        string // a variable for each value of which the panel is drawn
	MaxPerRow     float64
	FieldConfig   struct {
		Defaults  Field
		Overrides []Override
	}
	Options         Options
	Transformations []Transformation
	scoped          map[string]string // the value that a repeated panel is for
}

// Target is one query of a panel.
type Target struct {
	RefID        string `json:"refId"`
	Expr         string
	LegendFormat string
	Instant      bool
	Interval     string // the least time between two points
}

// Transformation rearranges the answers to a panel's queries.
type Transformation struct {
	ID      string
	Options json.RawMessage
}

// Variable is a choice at the top of a dashboard.
type Variable struct {
	Name, Type string
	Query      json.RawMessage
	AllValue   string // stands for all values in queries
}

// Load reads a dashboard's file. The path says which folder it is in.
func Load(path string, content []byte) (Dashboard, error) {
	var file struct {
		UID, Title, Description string
		Panels                  []json.RawMessage
		Templating              struct{ List []Variable }
		Annotations             struct{ List []struct{ Expr string } }
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
			d.Annotations = append(d.Annotations, a.Expr)
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
	var p Panel
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	if p.Type == "row" {
		d.Rows = append(d.Rows, Row{p.Title, p.Place})
	} else {
		d.Panels = append(d.Panels, p)
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
