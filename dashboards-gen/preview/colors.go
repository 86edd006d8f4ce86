package preview

import (
	"strings"

	"belfry/dashboards-gen/view"
)

// Colors of Grafana's dark theme.
const (
	background = "#111217"
	surface    = "#181b1f"
	edge       = "#2c3036"
	grid       = "#2a2d34"
	ink        = "#ccccdc"
	faint      = "#9d9da8"
	linkBlue   = "#6e9fff"
)

// named maps Grafana's names of colors.
var named = map[string]string{
	"green": "#73BF69", "red": "#F2495C", "semi-dark-orange": "#FF780A", "blue": "#5794F2", "text": ink,
}

// classic has Grafana's palette of series.
var classic = []string{
	"#7EB26D", "#EAB839", "#6ED0E0", "#EF843C", "#E24D42", "#1F78C1", "#BA43A9", "#705DA0", "#508642", "#CCA300",
	"#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477", "#B7DBAB", "#F4D598", "#70DBED", "#F9BA8F",
}

// colorNamed returns a color of Grafana as SVG writes it.
func colorNamed(name string) string {
	if c, ok := named[name]; ok {
		return c
	}
	if strings.HasPrefix(name, "#") {
		return name
	}
	return ink
}

// colorOf returns the color of a field: that of a word for the value, a fixed color,
// that of a threshold, or one of the palette.
func (f field) colorOf(i int, value float64) string {
	if w, ok := mappedTo(f.config.Mappings, value); ok && w.Color != "" {
		return colorNamed(w.Color)
	}
	mode := ""
	if f.config.Color != nil {
		mode = f.config.Color.Mode
	}
	switch mode {
	case "fixed":
		return colorNamed(f.config.Color.FixedColor)
	case "thresholds", "":
		return stepColor(f.config.Thresholds, value)
	}
	return classic[i%len(classic)]
}

// stepColor returns the color of the highest step that the value reaches.
func stepColor(t *view.Thresholds, value float64) string {
	found := "text"
	if t != nil {
		for _, s := range t.Steps {
			if s.Value == nil || value >= *s.Value {
				found = s.Color
			}
		}
	}
	return colorNamed(found)
}

// mixed returns a color between two, for a share between 0 and 1.
func mixed(from, to [3]float64, share float64) string {
	const digits = "0123456789abcdef"
	out := []byte("#")
	for i := range from {
		v := int(from[i] + float64((to[i]-from[i])*share)) // the conversion keeps it alike on all processors
		out = append(out, digits[v>>4&15], digits[v&15])
	}
	return string(out)
}
