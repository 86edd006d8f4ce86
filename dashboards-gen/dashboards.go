// Package dashboards holds Belfry's Grafana dashboards, one to a file.
//
// Each is a value of package panel: rows of panels, each with its queries, a
// unit and a sentence on how to read it. Expressions come from package rules, or
// are built by rules/expr from the catalogue, so no metric is named here. A panel
// on what an alert watches draws the alert's own expression with its threshold.
//
// `belfry generate` writes what [Files] returns; nobody edits the JSON by hand.
package dashboards

import (
	"path"

	"belfry/dashboards-gen/panel"
)

// Directory holds the generated dashboards, below the module's root. Grafana's
// provisioning makes a folder of each directory in it.
const Directory = "grafana/dashboards"

// All returns every dashboard, in the order in which Grafana should be learned.
func All() []panel.Dashboard {
	return []panel.Dashboard{
		executive(), promises(), operations(), performance(), engagement(), templates(), deliverability(),
		experiments(), objectives(), anomalies(), itself(), phone(),
	}
}

// Files returns all generated dashboards: path below the module's root to content.
// The content depends on the code alone and is the same on every run.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, d := range All() {
		content, err := d.JSON()
		if err != nil {
			return nil, err
		}
		files[path.Join(Directory, d.File())] = content
	}
	return files, nil
}
