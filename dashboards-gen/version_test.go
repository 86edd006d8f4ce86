package dashboards_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// required lists what the schema of Grafana 13 asks of each kind of panel: the options and
// the settings of fields that @grafana/schema 13 declares without a question mark, and
// those whose defaults differ between versions.
var required = map[string][]string{
	"stat": {
		"options.colorMode", "options.graphMode", "options.justifyMode", "options.percentChangeColorMode",
		"options.showPercentChange", "options.textMode", "options.wideLayout", "options.orientation",
		"options.reduceOptions.calcs",
	},
	"timeseries": {
		"options.legend.calcs", "options.legend.displayMode", "options.legend.placement", "options.legend.showLegend",
		"options.legend.limit", "options.tooltip.mode", "options.tooltip.sort", "options.tooltip.hideZeros",
		"options.orientation",
		"custom.axisBorderShow", "custom.axisCenteredZero", "custom.axisColorMode", "custom.axisLabel",
		"custom.axisPlacement", "custom.barAlignment", "custom.barWidthFactor", "custom.drawStyle",
		"custom.fillOpacity", "custom.gradientMode", "custom.hideFrom.viz", "custom.insertNulls",
		"custom.lineInterpolation", "custom.lineWidth", "custom.pointSize", "custom.scaleDistribution.type",
		"custom.showPoints", "custom.showValues", "custom.spanNulls", "custom.stacking.mode",
		"custom.thresholdsStyle.mode",
	},
	"table": {
		"options.cellHeight", "options.frameIndex", "options.showHeader", "options.showTypeIcons",
		"options.enablePagination",
		"custom.align", "custom.cellOptions.type", "custom.inspect", "custom.minWidth", "custom.wrapHeaderText",
	},
	"gauge": {
		"options.barShape", "options.barWidthFactor", "options.effects.gradient", "options.endpointMarker",
		"options.minVizHeight", "options.minVizWidth", "options.segmentCount", "options.segmentSpacing",
		"options.shape", "options.showThresholdLabels", "options.showThresholdMarkers", "options.sizing",
		"options.sparkline", "options.textMode", "options.orientation", "options.reduceOptions.calcs",
	},
	"bargauge": {
		"options.displayMode", "options.maxVizHeight", "options.minVizHeight", "options.minVizWidth",
		"options.namePlacement", "options.showUnfilled", "options.sizing", "options.valueMode",
		"options.legend.showLegend", "options.orientation", "options.reduceOptions.calcs",
	},
	"piechart": {
		"options.displayLabels", "options.legend.values", "options.legend.showLegend", "options.legend.limit",
		"options.pieType", "options.sort", "options.tooltip.mode", "options.orientation",
		"options.reduceOptions.calcs", "custom.hideFrom.viz",
	},
	"state-timeline": {
		"options.rowHeight", "options.showValue", "options.alignValue", "options.mergeValues", "options.perPage",
		"options.legend.showLegend", "options.tooltip.mode",
		"custom.fillOpacity", "custom.lineWidth", "custom.hideFrom.viz",
	},
	"heatmap": {
		"options.calculate", "options.cellGap", "options.cellRadius", "options.cellValues", "options.color.exponent",
		"options.color.fill", "options.color.mode", "options.color.reverse", "options.color.scale",
		"options.color.scheme", "options.color.steps", "options.exemplars.color", "options.filterValues.le",
		"options.legend.show", "options.rowsFrame.layout", "options.selectionMode", "options.showValue",
		"options.tooltip.mode", "options.tooltip.showColorScale", "options.tooltip.yHistogram",
		"options.yAxis.axisPlacement", "custom.hideFrom.viz", "custom.scaleDistribution.type",
	},
	"text": {"options.mode", "options.content"},
}

// Each panel says for which version its options are, and has all that the version knows
// of: Grafana would fill in its defaults, and another version others.
func TestPanelsHaveTheOptionsOfGrafana13(t *testing.T) {
	for path, content := range files(t) {
		eachPanel(t, content, func(p map[string]any) {
			if p["pluginVersion"] != "13.0.0" {
				t.Errorf("%s: panel %q has the options of version %v", path, p["title"], p["pluginVersion"])
			}
			config := p["fieldConfig"].(map[string]any)
			parts := map[string]any{
				"options": p["options"], "custom": config["defaults"].(map[string]any)["custom"],
			}
			names, known := required[p["type"].(string)]
			if !known {
				t.Errorf("%s: panel %q is a %s, whose options are not checked", path, p["title"], p["type"])
			}
			for _, name := range names {
				if _, ok := within(parts, name); !ok {
					t.Errorf("%s: panel %q, a %s, lacks %s", path, p["title"], p["type"], name)
				}
			}
		})
	}
}

// within returns the value at a path of names.
func within(parts map[string]any, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	value, ok := parts[name]
	if inside, isObject := value.(map[string]any); ok && deeper && isObject {
		return within(inside, rest)
	}
	return value, ok && !deeper
}

// eachPanel calls see for each panel that is not a row, also for those in a closed row.
func eachPanel(t *testing.T, content []byte, see func(map[string]any)) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	var visit func(list any)
	visit = func(list any) {
		panels, _ := list.([]any)
		for _, p := range panels {
			p := p.(map[string]any)
			if p["type"] == "row" {
				visit(p["panels"])
			} else {
				see(p)
			}
		}
	}
	visit(d["panels"])
	return d
}

// onlyNewer lists what Grafana 13 has and the SDK does not know.
var onlyNewer = map[string][]string{
	"timeseries": {"options.legend.limit", "custom.showValues"},
	"table":      {"options.enablePagination", "custom.wrapHeaderText"},
	"piechart":   {"options.legend.limit", "options.sort"},
	"gauge": {
		"options.barShape", "options.barWidthFactor", "options.effects", "options.endpointMarker",
		"options.segmentCount", "options.segmentSpacing", "options.shape", "options.sparkline", "options.textMode",
	},
}

// withoutNewer returns a dashboard without the options that the SDK does not know.
func withoutNewer(t *testing.T, content []byte) []byte {
	t.Helper()
	d := eachPanel(t, content, func(p map[string]any) {
		for _, name := range onlyNewer[p["type"].(string)] {
			steps := strings.Split(strings.Replace(name, "custom.", "fieldConfig.defaults.custom.", 1), ".")
			inside, ok := within(p, strings.Join(steps[:len(steps)-1], "."))
			if ok {
				delete(inside.(map[string]any), steps[len(steps)-1])
			}
		}
	})
	plain, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
