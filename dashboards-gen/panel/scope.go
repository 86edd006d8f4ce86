package panel

import (
	"slices"
	"strings"
	"unicode/utf8"

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
		switch longer := p.Title + ", " + all; {
		case strings.HasSuffix(p.Title, all):
		case fits(longer, p.Width):
			p.Title = longer
		default: // it would end in dots
			p.Description += " It is about " + all + "."
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

// fits reports whether a title is shown in full above a panel of the width, on a screen of
// 1600 pixels.
func fits(title string, width uint32) bool {
	const (
		column = 63.3 // pixels of one of the 24 columns, beside Grafana's menu
		margin = 32.0 // around a title, with the corner of the description
		letter = 7.6  // pixels of a letter of a title, on average
	)
	return width == 0 || float64(utf8.RuneCountInString(strings.ReplaceAll(title, Period, "90 days")))*letter <=
		column*float64(width)-margin
}
