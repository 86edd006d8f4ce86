package main

import (
	"path/filepath"
	"slices"
)

// customFolder is where a team's own dashboards are described, below the root. Whatever
// is there is generated each time, so that nobody has to name it.
const customFolder = "grafana/custom"

// customDashboards returns the files of the custom dashboards.
func (p *process) customDashboards(root string, named []string) (map[string][]byte, error) {
	files, err := described(root, named)
	if err != nil {
		return nil, err
	}
	return p.dashboards(files)
}

// described returns the files of custom dashboards: those in customFolder, and those that
// are named besides, each once.
func described(root string, named []string) ([]string, error) {
	var all []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(root, customFolder, pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	known := map[string]bool{}
	return slices.DeleteFunc(append(all, named...), func(path string) bool {
		full, err := filepath.Abs(path) // of - too, which stands for standard input
		if err != nil || known[full] {
			return err == nil
		}
		known[full] = true
		return false
	}), nil
}
