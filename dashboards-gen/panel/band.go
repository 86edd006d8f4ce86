package panel

import (
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The legends of the queries that bound a band.
const (
	Lowest  = "at least"
	Highest = "at most"
)

// Band draws a series inside the area between its bounds, the queries with the
// legends Lowest and Highest. Use it for one series, since the areas of several
// cover each other.
var Band Visual = band{}

type band struct{ lines }

func (b band) finish(built *sdk.Panel, p Panel, d Dashboard) error {
	if err := b.lines.finish(built, p, d); err != nil {
		return err
	}
	bound := func(name string, fill int, more ...sdk.DynamicConfigValue) {
		all := append([]sdk.DynamicConfigValue{
			property("color", fixed(Faint)), property("custom.lineWidth", 0), property("custom.fillOpacity", fill),
			noLinks,
		}, more...)
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", name, all...))
	}
	bound(Lowest, 0)
	bound(Highest, 18, property("custom.fillBelowTo", Lowest))
	return nil
}
