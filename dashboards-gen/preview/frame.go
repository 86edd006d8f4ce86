package preview

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"belfry/dashboards-gen/view"
)

// frame has what a panel draws: its fields, each with its own configuration.
type frame struct {
	panel  view.Panel
	fields []field
	// from and to are the edges of the time axis, in seconds since 1970.
	from, to float64
	step     float64 // seconds between two points
	answers  []view.Answer
}

// field has one series with its name and configuration.
type field struct {
	name   string
	refID  string
	labels map[string]string
	times  []float64
	values []float64
	config view.Field
	hue    string // in the legend
}

func newFrame(o view.Opened, p view.Panel) frame {
	f := frame{
		panel: p, answers: o.Of(p), from: float64(o.Screen.From.Unix()), to: float64(o.Screen.To.Unix()),
	}
	for _, a := range f.answers {
		if q := a.Query; !q.Instant {
			f.from, f.to, f.step = float64(q.Start.Unix()), float64(q.End.Unix()), max(f.step, q.Step.Seconds())
		}
		for _, s := range a.Series {
			name := renamed(p, nameOf(a.Query.LegendFormat, s.Labels))
			f.fields = append(f.fields, field{
				name: name, refID: a.Query.RefID, labels: s.Labels, times: s.Times, values: s.Values,
				config: configOf(p, name, a.Query.RefID),
			})
		}
	}
	return f
}

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// nameOf returns the name of a series: the query's legend with the values of labels.
func nameOf(legend string, labels map[string]string) string {
	return strings.TrimSpace(placeholder.ReplaceAllStringFunc(legend, func(found string) string {
		return labels[placeholder.FindStringSubmatch(found)[1]]
	}))
}

// renamed returns the name that the panel's transformations make of a series' name.
func renamed(p view.Panel, name string) string {
	for _, t := range p.Transformations {
		var o struct{ Regex, RenamePattern string }
		if t.ID == "renameByRegex" && json.Unmarshal(t.Options, &o) == nil {
			name = expressionOf(o.Regex).ReplaceAllLiteralString(name, o.RenamePattern)
		}
	}
	return name
}

// configOf returns the configuration of a field: the panel's, changed by overrides.
func configOf(p view.Panel, name, refID string) view.Field {
	config := p.FieldConfig.Defaults
	for _, o := range p.FieldConfig.Overrides {
		if !matches(o, name, refID) {
			continue
		}
		for _, property := range o.Properties {
			// Properties that this package does not know do not change the picture.
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
		return expressionOf(options).MatchString(name)
	}
	return false
}

// expressionOf returns what Grafana makes of a regular expression with slashes. What
// Go cannot read matches nothing.
func expressionOf(slashed string) *regexp.Regexp {
	if read, ok := expressions.Load(slashed); ok {
		return read.(*regexp.Regexp)
	}
	end := max(strings.LastIndex(slashed, "/"), 1)
	body := slashed[min(1, len(slashed)):min(end, len(slashed))]
	if flags := slashed[min(end+1, len(slashed)):]; flags != "" {
		body = "(?" + flags + ")" + body
	}
	read, err := regexp.Compile(body)
	if err != nil {
		read = regexp.MustCompile(`[^\s\S]`)
	}
	expressions.Store(slashed, read)
	return read
}

// expressions remembers what was read: a panel has the same for each of its series.
var expressions sync.Map

// reduce reduces values to one.
func reduce(calc string, values []float64) float64 {
	numbers := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(numbers) == 0 {
		return math.NaN()
	}
	switch calc {
	case "max":
		return slices.Max(numbers)
	case "sum":
		sum := 0.0
		for _, v := range numbers {
			sum += v
		}
		return sum
	}
	return numbers[len(numbers)-1]
}

// newest returns the last value of a field.
func (f field) newest() float64 { return reduce("lastNotNull", f.values) }

// calcNames has the headings of a legend's columns.
var calcNames = map[string]string{"lastNotNull": "Last *", "max": "Max", "sum": "Total"}
