package panel

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/exporter/catalog"
	"belfry/rules/expr"
)

// grafanaUnits maps units to Grafana's names of them.
var grafanaUnits = map[catalog.Unit]string{
	catalog.UnitRatio: units.PercentUnit, catalog.UnitSeconds: units.Seconds, catalog.UnitTimestamp: units.Seconds,
	catalog.UnitBytes: units.BytesIEC, catalog.UnitBytesPerSecond: units.BytesIEC,
	catalog.UnitRate: units.Short, catalog.UnitMoney: units.Short, catalog.UnitNone: units.Short,
}

// Unit returns Grafana's name of a unit.
func Unit(u catalog.Unit) string { return grafanaUnits[u] }

// unit returns the panel's unit, by default that of the recorded series that it draws.
func (p Panel) unit() string {
	if p.Unit != "" {
		return p.Unit
	}
	for _, q := range p.Queries {
		if r, ok := q.Of.(expr.Recorded); ok {
			return Unit(r.Unit)
		}
	}
	return ""
}
