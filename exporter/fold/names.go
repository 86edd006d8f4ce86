package fold

import (
	"maps"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// templateNames holds the name that each template shows at present.
type templateNames map[metrics.Symbol]metrics.Symbol

// retired forgets the names of templates that have made room, by symbol.
func (n templateNames) retired(l *catalog.Label, gone []bool) {
	if l == catalog.LabelTemplate {
		maps.DeleteFunc(n, func(template, _ metrics.Symbol) bool { return gone[template] })
	}
}

// inUse returns the values of the label that are the name of a template.
func (n templateNames) inUse(l *catalog.Label) map[metrics.Symbol]bool {
	if l != catalog.LabelName {
		return nil
	}
	names := map[metrics.Symbol]bool{}
	for _, name := range n {
		names[name] = true
	}
	return names
}
