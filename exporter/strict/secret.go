package strict

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// secretName is what keys that hold secrets are called in Alertmanager's and
// other configurations.
var secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|credentials|api_?key|routing_?key|service_?key|api_?url|webhook_?url)$`)

// unknownKey tells of a key that no field has. One for a secret is never told
// with its value, and the file that is to hold it is named.
func (d *Document) unknownKey(key *yaml.Node, path string, keys []string) {
	own := child(path, key.Value)
	d.places[own] = at(key)
	if secretName.MatchString(key.Value) || slices.Contains(keys, key.Value+"_file") {
		d.add(at(key), own, "a secret must not stand in this file; write it into a file of its own"+nameIt(key.Value, keys))
		d.meant[child(path, key.Value+"_file")] = true
		return
	}
	d.add(at(key), own, Unknown("key", key.Value, keys))
	if near := Nearest(key.Value, keys); near != "" {
		d.meant[child(path, near)] = true
	}
}

// nameIt says by which key the secret's file is named.
func nameIt(key string, keys []string) string {
	if slices.Contains(keys, key+"_file") {
		return " and name that with " + key + "_file"
	}
	var files []string
	for _, k := range keys {
		if strings.HasSuffix(k, "_file") {
			files = append(files, k)
		}
	}
	if len(files) == 0 {
		return ""
	}
	return " and name that with " + strings.Join(files, " or ")
}
