package panel

import (
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// everything says what a panel is about that a filter does not narrow.
var everything = map[*catalog.Label]string{
	catalog.LabelChannel: "all channels", catalog.LabelProvider: "all providers",
	catalog.LabelCategory: "all categories", catalog.LabelTemplate: "all templates",
	catalog.LabelCampaign: "all campaigns",
}

// inScope returns the panel with the filters that do not apply to it in its title. Who
// chose a channel would take the figures for the channel's.
func (p Panel) inScope(f Filters) Panel {
	for _, l := range f.Labels {
		all, named := everything[l]
		if !named || p.narrowedBy(l, f) {
			continue
		}
		// A few narrow panels have no room; who chose a channel must know even there.
		fits := l == catalog.LabelChannel || len(p.Title)+len(all) < 8*int(p.Width)
		if fits && !strings.HasSuffix(p.Title, all) {
			p.Title += ", " + all
		}
		break // a channel's providers are implied
	}
	return p
}

// narrowedBy reports whether the filter applies to one of the panel's series, apart from
// objectives.
func (p Panel) narrowedBy(l *catalog.Label, f Filters) bool {
	if p.Unfiltered {
		return false
	}
	variable := `"$` + l.Name + `"`
	return slices.ContainsFunc(p.Queries, func(q Query) bool {
		return !q.Objective && strings.Contains(f.narrow(q.Of).String(), variable)
	})
}
