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

// recorded holds the query results for the committed pictures, a file for each.
// `belfry dashboards preview --record` writes them.
//
//go:embed recorded/*.ndjson
var recorded embed.FS

// Screen returns what a reader sees of a dashboard on a screen of that width in
// pixels, over a time range up to a time, until somebody opens a closed row. Graphs have a
// point for every twelve pixels of their panel, which is enough for their shape and keeps
// pictures small.
func Screen(width int, to time.Time, span time.Duration) view.Screen {
	return view.Screen{
		From: to.Add(-span), To: to, Points: max(width/12, 50), ByWidth: width >= narrow, Scrape: 10 * time.Second,
		First: true,
	}
}

// Pictures draws the previews that are committed. Both maps have paths below the
// module's root and contents. A panel whose query changed after its results were
// recorded is empty and says so.
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

// drawRecorded draws the dashboard of a name from a file of recorded results.
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

// reopen opens a dashboard with the recorded results.
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

// clearPanel empties a panel with a query that was not recorded.
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
