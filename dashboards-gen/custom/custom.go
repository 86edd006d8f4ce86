// Package custom compiles dashboards that users describe in YAML. They are built from
// the same kit as the shipped ones, and their units, labels and windows follow from
// the metric.
//
// The error of a file reports all mistakes, each with its line, column and the
// nearest valid name. What dashboards cannot share, such as a uid, is checked across
// all files and against the shipped dashboards.
//
// Titles and descriptions are literal text: Grafana would replace variables in them.
package custom

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"path"

	"github.com/prometheus/common/model"

	dashboards "belfry/dashboards-gen"
	"belfry/exporter/strict"
	"belfry/rules"
)

// Example shows and explains every setting. It is documentation and test case in one.
//
//go:embed example.yaml
var Example []byte

// file describes custom dashboards.
type file struct {
	Dashboards []dashboard `yaml:"dashboards"`
}

// dashboard describes one dashboard.
type dashboard struct {
	UID         string `yaml:"uid"`
	Title       string `yaml:"title"`
	Description string `yaml:"description" strict:"prose"`
	// Folder is the audience. Roles are the teams or roles that have access, the same
	// for all dashboards of a folder.
	Folder    string         `yaml:"folder"`
	Roles     []string       `yaml:"roles"`
	TimeRange model.Duration `yaml:"timeRange"`
	Refresh   model.Duration `yaml:"refresh"`
	// Public dashboards can be shared with people without an account. They have no
	// filters.
	Public bool `yaml:"public"`
	// Filters are the labels that readers can filter by.
	Filters []string `yaml:"filters"`
	Panels  []widget `yaml:"panels"`
}

// widget describes one panel.
type widget struct {
	Title       string `yaml:"title"`
	Description string `yaml:"description" strict:"prose"`
	// Metric is a short name of [rules.ShortNames].
	Metric  string            `yaml:"metric"`
	Widget  string            `yaml:"widget"`
	GroupBy []string          `yaml:"groupBy"`
	Filters map[string]string `yaml:"filters"`
	// Aggregation combines series that GroupBy does not tell apart.
	Aggregation string `yaml:"aggregation"`
	// TimeRange is the window over which values are averaged.
	TimeRange model.Duration `yaml:"timeRange"`
	Limit     *float64       `yaml:"limit"`
	Worse     string         `yaml:"worse"`
	Max       *float64       `yaml:"max"`
	Position  *position      `yaml:"position"`
	Size      *size          `yaml:"size"`
}

// position gives a place on Grafana's grid, from the left and from the top.
type position struct {
	X int `yaml:"x"`
	Y int `yaml:"y"`
}

// size gives a size on the grid, which is 24 wide.
type size struct {
	Width  int `yaml:"width"`
	Height int `yaml:"height"`
}

// Source holds the text of a file of custom dashboards. Messages about it begin with its
// name.
type Source struct {
	Name string
	Text []byte
}

// Files compiles files of custom dashboards. Like [dashboards.Files] it returns path
// below the module's root to content. The error reports the mistakes of all files.
func Files(sources ...Source) (map[string][]byte, error) {
	files, taken := map[string][]byte{}, newTaken()
	var wrong []error
	for _, s := range sources {
		own, err := compile(s.Name, s.Text, taken)
		if err != nil {
			wrong = append(wrong, err)
		}
		maps.Copy(files, own)
	}
	return files, errors.Join(wrong...)
}

// compile compiles the text of one file. It adds to what is taken.
func compile(name string, text []byte, taken *taken) (map[string][]byte, error) {
	var f file
	c := &checker{Document: strict.Decode(name, text, &f), metrics: rules.ShortNames(), taken: taken}
	all := c.dashboards(f.Dashboards)
	if err := c.Err(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, d := range all {
		content, err := d.JSON()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[path.Join(dashboards.Directory, d.File())] = content
	}
	return files, nil
}
