package strict

import "gopkg.in/yaml.v3"

// merge walks the mappings behind <<, skipping keys that are already given. It
// visits each anchor once: a second visit would add nothing, and anchors that
// refer to each other would never end.
type merge struct {
	d    *Document
	path string
	seen map[string]*yaml.Node
	done map[*yaml.Node]bool
	each func(key, value *yaml.Node)
}

func (m merge) add(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if m.done[n] {
		return
	}
	m.done[n] = true
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			m.add(item)
		}
	case yaml.MappingNode:
		m.mapping(n)
	default:
		m.d.broken(n, child(m.path, "<<"), "expected an alias of a mapping, got %s", describe(n))
	}
}

func (m merge) mapping(n *yaml.Node) {
	m.d.aliases++
	defer func() { m.d.aliases-- }()
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !m.d.spend(key, m.path) {
			return
		}
		if key.Tag == "!!merge" {
			m.add(value)
		} else if m.seen[key.Value] == nil {
			m.seen[key.Value] = key
			m.d.locate(key, child(m.path, key.Value))
			m.each(key, value)
		}
	}
}
