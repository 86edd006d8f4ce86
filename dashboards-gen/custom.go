package dashboards

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/common/model"

	"belfry/exporter/strict"
	"belfry/rules"
)

// ExampleFile is a file of custom dashboards that shows every setting and
// explains it: documentation and test case in one.
//
//go:embed custom.example.yaml
var ExampleFile []byte

// customFile is a file of custom dashboards.
type customFile struct {
	Dashboards []customDashboard `yaml:"dashboards"`
}

// customDashboard is a dashboard that an installation describes itself.
type customDashboard struct {
	UID         string `yaml:"uid"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	// Folder is the audience; Roles are the teams or roles that may look, the
	// same for all dashboards of a folder.
	Folder    string         `yaml:"folder"`
	Roles     []string       `yaml:"roles"`
	TimeRange model.Duration `yaml:"timeRange"`
	Refresh   model.Duration `yaml:"refresh"`
	// Public dashboards can be shown to people without an account, since they
	// have nothing to choose.
	Public bool `yaml:"public"`
	// Filters are the labels that the reader can choose values of.
	Filters []string      `yaml:"filters"`
	Panels  []customPanel `yaml:"panels"`
}

// customPanel is one of its panels.
type customPanel struct {
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	// Metric is a short name of [rules.ShortNames].
	Metric  string            `yaml:"metric"`
	Widget  string            `yaml:"widget"`
	GroupBy []string          `yaml:"groupBy"`
	Filters map[string]string `yaml:"filters"`
	// Aggregation joins what groupBy does not tell apart.
	Aggregation string `yaml:"aggregation"`
	// TimeRange is what each value is averaged over.
	TimeRange model.Duration  `yaml:"timeRange"`
	Limit     *float64        `yaml:"limit"`
	Worse     string          `yaml:"worse"`
	Max       *float64        `yaml:"max"`
	Position  *customPosition `yaml:"position"`
	Size      *customSize     `yaml:"size"`
}

// customPosition is a place on Grafana's grid, from the left and from the top.
type customPosition struct {
	X int `yaml:"x"`
	Y int `yaml:"y"`
}

// customSize is a size on the grid, which is 24 wide.
type customSize struct {
	Width  int `yaml:"width"`
	Height int `yaml:"height"`
}

// compiled is a custom dashboard with the places of its panels.
type compiled struct {
	Dashboard
	roles  []string
	public bool
	places []sdk.GridPos
}

// CustomFiles compiles files of custom dashboards: path below the module's root
// to content, as [Files] does. The error has a line for every mistake in all of
// the files.
func CustomFiles(paths ...string) (map[string][]byte, error) {
	files, from := map[string][]byte{}, map[string]string{}
	var wrong []error
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("read custom dashboards: %w", err))
			continue
		}
		own, err := customFiles(path, text)
		if err != nil {
			wrong = append(wrong, err)
		}
		for _, name := range slices.Sorted(maps.Keys(own)) {
			if first, taken := from[name]; taken {
				wrong = append(wrong, fmt.Errorf("%s: %s is that of %s already: choose another uid", path, filepath.Base(name), first))
			}
			from[name], files[name] = path, own[name]
		}
	}
	return files, errors.Join(wrong...)
}

// customFiles compiles the text of one file.
func customFiles(path string, text []byte) (map[string][]byte, error) {
	var file customFile
	c := &customCheck{Document: strict.Decode(path, text, &file), metrics: rules.ShortNames()}
	all := c.dashboards(file.Dashboards)
	if err := c.Err(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, d := range all {
		content, err := d.json()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files[d.path()] = content
	}
	return files, nil
}

// roleTag begins the tags that name who a dashboard is for.
const roleTag = "role:"

// json is the dashboard as Grafana loads it, its panels where the file puts them.
func (d compiled) json() ([]byte, error) {
	document, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	for i := range document.Panels {
		document.Panels[i].Panel.GridPos = &d.places[i]
	}
	for _, role := range d.roles {
		document.Tags = append(document.Tags, roleTag+role)
	}
	if d.public {
		document.Templating.List, document.Links = nil, []sdk.DashboardLink{}
	}
	content, err := encode(document)
	if d.public {
		content = bytes.ReplaceAll(content, []byte("${datasource:queryparam}&"), nil)
		content = bytes.ReplaceAll(content, []byte(*source.Uid), []byte(provisionedSource))
	}
	return content, err
}

// provisionedSource is the uid of the data source in grafana/provisioning.
const provisionedSource = "belfry-prometheus"
