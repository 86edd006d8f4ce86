package preview

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"belfry/dashboards-gen/view"
)

// Directory holds the committed pictures, below the module's root.
const Directory = "grafana/previews"

// recorded holds the answers from which the committed pictures are drawn, a file
// for each, written by `belfry dashboards preview --record`.
//
//go:embed recorded/*.ndjson
var recorded embed.FS

// Screen is how a reader looks at a dashboard on a screen of that many pixels,
// over a range that ends at a time. A graph has a point for every twelve pixels
// of its panel: enough for its course, and few enough for a small picture.
func Screen(width int, to time.Time, span time.Duration) view.Screen {
	return view.Screen{
		From: to.Add(-span), To: to, Points: max(width/12, 50), ByWidth: width >= narrow, Scrape: 10 * time.Second,
	}
}

// Pictures draws the previews that are committed: path below the module's root to
// content, for the dashboards as for the pictures. A panel whose query was changed
// since its answer was recorded is empty and says so.
func Pictures(dashboards map[string][]byte) (map[string][]byte, error) {
	files, err := fs.Glob(recorded, "recorded/*.ndjson")
	if err != nil {
		return nil, err
	}
	pictures := map[string][]byte{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".ndjson")
		drawn, err := drawRecorded(file, name, dashboards)
		if err != nil {
			return nil, fmt.Errorf("draw preview of dashboard %s: %w", name, err)
		}
		pictures[path.Join(Directory, name+".svg")] = drawn
	}
	return pictures, nil
}

// drawRecorded draws the dashboard with the name from a file of answers.
func drawRecorded(file, name string, dashboards map[string][]byte) ([]byte, error) {
	answers, err := recorded.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for at, content := range dashboards {
		if path.Base(at) != name+".json" {
			continue
		}
		d, err := view.Load(at, content)
		if err != nil {
			return nil, err
		}
		r, err := readRecording(answers)
		if err != nil {
			return nil, fmt.Errorf("read recorded answers: %w", err)
		}
		o, err := r.reopen(d)
		return Draw(o, r.Width), err
	}
	return nil, errors.New("there is no such dashboard")
}

// reopen opens a dashboard with the recorded answers.
func (r *recording) reopen(d view.Dashboard) (view.Opened, error) {
	o, err := d.Open(context.Background(), r, Screen(r.Width, r.To, time.Duration(r.Range)))
	if err != nil {
		return o, err
	}
	for _, a := range o.Answers {
		if !r.has(a.Query) {
			clearPanel(o, a.Panel.ID)
		}
	}
	return o, nil
}

// clearPanel empties a panel of which a query was not recorded.
func clearPanel(o view.Opened, id int) {
	for i := range o.Answers {
		if o.Answers[i].Panel.ID == id {
			o.Answers[i].Series = nil
		}
	}
	for i := range o.Panels {
		if o.Panels[i].ID == id {
			o.Panels[i].FieldConfig.Defaults.NoValue = "Not recorded yet"
		}
	}
}
