package cases

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// Promtool writes what promtool needs for the file's cases into a directory: the
// cases, with rule_files and group_eval_order, and the rules that they need, in
// order and as in the generated files. Without the hundreds of other rules,
// promtool takes a hundredth of the time. Promtool returns the path of the cases.
func (rs *Rules) Promtool(f *File, dir string) (string, error) {
	groups := rs.excerpt(f)
	var order []string
	for _, g := range groups {
		order = append(order, g.Name)
	}
	tests, err := f.withRules("rules.yaml", order)
	if err != nil {
		return "", fmt.Errorf("rewrite %s for promtool: %w", f.Path, err)
	}
	path := filepath.Join(dir, filepath.Base(f.Path))
	for path, content := range map[string]any{
		filepath.Join(dir, "rules.yaml"): map[string]any{"groups": groups}, path: tests,
	} {
		var b bytes.Buffer
		if err := yaml.NewEncoder(&b).Encode(content); err != nil {
			return "", fmt.Errorf("encode %s: %w", path, err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return "", err
		}
	}
	return path, nil
}

// excerpt returns the rules that the file's cases need, each in a group of its
// own, since promtool takes only the order of groups.
func (rs *Rules) excerpt(f *File) []*group {
	var groups []*group
	for i, r := range rs.All {
		if slices.ContainsFunc(f.Cases, func(c *Case) bool { return rs.needed(c)[i] }) {
			groups = append(groups, &group{
				Name: fmt.Sprintf("%d: %s", i, r.Group), Interval: model.Duration(r.Interval),
				Rules: []yaml.Node{r.source},
			})
		}
	}
	return groups
}

// withRules returns the content of the file in promtool's format.
func (f *File) withRules(path string, order []string) (*yaml.Node, error) {
	var document, added yaml.Node
	if err := yaml.Unmarshal(f.content, &document); err != nil {
		return nil, err
	}
	if err := added.Encode(map[string][]string{"rule_files": {path}, "group_eval_order": order}); err != nil {
		return nil, err
	}
	top := document.Content[0]
	for i := 0; i < len(top.Content); i += 2 {
		if top.Content[i].Value == "equivalent" {
			top.Content = slices.Delete(top.Content, i, i+2)
			break
		}
	}
	top.Content = append(top.Content, added.Content...)
	return &document, nil
}
