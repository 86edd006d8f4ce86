package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"belfry/dashboards-gen/panel"
	"belfry/dashboards-gen/preview"
	"belfry/rules/push"
)

// checkModule returns an error unless a directory is the root of Belfry's repository:
// anywhere else the files under the names of generated ones belong to somebody else.
func checkModule(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == "module belfry" {
			return nil
		}
	}
	return fmt.Errorf("%s is not the root of Belfry's repository, whose go.mod says \"module belfry\": "+
		"run belfry generate there, or set --root; "+
		"to write rules and routing elsewhere, see belfry rules --help", root)
}

// isGenerated reports whether the content of a file has the mark of what `belfry generate`
// writes under such a name.
func isGenerated(name string, content []byte) bool {
	switch path.Ext(name) {
	case ".json":
		var d struct{ UID string }
		return json.Unmarshal(content, &d) == nil &&
			d.UID == panel.UIDPrefix+strings.TrimSuffix(path.Base(name), ".json")
	case ".svg":
		return preview.IsPicture(content)
	default:
		return push.IsGenerated(content)
	}
}

// isRegular reports whether there is a file under the name, and no directory or link.
func isRegular(root, name string) bool {
	info, err := os.Lstat(filepath.Join(root, name))
	return err == nil && info.Mode().IsRegular()
}
