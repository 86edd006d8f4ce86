package strict

import (
	"slices"
	"strings"
)

// Needed reports whether the file gives a value for the path, and adds a mistake
// if it does not; what says which value to give.
func (d *Document) Needed(path, what string) bool {
	if !d.Has(path) {
		d.Wrong(path, lacks+"%s", what)
		return false
	}
	return true
}

// lacks begins the mistakes of [Document.Needed].
const lacks = "is missing: "

// joined returns the mistakes, those of an entry that lacks three keys or more as
// one: such an entry is the slip.
func (d *Document) joined() []mistake {
	var all []mistake
	for _, m := range d.mistakes {
		above := parent(m.path)
		keys := d.missing(above)
		last := len(keys) - 1
		switch {
		case last < many || !strings.HasPrefix(m.text, lacks):
			all = append(all, m)
		case m.path == child(above, keys[0]):
			all = append(all, mistake{m.place, above, strings.Join(keys[:last], ", ") + " and " + keys[last] +
				" are missing"})
		}
	}
	return all
}

// many is how many keys an entry may lack, before it counts as half of one.
const many = 2

// missing returns the keys that an entry lacks.
func (d *Document) missing(path string) []string {
	var keys []string
	for _, m := range d.mistakes {
		if parent(m.path) == path && strings.HasPrefix(m.text, lacks) {
			keys = append(keys, strings.TrimPrefix(m.path, path+"."))
		}
	}
	return keys
}

// Half reports whether the entry at the path lacks most of its keys, as one does
// whose first line is written twice.
func (d *Document) Half(path string) bool { return len(d.missing(path)) > many }

// OneOf reports whether name is one of the valid ones, and adds a mistake about
// the path if it is not; what says what the name stands for.
func (d *Document) OneOf(path, what, name string, valid []string) bool {
	if slices.Contains(valid, name) {
		return true
	}
	wrong := d.Wrong
	if strings.HasSuffix(path, "."+name) { // a key of a map
		wrong = d.WrongKey
	}
	wrong(path, "%s", unknown(what, name, valid, listedAlone))
	return false
}

// Refers does what [Document.OneOf] does for the name of an entry of a section, a
// key of the top level. It reports a name once, and not at all if the section or the
// entry is misspelled, given twice or in the wrong place, which is reported there.
func (d *Document) Refers(path, section, what, name string, valid []string) bool {
	if slices.Contains(valid, name) {
		return true
	}
	if d.meant[section] || d.strays[name] || d.named[section+"."+name] {
		return false
	}
	d.named[section+"."+name] = true
	return d.OneOf(path, what, name, valid)
}

// Unclear reports whether the file has the key at the path under another name, twice
// or in another place, or with a value that could not be read.
func (d *Document) Unclear(path string) bool { return d.unread[path] || d.meant[path] }
