package strict

import "gopkg.in/yaml.v3"

// A few lines of aliases of aliases can stand for more values than fit in memory, and a
// long file can have a mistake on every line. Both limits are far above what people write.
const (
	maxAliased  = 20_000 // values behind aliases and <<
	maxMistakes = 1000
)

// spend counts a value that stands behind an alias and reports whether to decode it. At
// the limit it replaces all mistakes with one, because the others are about a part.
func (d *Document) spend(n *yaml.Node, path string) bool {
	if d.full {
		return false
	}
	if d.aliases == 0 {
		return true
	}
	if d.aliased++; d.aliased <= maxAliased {
		return true
	}
	d.mistakes = nil
	d.broken(n, path, "the aliases of this file stand for more than %d values, this one among them: use fewer",
		maxAliased)
	d.full = true
	return false
}
