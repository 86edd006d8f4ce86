package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"belfry/dashboards-gen/panel"
)

// count returns a column of counts, to the unit.
func count(title string, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.LocaleFormat, Decimals: new(0.0)}
}

// rate returns a column of rates per second.
func rate(title string, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.Short}
}

// coins returns a column of money, to the cent.
func coins(title string, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.LocaleFormat, Decimals: new(2.0)}
}

// decimal returns a column of plain figures with a number of decimals.
func decimal(title string, decimals float64, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.Short, Decimals: &decimals}
}

// percent returns a column of ratios, drawn as percentages with a number of decimals.
func percent(title string, decimals float64, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.PercentUnit, Decimals: &decimals}
}

// seconds returns a column of durations.
func seconds(title string, of panel.Expression) panel.Column {
	return panel.Column{Title: title, Of: of, Unit: units.Seconds}
}
