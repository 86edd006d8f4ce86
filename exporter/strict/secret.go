package strict

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// secretName matches the keys of secrets in the configurations of Alertmanager
// and others.
var secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|credentials|` +
	`(api|access|routing|service|user)_?key|api_?url|webhook_?url)$`)

// unknownKey adds the mistake of a key that no field has. For the key of a secret
// it says which key takes the file of the secret instead, and it never repeats
// the value.
func (d *Document) unknownKey(key *yaml.Node, path string, keys []string) {
	first, rest, apart := strings.Cut(key.Value, ":")
	if !apart {
		first, rest, apart = strings.Cut(key.Value, " ")
	}
	own := child(path, key.Value)
	if isSecret(first, keys) {
		own = child(path, first) // the rest is the secret
	}
	d.places[own] = at(key)
	d.strays[key.Value] = true
	if isSecret(first, keys) {
		d.add(at(key), own, "secrets do not belong in this file: put it in a file of its own"+fileKey(first, keys))
		d.meant[child(path, first+"_file")] = true
		return
	}
	if apart && slices.Contains(keys, first) {
		d.add(at(key), own, "key without a colon and a space: write "+first+": "+strings.TrimSpace(rest))
		d.meant[child(path, first)] = true
		return
	}
	text := Unknown("key", key.Value, keys)
	if i := strings.IndexFunc(key.Value, invisible); i >= 0 {
		r, _ := utf8.DecodeRuneInString(key.Value[i:])
		text = fmt.Sprintf("the key contains the invisible character U+%04X: remove it", r)
	}
	d.add(at(key), own, text)
	visible := strings.TrimFunc(key.Value, invisible)
	if near := Nearest(visible, keys); near != "" {
		d.meant[child(path, near)] = true
	}
}

// isSecret reports whether a key that no field has is that of a secret.
func isSecret(key string, keys []string) bool {
	otherCase := slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) })
	return secretName.MatchString(key) && !otherCase || slices.Contains(keys, key+"_file")
}

// invisible reports whether a letter of a key looks like nothing, or like a space
// that indents.
func invisible(r rune) bool { return r != ' ' && unicode.In(r, unicode.Cf, unicode.Zs) }

// fileKey says which key takes the path of the secret's file.
func fileKey(key string, keys []string) string {
	if slices.Contains(keys, key+"_file") {
		return " and set " + key + "_file to its path"
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
	return " and set " + strings.Join(files, " or ") + " to its path"
}
