package panel

import (
	"slices"
	"strconv"
	"strings"

	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"belfry/exporter/catalog"
	"belfry/rules"
)

// Panel describes one panel.
type Panel struct {
	// Key identifies the panel and must not change: the panel's id is a hash of it,
	// and alerts and shared links contain the id.
	Key string
	// Title says what the panel shows, with the unit if Grafana has none for it.
	Title string
	// Description says how to read the panel.
	Description string
	// Empty replaces the graph if there is no data, and says what that means.
	Empty string
	// Unit is one of the SDK's units. The default is the unit of the alert or of the
	// recorded series that the panel draws.
	Unit string
	// Decimals is the number of decimals; nil lets Grafana choose.
	Decimals *float64

	// Width and Height are in units of the grid.
	Width, Height uint32
	// At is the panel's position; nil places it after the panel before it.
	At *Position

	Draw    Visual
	Queries []Query
	// Limit says where values turn bad; nil if that is unknown.
	Limit *Limit
	// Max is the end of the scale; nil if the values have none.
	Max *float64
	// Signed panels have values below 0. The scale of all others begins at 0.
	Signed bool
	// Every is the shortest time between two points, such as "5m" for sums of
	// increases over five minutes.
	Every string
	// Points limits the points of a graph; 0 allows one per pixel.
	Points float64
	// Repeat draws the panel once for each chosen value of a filter.
	Repeat *catalog.Label
	// Words replace values that are not quantities, such as 1 by "up".
	Words map[float64]string
	// Unfiltered panels ignore the reader's choices.
	Unfiltered bool
	// LeadsTo lists the dashboards with details. A click on a series offers to open
	// them, filtered by the series.
	LeadsTo []Destination

	watched  []rules.Alert
	runbooks []sdk.DashboardLink // in the menu of the title
}

// Visual draws a panel. Use one of this package's, or [Panel.Table].
type Visual interface {
	// reads returns the form in which the visual needs its data.
	reads() reading
	// finish completes a panel that has the parts that all panels share.
	finish(built *sdk.Panel, p Panel, d Dashboard) error
}

// reading says how to query Prometheus.
type reading struct {
	format  prometheus.PromQueryFormat
	instant bool // only the newest values, instead of those over the time range
	single  bool // one value of each query, large
	brief   bool // there is no room for a long text
}

// With returns the panel with more queries.
func (p Panel) With(queries ...Query) Panel {
	p.Queries = append(slices.Clone(p.Queries), queries...)
	return p
}

// build returns the panel as Grafana loads it, without its position.
func (p Panel) build(d Dashboard) (*sdk.Panel, error) {
	p.Unit = p.unit()
	p = p.inScope(d.Filters)
	reads := p.Draw.reads()
	targets, err := p.targets(d.Filters)
	if err != nil {
		return nil, err
	}
	built := &sdk.Panel{
		Id: new(panelID(d, p.Key)), Title: &p.Title, Description: &p.Description, Links: p.menu(d),
		Datasource: source, Targets: targets,
		FieldConfig: &sdk.FieldConfigSource{
			Defaults: sdk.FieldConfig{
				Unit: &p.Unit, Decimals: p.Decimals, Min: new(0.0), Max: p.Max, NoValue: new(p.empty()),
				Mappings: mappings(p.Words, p.Limit), Thresholds: p.Limit.steps(),
			},
			Overrides: p.overrides(),
		},
	}
	if p.Signed {
		built.FieldConfig.Defaults.Min = nil
	}
	switch {
	case p.Points > 0:
		built.MaxDataPoints = &p.Points
	case p.Every != "":
		built.MaxDataPoints = new(legible)
	}
	if p.Repeat != nil {
		built.Repeat, built.MaxPerRow = &p.Repeat.Name, new(2.0)
		built.RepeatDirection = new(sdk.PanelRepeatDirectionH)
	}
	if reads.format != prometheus.PromQueryFormatTable && reads.format != prometheus.PromQueryFormatHeatmap {
		built.Transformations = p.seriesWords()
	}
	if err := p.Draw.finish(built, p, d); err != nil {
		return nil, err
	}
	p.sayWhy(built)
	return built, nil
}

// legible limits the points of a panel of sums. They are enough for a trend, and each
// is wide enough for a bar and sums up enough to be more than noise.
const legible = 120.0

// panelID returns the id that alerts know the panel by.
func panelID(d Dashboard, key string) uint32 { return uint32(rules.PanelID(d.UID, key)) }

// mappings show words in place of values, in the colors of the limit.
func mappings(words map[float64]string, l *Limit) []sdk.ValueMapping {
	if words == nil {
		return nil
	}
	results := map[string]sdk.ValueMappingResult{}
	for value, word := range words {
		key := strconv.FormatFloat(value, 'g', -1, 64)
		results[key] = sdk.ValueMappingResult{Text: &word, Color: new(l.color(value))}
	}
	return []sdk.ValueMapping{{ValueMap: &sdk.ValueMap{Type: sdk.MappingTypeValueToText, Options: results}}}
}

// Heading returns the heading for the name of a label or of one of its values:
// error_code becomes "Error code".
func Heading(name string) string {
	if name == catalog.LabelAlertName.Name {
		return "Alert"
	}
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
