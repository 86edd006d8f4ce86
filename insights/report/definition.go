package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
)

// Definition describes a kind of report.
type Definition struct {
	// Name is how commands and schedules call it.
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	// Period is the unit of the calendar that a schedule covers, see [Last].
	Period string `yaml:"period"`
	// Sections lists what it shows, in order, by the names of [Sections].
	Sections []string `yaml:"sections"`
	// Channels narrows what is counted; none stands for all.
	Channels []string `yaml:"channels"`
	// Experiment narrows the section experiments to one; empty stands for all.
	Experiment string `yaml:"experiment"`
	// Top is how many rows the longer tables have; 0 stands for 10.
	Top int `yaml:"top"`
}

// The names of the sections.
const (
	summary         = "summary"
	totals          = "totals"
	objectives      = "objectives"
	channels        = "channels"
	templates       = "templates"
	deliverability  = "deliverability"
	money           = "money"
	experiments     = "experiments"
	anomalies       = "anomalies"
	alerts          = "alerts"
	timeline        = "timeline"
	forecasts       = "forecast"
	recommendations = "recommendations"
)

// Sections lists the names of all sections that a report may have. Each report ends with an
// appendix of the queries behind its figures.
func Sections() []string {
	return []string{
		summary, totals, objectives, channels, templates, deliverability, money, experiments, anomalies, alerts,
		timeline, forecasts, recommendations,
	}
}

// Experiment and Incident name the built-in reports that need more than a period to be of
// use: an experiment, and the time of a fault.
const (
	Experiment = "experiment"
	Incident   = "incident"
)

// Builtin lists the reports that need no file.
func Builtin() []Definition {
	return []Definition{
		{
			Name: "daily", Title: "Daily operations", Period: Day,
			Sections: []string{summary, alerts, objectives, totals, channels, deliverability, anomalies, forecasts},
		},
		{
			Name: "weekly", Title: "Weekly engagement", Period: Week,
			Sections: []string{summary, totals, channels, templates, experiments, recommendations, deliverability,
				objectives, anomalies, alerts, forecasts},
		},
		{
			Name: "monthly", Title: "Monthly executive report", Period: Month,
			Sections: []string{summary, totals, money, channels, objectives, experiments, recommendations, alerts,
				forecasts},
		},
		{
			Name: Experiment, Title: "Experiment readout", Period: Week,
			Sections: []string{experiments, recommendations},
		},
		{
			Name: Incident, Title: "Incident summary", Period: Day,
			Sections: []string{summary, timeline, totals, channels, deliverability, objectives, anomalies},
		},
	}
}

const defaultTop = 10

func (d Definition) top() int {
	if d.Top > 0 {
		return d.Top
	}
	return defaultTop
}

// has reports whether the report has one of the sections.
func (d Definition) has(any ...string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return slices.Contains(d.Sections, s) })
}

// counts reports whether the report is about a channel.
func (d Definition) counts(channel string) bool {
	return len(d.Channels) == 0 || slices.Contains(d.Channels, channel)
}

var validName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,59}$`)

// ValidName reports whether a report or a schedule may have a name.
func ValidName(name string) bool { return validName.MatchString(name) }

// Check adds to a file what is wrong with the reports that it describes at a path.
func Check(file *strict.Document, path string, all []Definition) {
	taken := map[string]bool{}
	for _, d := range Builtin() {
		taken[d.Name] = true
	}
	for i, d := range all {
		at := func(key string) string { return path + "[" + strconv.Itoa(i) + "]." + key }
		switch {
		case !ValidName(d.Name):
			file.Wrong(at("name"), "%q is not a name: use lower-case letters, digits and -, such as push-weekly",
				d.Name)
		case taken[d.Name]:
			file.Wrong(at("name"), "%q is taken: use another name", d.Name)
		}
		taken[d.Name] = true
		if d.Title == "" {
			file.Wrong(at("title"), "missing: write what readers see, such as Push, weekly")
		}
		file.OneOf(at("period"), "period", d.Period, Units)
		d.checkSections(file, at)
		for j, c := range d.Channels {
			if !catalog.LabelChannel.Known(c) {
				file.Wrong(at("channels")+"["+strconv.Itoa(j)+"]", "%s", strict.Unknown("channel", c,
					catalog.LabelChannel.Values))
			}
		}
		if d.Top < 0 || d.Top > maxTop {
			file.Wrong(at("top"), "%d is out of range: use 1 to %d", d.Top, maxTop)
		}
		if d.Experiment != "" && !d.has(experiments) {
			file.Wrong(at("experiment"), "the report has no section %s: add it, or leave this out", experiments)
		}
	}
}

// maxTop keeps a table of a report readable.
const maxTop = 100

func (d Definition) checkSections(file *strict.Document, at func(string) string) {
	if len(d.Sections) == 0 {
		file.Wrong(at("sections"), "missing: list some of %s", strings.Join(Sections(), ", "))
	}
	for j, s := range d.Sections {
		path := at("sections") + "[" + strconv.Itoa(j) + "]"
		switch {
		case !slices.Contains(Sections(), s):
			file.Wrong(path, "%s", strict.Unknown("section", s, Sections()))
		case slices.Contains(d.Sections[:j], s):
			file.Wrong(path, "%s is there twice: keep one", s)
		}
	}
}
