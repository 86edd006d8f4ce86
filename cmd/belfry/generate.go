package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kingpin/v2"

	"belfry/alertmanager"
	dashboards "belfry/dashboards-gen"
	"belfry/dashboards-gen/preview"
	"belfry/exporter/catalog"
	"belfry/exporter/daemon"
	"belfry/exporter/errorcode"
	"belfry/rules"
	"belfry/rules/push"
)

// owned lists the paths where every file is generated. A file there that nothing
// generates is left over.
var owned = []string{
	"exporter/METRICS.md", "exporter/ERRORCODES.md", "rules/notification-*.yaml",
	"alertmanager/*.yml", "alertmanager/templates/*",
	"grafana/dashboards/*.json", "grafana/dashboards/*/*.json", "grafana/previews/*",
}

func generateCommand(app *kingpin.Application) command {
	clause := app.Command("generate", "Generate rules, routing, dashboards, their previews and the metric reference.")
	check := clause.Flag("check",
		"Write nothing; list the files that are stale, missing or left over, and fail if there are any.").Bool()
	var root string
	daemon.DirectoryVar(clause.Flag("root",
		"Root directory of Belfry's repository. Only generated files in it are touched.").Default("."), &root)
	var named []string
	inputsVar(clause.Flag("dashboards",
		"File of custom dashboards to generate beside the shipped ones and those that the files in "+customFolder+
			" describe, - for standard input; repeatable. Without it, dashboards generated from such a file earlier "+
			"are left over."), &named)
	return command{clause, func(_ context.Context, p *process) error {
		if err := checkModule(root); err != nil {
			return err
		}
		files, err := generated()
		if err != nil {
			return err
		}
		own, err := p.customDashboards(root, named)
		if err != nil {
			return err
		}
		maps.Copy(files, own)
		differences, err := compareFiles(root, files)
		if err != nil {
			return err
		}
		if !*check {
			for _, name := range withoutRunbook(root) {
				fmt.Fprintf(p.stderr, "warning: %s has no runbook, which its messages link to: write %s/%[1]s.md\n",
					name, runbookFolder)
			}
			return writeFiles(root, files, differences, p)
		}
		for _, d := range differences {
			fmt.Fprintln(p.stdout, d)
		}
		if len(differences) > 0 {
			return outdated(len(differences))
		}
		fmt.Fprintf(p.stdout, "all %d generated files are up to date\n", len(files))
		return nil
	}}
}

// runbookFolder holds a runbook for each shipped alert.
const runbookFolder = "rules/runbooks"

// withoutRunbook returns the names of shipped alerts that the folder has no runbook for,
// if there is such a folder.
func withoutRunbook(root string) []string {
	written, err := os.ReadDir(filepath.Join(root, runbookFolder))
	if err != nil {
		return nil
	}
	var without []string
	for _, a := range rules.Alerts() {
		has := func(e os.DirEntry) bool { return e.Name() == a.Name+".md" }
		if !slices.ContainsFunc(written, has) && !slices.Contains(without, a.Name) {
			without = append(without, a.Name)
		}
	}
	return without
}

// outdated returns the error for n files that differ from what is generated.
func outdated(n int) error {
	which := "1 generated file is"
	if n > 1 {
		which = fmt.Sprintf("%d generated files are", n)
	}
	return fmt.Errorf("%s not up to date; run `belfry generate`", which)
}

// generated returns the content of every generated file by its path below the root.
func generated() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, files := range []func() (map[string][]byte, error){rules.Files, alertmanager.Files, dashboards.Files} {
		some, err := files()
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	maps.Copy(all, catalog.Files())
	maps.Copy(all, errorcode.Files())
	pictures, err := preview.Pictures(all)
	maps.Copy(all, pictures)
	return all, err
}

// difference describes one file that is not up to date.
type difference struct {
	path string
	what string // stale, missing, left over or foreign
}

// foreign says that a file that nobody generated stands where one is to be generated.
const foreign = "foreign"

func (d difference) String() string { return fmt.Sprintf("%-9s %s", d.what, d.path) }

// compareFiles compares the files below root with those that should be there, in
// both directions. It orders the differences by path. Files that people wrote are not left
// over, whatever their names.
func compareFiles(root string, want map[string][]byte) ([]difference, error) {
	var differences []difference
	for path, content := range want {
		have, err := os.ReadFile(filepath.Join(root, path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			differences = append(differences, difference{path, "missing"})
		case err != nil:
			return nil, err
		case bytes.Equal(have, content):
		case len(have) == 0 || isGenerated(path, have):
			differences = append(differences, difference{path, "stale"})
		default:
			differences = append(differences, difference{path, foreign})
		}
	}
	for _, pattern := range owned {
		found, err := fs.Glob(os.DirFS(root), pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			if want[path] != nil || !isRegular(root, path) {
				continue
			}
			have, err := os.ReadFile(filepath.Join(root, path))
			if err != nil {
				return nil, err
			}
			if isGenerated(path, have) {
				differences = append(differences, difference{path, "left over"})
			}
		}
	}
	slices.SortFunc(differences, func(a, b difference) int { return bytes.Compare([]byte(a.path), []byte(b.path)) })
	return differences, nil
}

// writeFiles writes what is stale or missing, each file whole or not at all, and removes
// what is left over. If a file that nobody generated is in the way, it does nothing.
func writeFiles(root string, want map[string][]byte, differences []difference, p *process) error {
	for _, d := range differences {
		if d.what == foreign {
			return fmt.Errorf("%s was not generated by belfry, and nothing was written: "+
				"move it elsewhere, or remove it", filepath.Join(root, d.path))
		}
	}
	for _, d := range differences {
		path := filepath.Join(root, d.path)
		if want[d.path] == nil {
			if err := os.Remove(path); err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "removed  %s\n", d.path)
			continue
		}
		if err := push.ReplaceFile(path, want[d.path], 0o644); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "wrote    %s\n", d.path)
	}
	fmt.Fprintf(p.stdout, "%d files, %d changed\n", len(want), len(differences))
	return nil
}
