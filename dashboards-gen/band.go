package dashboards

import (
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The legends of the queries that bound a band.
const (
	lowest  = "at least"
	highest = "at most"
)

// band draws a series inside the area between its bounds, which are the queries
// with the legends lowest and highest. It is for one series: of several the
// areas would cover each other.
type band struct{ lines }

func (b band) finish(built *sdk.Panel, p panel, d Dashboard) error {
	if err := b.lines.finish(built, p, d); err != nil {
		return err
	}
	for _, name := range []string{lowest, highest} {
		properties := []sdk.DynamicConfigValue{
			{Id: "color", Value: fixed(faint)}, {Id: "custom.lineWidth", Value: 0}, {Id: "custom.fillOpacity", Value: 0}, {Id: "links", Value: []sdk.DashboardLink{}},
		}
		if name == highest {
			properties[2].Value = 18
			properties = append(properties, sdk.DynamicConfigValue{Id: "custom.fillBelowTo", Value: lowest})
		}
		built.FieldConfig.Overrides = append(built.FieldConfig.Overrides, override("byName", name, properties...))
	}
	return nil
}
