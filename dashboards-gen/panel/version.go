package panel

import (
	"encoding/json"
	"maps"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	sdk "github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// pluginVersion is the version of Grafana whose options the panels have. To an older
// panel Grafana applies what changed since, which would move settings to other names.
const pluginVersion = "13.0.0"

// legendRows limits the rows of a legend. Further series are in the tooltip.
const legendRows = 8

// newer has the options of Grafana 13 that the SDK does not know, by the kind of panel,
// as the schema of Grafana 13 has them. Older Grafana ignores them.
var newer = map[string]map[string]any{
	"timeseries": {"legend": map[string]any{"limit": legendRows}},
	"gauge": {
		"shape": "gauge", "barShape": "flat", "barWidthFactor": 0.5, "segmentCount": 1, "segmentSpacing": 0.3,
		"endpointMarker": "none", "textMode": "auto",
		"sparkline": false, // of a single value there is none
		"effects":   map[string]any{"barGlow": false, "centerGlow": false, "gradient": false},
	},
	"piechart": {
		"sort": common.SortOrderDescending, "legend": map[string]any{"limit": legendRows},
		"displayLabels": []string{}, // which the SDK leaves out if empty
	},
	"table": {"enablePagination": false},
}

// newerCustom has the same for the settings of fields.
var newerCustom = map[string]map[string]any{
	"timeseries": {"showValues": false},
	"table":      {"wrapHeaderText": true}, // in place of a heading that ends in dots
}

// complete adds what every panel has and the SDK lacks.
func complete(built *sdk.Panel) {
	built.PluginVersion = new(pluginVersion)
	built.Options = completed{built.Options, newer[built.Type]}
	if custom := newerCustom[built.Type]; custom != nil {
		built.FieldConfig.Defaults.Custom = completed{built.FieldConfig.Defaults.Custom, custom}
	}
}

// completed marshals options with more beside them.
type completed struct {
	options any
	more    map[string]any
}

// MarshalJSON implements [json.Marshaler].
func (c completed) MarshalJSON() ([]byte, error) {
	known, err := json.Marshal(c.options)
	if err != nil || c.more == nil {
		return known, err
	}
	var all map[string]any
	if err := json.Unmarshal(known, &all); err != nil {
		return nil, err
	}
	merge(all, c.more)
	return json.Marshal(all)
}

// merge adds what is missing, in objects too.
func merge(all, more map[string]any) {
	for name, value := range more {
		inside, nested := value.(map[string]any)
		if own, ok := all[name].(map[string]any); ok && nested {
			merged := maps.Clone(own)
			merge(merged, inside)
			value = merged
		}
		all[name] = value
	}
}
