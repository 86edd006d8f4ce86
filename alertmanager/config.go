package alertmanager

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/rules/calendar"
	"belfry/rules/settings"
)

// config and the types below mirror Alertmanager's own configuration. Its types
// would print every secret as <secret>, and all defaults as well.
type config struct {
	Templates     []string       `yaml:"templates,omitempty"`
	Route         route          `yaml:"route"`
	TimeIntervals []timeInterval `yaml:"time_intervals,omitempty"`
	InhibitRules  []inhibition   `yaml:"inhibit_rules"`
	Receivers     []receiver     `yaml:"receivers"`
}

type route struct {
	Matchers       []string        `yaml:"matchers,omitempty"`
	Receiver       string          `yaml:"receiver"`
	GroupBy        []string        `yaml:"group_by,omitempty,flow"`
	GroupWait      *model.Duration `yaml:"group_wait,omitempty"`
	GroupInterval  *model.Duration `yaml:"group_interval,omitempty"`
	RepeatInterval *model.Duration `yaml:"repeat_interval,omitempty"`
	Mute           []string        `yaml:"mute_time_intervals,omitempty,flow"`
	Routes         []route         `yaml:"routes,omitempty"`
}

type inhibition struct {
	Name           string   `yaml:"name"`
	SourceMatchers []string `yaml:"source_matchers"`
	TargetMatchers []string `yaml:"target_matchers"`
	Equal          []string `yaml:"equal,flow"`
}

type timeInterval struct {
	Name      string              `yaml:"name"`
	Intervals []calendar.Interval `yaml:"time_intervals"`
}

// timeIntervals returns the mute times of the settings, ordered by name.
func timeIntervals(s *settings.Settings) []timeInterval {
	var all []timeInterval
	for _, name := range slices.Sorted(maps.Keys(s.MuteTimes)) {
		named := timeInterval{Name: name}
		for _, t := range s.MuteTimes[name] {
			named.Intervals = append(named.Intervals, t.Plain()...)
		}
		all = append(all, named)
	}
	return all
}

func severity(s settings.Severity) string { return equal(catalog.LabelSeverity, string(s)) }

func equal(l *catalog.Label, value string) string { return fmt.Sprintf("%s=%q", l.Name, value) }

func unequal(l *catalog.Label, value string) string { return fmt.Sprintf("%s!=%q", l.Name, value) }

// present demands a label.
func present(l *catalog.Label) string { return l.Name + `=~".+"` }

// matches demands that the whole value matches one of the regular expressions.
func matches(l *catalog.Label, patterns ...string) string {
	return fmt.Sprintf("%s=~%q", l.Name, strings.Join(patterns, "|"))
}

// oneOf matches any of the values, in their order.
func oneOf(l *catalog.Label, values ...string) string {
	if len(values) == 1 {
		return equal(l, values[0])
	}
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, regexp.QuoteMeta(v))
	}
	return matches(l, quoted...)
}

// names returns the labels as a list in Alertmanager's configuration.
func names(of ...*catalog.Label) []string {
	var all []string
	for _, l := range of {
		all = append(all, l.Name)
	}
	return all
}
