package main

import (
	"io/fs"
	"os"
	"path/filepath"
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
	for _, pattern := range []string{"/*.yaml", "/*.yml"} {
		found, err := fs.Glob(os.DirFS(root), customFolder+pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			all = append(all, filepath.Join(root, path))
		}
	}
	var once []string
	known := map[string]bool{}
	for _, path := range append(all, named...) {
		full, err := filepath.Abs(path) // of - too, which stands for standard input
		if err != nil {
			return nil, err
		}
		if !known[full] {
			once = append(once, path)
		}
		known[full] = true
	}
	return once, nil
}
