package preview

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"belfry/dashboards-gen/view"
)

// frame is what a panel draws: its fields, each with its own configuration.
type frame struct {
	panel  view.Panel
	fields []field
	// from and to are the edges of the time axis, in seconds since 1970.
	from, to float64
	step     float64 // seconds between two points
	answers  []view.Answer
}

// field is one series with its name and how it is shown.
type field struct {
	name   string
	refID  string
	labels map[string]string
	times  []float64
	values []float64
	config view.Field
}

func newFrame(o view.Opened, p view.Panel) frame {
	f := frame{panel: p, answers: o.Of(p), from: float64(o.Screen.From.Unix()), to: float64(o.Screen.To.Unix())}
	for _, a := range f.answers {
		if !a.Query.Instant {
			f.from, f.to, f.step = float64(a.Query.Start.Unix()), float64(a.Query.End.Unix()), max(f.step, a.Query.Step.Seconds())
		}
		for _, s := range a.Series {
			name := legend(a.Query.LegendFormat, s.Labels)
			f.fields = append(f.fields, field{
				name: name, refID: a.Query.RefID, labels: s.Labels, times: s.Times, values: s.Values,
				config: configOf(p, name, a.Query.RefID),
			})
		}
	}
	for i, own := range f.fields {
		if own.config.DisplayName != "" {
			f.fields[i].name = own.config.DisplayName
		}
	}
	return f
}

var placeholder = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// legend is a series' name: the query's legend, or its labels where it has none.
func legend(pattern string, labels map[string]string) string {
	if pattern != "" && pattern != "__auto" {
		return strings.TrimSpace(placeholder.ReplaceAllStringFunc(pattern, func(found string) string {
			return labels[placeholder.FindStringSubmatch(found)[1]]
		}))
	}
	var parts []string
	for name, value := range labels {
		if name != "__name__" {
			parts = append(parts, fmt.Sprintf("%s=%q", name, value))
		}
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ", ") + "}"
}

// configOf is the panel's field configuration with what overrides change of it
// for a field.
func configOf(p view.Panel, name, refID string) view.Field {
	config := p.FieldConfig.Defaults
	for _, o := range p.FieldConfig.Overrides {
		if !matches(o, name, refID) {
			continue
		}
		for _, property := range o.Properties {
			// What this package has no place for makes no difference to the picture.
			_ = config.Set(property.ID, property.Value)
		}
	}
	return config
}

func matches(o view.Override, name, refID string) bool {
	var options string
	if json.Unmarshal(o.Matcher.Options, &options) != nil {
		return false
	}
	switch o.Matcher.ID {
	case "byName":
		return options == name
	case "byFrameRefID":
		return options == refID
	case "byRegexp":
		re, err := regexp.Compile(strings.Trim(options, "/"))
		return err == nil && re.MatchString(name)
	}
	return false
}

// reduce makes one value of many.
func reduce(calc string, values []float64) float64 {
	var numbers []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			numbers = append(numbers, v)
		}
	}
	if len(numbers) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range numbers {
		sum += v
	}
	switch calc {
	case "max":
		return slices.Max(numbers)
	case "min":
		return slices.Min(numbers)
	case "sum", "total":
		return sum
	case "mean":
		return sum / float64(len(numbers))
	case "first", "firstNotNull":
		return numbers[0]
	}
	return numbers[len(numbers)-1]
}

// calcNames are the headings of a legend's columns.
var calcNames = map[string]string{"lastNotNull": "Last *", "last": "Last", "max": "Max", "min": "Min", "mean": "Mean", "sum": "Total"}

// reduced is the field's value where a panel shows one.
func (f frame) reduced(own field) float64 {
	calc := "lastNotNull"
	if calcs := f.panel.Options.ReduceOptions.Calcs; len(calcs) > 0 {
		calc = calcs[0]
	}
	return reduce(calc, own.values)
}
