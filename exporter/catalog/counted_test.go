package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"belfry/exporter/catalog"
)

// counting returns the folders of the programs that expose families, by their sources.
func counting(s catalog.Source) []string {
	switch s {
	case catalog.Alerting:
		return []string{"alertmanager/history", "rules"}
	case catalog.Insights:
		return []string{"insights/service", "exporter/scrape"}
	}
	return []string{"exporter"}
}

// Each family of the catalogue is used where its source counts: nothing else would notice
// one that is declared, shown in the reference, and never counted.
func TestEachFamilyIsCounted(t *testing.T) {
	variables := declared(t)
	used := map[string]map[string]bool{}
	for _, f := range catalog.All {
		name := variables[f.Name]
		if name == "" {
			t.Errorf("%s is in no variable of the catalogue", f.Name)
			continue
		}
		counted := false
		for _, folder := range counting(f.Source) {
			if used[folder] == nil {
				used[folder] = uses(t, filepath.Join("../..", folder))
			}
			counted = counted || used[folder][name]
		}
		if !counted {
			t.Errorf("%s: not counted in %s by catalog.%s: count it, or take it out", f.Name,
				strings.Join(counting(f.Source), " or "), name)
		}
	}
}

// declared returns the variables of the catalogue by the names of their families.
func declared(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	eachFile(t, ".", func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				call, ok := value.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					continue
				}
				if literal, ok := call.Args[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if name, err := strconv.Unquote(literal.Value); err == nil {
						all[name] = spec.Names[i].Name
					}
				}
			}
			return true
		})
	})
	return all
}

// uses returns the names that code below a folder takes from the catalogue. The truth and
// the simulator, which a family is compared with, do not count it.
func uses(t *testing.T, folder string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	eachFile(t, folder, func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && of.Name == "catalog" {
					all[s.Sel.Name] = true
				}
			}
			return true
		})
	})
	return all
}

// eachFile parses the files below a folder that are not tests.
func eachFile(t *testing.T, folder string, do func(*ast.File)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "truth" || d.Name() == "simulate" || d.Name() == "catalog"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, path), nil, parser.SkipObjectResolution)
		if err == nil {
			do(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
