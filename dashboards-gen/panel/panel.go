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

// Panel is one panel as its author writes it.
type Panel struct {
	// Key names the panel for good: its id is a hash of it, and alerts and shared
	// links refer to the id.
	Key string
	// Title says what is drawn, with its unit where Grafana has none for it.
	Title string
	// Description says how to read the panel.
	Description string
	// Empty says what it means that there is nothing to draw.
	Empty string
	// Unit is one of the SDK's units. A panel that draws what an alert watches, or a
	// recorded series, takes the unit of that unless it names one.
	Unit string
	// Decimals are the digits behind the point; nil lets Grafana choose.
	Decimals *float64

	// Width and Height are in units of the grid.
	Width, Height uint32
	// At is where the panel stands; nil puts it behind the panel before.
	At *Position

	Draw    Visual
	Queries []Query
	// Limit is where values turn bad; nil where nobody can say.
	Limit *Limit
	// Max is the end of the scale, where the values have one.
	Max *float64
	// Signed panels have values below 0. The scale of all others begins at 0.
	Signed bool
	// Every is the least time between two points, such as "5m" for sums of
	// increases over five minutes.
	Every string
	// Points limits the points of a graph; 0 is one per pixel.
	Points float64
	// Repeat draws the panel once for each chosen value of a filter.
	Repeat *catalog.Label
	// Words replace values that are not quantities, such as 1 by "up".
	Words map[float64]string
	// Unfiltered panels show the same whatever the reader chooses.
	Unfiltered bool
	// LeadsTo are the dashboards that go into detail: a click on a series opens
	// them narrowed to it.
	LeadsTo []Destination

	runbooks []sdk.DashboardLink // in the menu of the title
}

// Visual is a way of drawing a panel: one of this package's, or a table by
// [Panel.Table].
type Visual interface {
	// reads says in which form the visual wants its data.
	reads() reading
	// finish completes a panel whose common parts are there.
	finish(built *sdk.Panel, p Panel, d Dashboard) error
}

// reading is how a query is put to Prometheus.
type reading struct {
	format  prometheus.PromQueryFormat
	instant bool // the newest values only, instead of those over the time range
}

// With returns the panel with more queries.
func (p Panel) With(queries ...Query) Panel {
	p.Queries = append(slices.Clone(p.Queries), queries...)
	return p
}

// build returns the panel as Grafana loads it, without its place.
func (p Panel) build(d Dashboard) (*sdk.Panel, error) {
	p.Unit = p.unit()
	targets, err := p.targets(d.Filters)
	if err != nil {
		return nil, err
	}
	built := &sdk.Panel{
		Id: new(panelID(d, p.Key)), Title: &p.Title, Description: &p.Description, Links: p.runbooks,
		Datasource: source, Targets: targets,
		FieldConfig: &sdk.FieldConfigSource{
			Defaults: sdk.FieldConfig{
				Unit: &p.Unit, Decimals: p.Decimals, Min: new(0.0), Max: p.Max, NoValue: &p.Empty,
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
	return built, p.Draw.finish(built, p, d)
}

// legible limits the points of a panel of sums: enough for a trend, and each
// wide enough to be a bar and to hold more than chance.
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

// Heading returns the name of a label, or of one of its values, as it stands
// over a column or a choice: error_code is "Error code".
func Heading(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
