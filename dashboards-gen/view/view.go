// Package view opens a generated dashboard as Grafana does: it reads the JSON,
// fills in the variables, chooses the step of each query by the width of the
// screen, and puts the queries to a Prometheus, a few at a time as a browser
// does.
//
// Three programs look at dashboards through it: the test that every panel finds
// data, the benchmark of how long a dashboard takes to draw, and the previews.
// It takes the JSON, not the Go values behind it, so that what they see is what
// Grafana would load.
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
	From                    string // start of the time range on opening, such as now-24h
	Refresh                 string
	Variables               []Variable
	Panels                  []Panel // in the order of the file, those in closed rows included
	Rows                    []Row
	// Annotations are the queries of the marks in graphs that read the data source.
	Annotations []string
}

// Row is a heading between panels.
type Row struct {
	Title     string
	Place     Place
	Collapsed bool
}

// Place is where something stands on Grafana's grid, which is 24 wide.
type Place struct {
	X, Y, W, H int
}

// Panel is one panel.
type Panel struct {
	ID                  int
	Type                string
	Title, Description  string
	Place               Place    `json:"gridPos"`
	Targets             []Target // none where it draws text or links
	Interval            string   // the shortest step, such as 5m; empty for that of the data source
	MaxDataPoints       float64
	TimeFrom, TimeShift string // replace the dashboard's time range
	Repeat              string // a variable for each value of which the panel is drawn
	MaxPerRow           float64
	FieldConfig         struct {
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
	Format       string // time_series, table or heatmap
	Instant      bool
	Hide         bool
	Interval     string
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
	Multi      bool
	IncludeAll bool
	AllValue   string
	Current    struct{ Value json.RawMessage }
}

// Load reads a dashboard's file. The path says which folder it is in.
func Load(path string, content []byte) (Dashboard, error) {
	var file struct {
		UID, Title, Description, Refresh string
		Time                             struct{ From string }
		Panels                           []json.RawMessage
		Templating                       struct{ List []Variable }
		Annotations                      struct{ List []struct{ Expr string } }
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return Dashboard{}, fmt.Errorf("read dashboard %s: %w", path, err)
	}
	d := Dashboard{
		UID: file.UID, Title: file.Title, Description: file.Description, From: file.Time.From, Refresh: file.Refresh,
		Variables: file.Templating.List,
	}
	if parts := strings.Split(path, "/"); len(parts) > 1 {
		d.Folder = parts[len(parts)-2]
	}
	for _, a := range file.Annotations.List {
		if a.Expr != "" {
			d.Annotations = append(d.Annotations, a.Expr)
		}
	}
	if err := d.panels(file.Panels); err != nil {
		return Dashboard{}, fmt.Errorf("read dashboard %s: %w", path, err)
	}
	return d, nil
}

// panels reads panels and rows, and the panels inside closed rows.
func (d *Dashboard) panels(list []json.RawMessage) error {
	for i, raw := range list {
		var row struct {
			Type, Title string
			Collapsed   bool
			GridPos     Place
			Panels      []json.RawMessage
		}
		if err := json.Unmarshal(raw, &row); err != nil {
			return fmt.Errorf("panel %d: %w", i, err)
		}
		if row.Type == "row" {
			d.Rows = append(d.Rows, Row{row.Title, row.GridPos, row.Collapsed})
			if err := d.panels(row.Panels); err != nil {
				return fmt.Errorf("row %q: %w", row.Title, err)
			}
			continue
		}
		var p Panel
		if err := json.Unmarshal(raw, &p); err != nil {
			return fmt.Errorf("panel %q: %w", row.Title, err)
		}
		d.Panels = append(d.Panels, p)
	}
	return nil
}

// LoadAll reads generated files: path to content. They are in the order of
// their paths.
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
