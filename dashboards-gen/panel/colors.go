package panel

import (
	"regexp"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"belfry/exporter/catalog"
)

// seriesColors gives each series the color that its name has in every panel: that of its
// meaning, that of its value of a closed label, or the one of [hashed]. Unknown is
// faint, and so is other if the palette has no color left. Queries without labels
// have the colors of the palette in their order.
func (p Panel) seriesColors() []sdk.DashboardFieldConfigSourceOverrides {
	var overrides []sdk.DashboardFieldConfigSourceOverrides
	seen := map[string]bool{}
	unnamed := 0
	for i, q := range p.Queries {
		labels, legend := q.labels(), p.legend(q)
		switch {
		case q.Color != "" || q.Objective:
		case len(labels) == 0:
			color := closedColor(catalog.LabelStage, legend, unnamed)
			overrides = append(overrides, override("byFrameRefID", refID(i), property("color", fixed(color))))
			unnamed++
		case !seen[legend]:
			seen[legend] = true
			overrides = append(overrides, namedColors(labels, legend)...)
		}
	}
	return overrides
}

// namedColors returns the colors of series whose legend has labels.
func namedColors(labels []*catalog.Label, legend string) []sdk.DashboardFieldConfigSourceOverrides {
	l, before, after := deciding(labels, legend)
	if l == nil {
		return nil
	}
	if l.Free() || manyMeanNothing(l) {
		return freeColors(l, before, after)
	}
	var overrides []sdk.DashboardFieldConfigSourceOverrides
	add := func(value, color string) {
		matcher, which := "byName", wordOf(l, value)
		if before != "^" || after != "$" {
			matcher, which = "byRegexp", "/"+before+regexp.QuoteMeta(which)+after+"/"
		}
		overrides = append(overrides, override(matcher, which, property("color", fixed(color))))
	}
	known, faint := told(l)
	for i, value := range known {
		add(value, closedColor(l, value, i))
	}
	for _, value := range faint {
		add(value, Faint)
	}
	return overrides
}

// freeColors returns the colors of the names of a free label.
func freeColors(l *catalog.Label, before, after string) []sdk.DashboardFieldConfigSourceOverrides {
	var overrides []sdk.DashboardFieldConfigSourceOverrides
	add := func(expressions [len(Palette)]string) {
		for i, matching := range expressions {
			if matching != "" {
				overrides = append(overrides, override("byRegexp", matching, property("color", fixed(Palette[i]))))
			}
		}
	}
	add(hashed(before, after))
	switch l { // the last override wins
	case catalog.LabelProvider, catalog.LabelService: // services are named after providers
		add(anyOf(wellKnown, before, after))
	case catalog.LabelCategory:
		add(anyOf(commonCategories, before, after))
	case catalog.LabelQueue: // most platforms have one for each channel
		add(anyOf(channelNames(), before, after))
	}
	faint := "/" + before + "(?:" + catalog.Unknown + "|" + catalog.Other + ")" + after + "/"
	return append(overrides, override("byRegexp", faint, property("color", fixed(Faint))))
}

// deciding returns the label of the legend whose value decides the color of a series, with
// the expressions for what is before and after it: the last free label, since a
// provider says more than its channel. A currency decides nothing beside other labels.
func deciding(labels []*catalog.Label, legend string) (decides *catalog.Label, before, after string) {
	for _, l := range labels {
		left, right, found := around(legend, l)
		if !found || decides != nil && (!l.Free() || l == catalog.LabelCurrency) {
			continue
		}
		decides, before, after = l, left, right
	}
	return decides, before, after
}

// manyMeanNothing reports whether a closed label has more values than the palette
// has colors, and no meanings for them.
func manyMeanNothing(l *catalog.Label) bool {
	known, _ := told(l)
	return len(known) > len(Palette) && meanings[l] == nil
}

// told divides the values of a closed label into those with a color of their own and
// the faint ones.
func told(l *catalog.Label) (known, faint []string) {
	for _, v := range l.Values {
		if v == catalog.Unknown || v == catalog.Other && len(known) >= len(Palette) {
			faint = append(faint, v)
		} else {
			known = append(known, v)
		}
	}
	return known, faint
}

func fixed(color string) sdk.FieldColor {
	return sdk.FieldColor{Mode: sdk.FieldColorModeIdFixed, FixedColor: &color}
}

// inOrder lets Grafana choose the colors of series, for those that no override names.
func inOrder() *sdk.FieldColor { return &sdk.FieldColor{Mode: sdk.FieldColorModeIdPaletteClassic} }

// byLimit colors a value by the limit.
func byLimit() *sdk.FieldColor { return &sdk.FieldColor{Mode: sdk.FieldColorModeIdThresholds} }
