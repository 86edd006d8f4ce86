// Package settings reads the rules file: what an installation decides about its
// alerts.
//
// [Load] lays a file over [Default] and checks everything that can be checked
// without the rules: types, names, references within the file, figures that
// make no sense. It keeps the mistakes, each with its line, so that
// rules.Compile can add what only the rules know and report all of them
// together, in the order of the file.
//
// To add a key: give [Settings] a field, lay it over the defaults in with
// (load.go), check it in check.go, document it with its default in
// rules.example.yaml, read it in rules.Compile or in package alertmanager, and add
// its mistakes to rules/testdata/mistakes, each in a file with its message.
package settings

import (
	"github.com/prometheus/common/model"

	"belfry/exporter/errorcode"
	"belfry/exporter/strict"
)

// Settings holds a rules file. The shipped rules.example.yaml is the defaults,
// their documentation and a test case in one.
type Settings struct {
	Site Site `yaml:"site"`
	// Thresholds replaces thresholds of shipped alerts: by the alert's name
	// without its prefix, then by severity, in the unit of the shipped threshold.
	Thresholds map[string]map[Severity]float64 `yaml:"thresholds"`
	// ErrorCodes adds error codes, or patterns of them, to those that shipped alerts
	// count, by sign.
	ErrorCodes ErrorCodes `yaml:"error_codes" strict:"verbatim"`
	// Disabled lists shipped alerts to leave out, without their prefix.
	Disabled []string `yaml:"disabled"`
	// SLOs adds objectives to the shipped ones.
	SLOs []Objective `yaml:"slos"`
	// Teams says who gets each team's alerts.
	Teams     map[string]Team           `yaml:"teams"`
	Receivers map[string]Receiver       `yaml:"receivers"`
	MuteTimes map[string][]TimeInterval `yaml:"mute_times"`
	// Alerts lists the installation's own alert rules.
	Alerts []Alert `yaml:"alerts"`

	document *strict.Document
}

// ErrorCodes holds error codes by the name of an [errorcode.Sign].
type ErrorCodes map[string][]string

// Keys returns the names of the signs.
func (ErrorCodes) Keys() []string {
	return []string{errorcode.InvalidToken.String(), errorcode.RateLimited.String()}
}

// Document returns the file that the settings were loaded from, with the
// mistakes found so far. Settings that a program made have an empty one.
func (s *Settings) Document() *strict.Document {
	if s.document == nil {
		return strict.Decode("", nil, &Settings{})
	}
	return s.document
}

// Severity says how urgent an alert is; alertmanager routes by it.
type Severity string

// The severities, least urgent first.
const (
	Info      Severity = "info"
	Warning   Severity = "warning"
	Critical  Severity = "critical"
	Emergency Severity = "emergency"
)

// Example returns a severity for messages about mistakes.
func (Severity) Example() string { return string(Critical) }

// Site holds the addresses that messages link to, as a browser reaches them,
// without a trailing slash.
type Site struct {
	Grafana      string `yaml:"grafana"`
	Prometheus   string `yaml:"prometheus"`
	Alertmanager string `yaml:"alertmanager"`
	// Runbooks says where the folder rules/runbooks is published.
	Runbooks string `yaml:"runbooks"`
	// NATS holds the servers that `belfry alerts ack` needs, separated by commas. If it is
	// empty, whoever is on call has set BELFRY_NATS_URL.
	NATS string `yaml:"nats"`
}

// Flags returns the flags of the commands that messages name, after a space, or "".
func (s Site) Flags() string {
	if s.NATS == "" {
		return ""
	}
	return " --nats.url=" + s.NATS
}

// Runbook returns the address of a shipped alert's runbook.
func (s Site) Runbook(alert string) string { return s.Runbooks + "/" + alert + ".md" }

// Objective is a service level objective of the installation's own.
type Objective struct {
	// Name takes one lower-case word; it becomes part of the names of series.
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	Team  string `yaml:"team"`
	// Objective sets the share that must be good over 30 days.
	Objective float64 `yaml:"objective" strict:"share"`
	// Per holds a label: the objective applies to each of its values. Empty for one
	// objective over everything.
	Per string `yaml:"per"`
	// Total selects what counts, and exactly one of Good and Bad what is good or
	// bad of it.
	Total Selector  `yaml:"total"`
	Good  *Selector `yaml:"good"`
	Bad   *Selector `yaml:"bad"`
	// MinBad says how many must be bad within the long window before an alert
	// fires: the guard against low traffic. Load sets DefaultMinBad.
	MinBad float64 `yaml:"min_bad" strict:"count"`
}

// DefaultMinBad is the guard of an objective that sets none, the same as that of the
// shipped ones: one failure of one is a burn of a thousand times the allowed pace,
// and chance; ten failures are not. An objective with little traffic still notifies,
// in the longer windows.
const DefaultMinBad = 10

// Selector selects series of a counter of the catalogue.
type Selector struct {
	Metric string `yaml:"metric"`
	// Match narrows the series by labels, see [expr.Match].
	Match map[string]string `yaml:"match"`
}

// Alert is an alert rule of the installation's own.
type Alert struct {
	// ID holds a short name in lower case and hyphens; Name becomes the alertname.
	ID          string `yaml:"id"`
	Name        string `yaml:"name"`
	Description string `yaml:"description" strict:"prose"`
	// FirstStep says in one line what whoever is on call does first.
	FirstStep string `yaml:"firstStep" strict:"prose"`
	// Metric holds a short name of a series or gauge; rules.ShortNames has them all.
	Metric    string            `yaml:"metric"`
	Match     map[string]string `yaml:"match"`
	Condition Condition         `yaml:"condition"`
	Severity  Severity          `yaml:"severity"`
	Team      string            `yaml:"team"`
	// Channels lists receivers to notify instead of the team's.
	Channels []string `yaml:"channels"`
	// Load sets Enabled; nil counts as true.
	Enabled *bool `yaml:"enabled"`
	// CooldownPeriod says for how many minutes the alert keeps firing after its
	// condition ended, so that a fault that comes and goes notifies once.
	CooldownPeriod int `yaml:"cooldownPeriod" strict:"minutes"`
}

// On reports whether the alert is enabled.
func (a Alert) On() bool { return a.Enabled == nil || *a.Enabled }

// Condition says when an alert fires.
type Condition struct {
	// Operator names the comparison: gt, gte, lt, lte, eq or ne.
	Operator  string  `yaml:"operator"`
	Threshold float64 `yaml:"threshold"`
	// TimeWindow holds the window that the metric is averaged over.
	TimeWindow model.Duration `yaml:"timeWindow"`
	// ConsecutiveViolations says how many evaluations in a row must violate.
	ConsecutiveViolations int `yaml:"consecutiveViolations"`
	// PercentageChange, unless it is 0, is by how many percent the metric must
	// also have changed since CompareTo ago, by default one TimeWindow.
	PercentageChange float64        `yaml:"percentageChange" strict:"percent"`
	CompareTo        model.Duration `yaml:"compareTo"`
	// MinEvents says how many notifications the window must hold.
	MinEvents float64 `yaml:"minEvents" strict:"count"`
}
