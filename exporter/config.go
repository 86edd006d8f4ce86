package exporter

import (
	_ "embed"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/nats"
)

// DefaultConfig holds the text of the default configuration, with its comments.
//
//go:embed default.yaml
var DefaultConfig []byte

// Config configures the exporter; default.yaml documents each field.
type Config struct {
	Partitions        int                       `yaml:"partitions"`
	Stream            Stream                    `yaml:"stream"`
	AttributionWindow model.Duration            `yaml:"attribution_window"`
	StageWindows      map[string]model.Duration `yaml:"stage_windows"`
	MaxEventAge       model.Duration            `yaml:"max_event_age"`
	MaxEventLead      model.Duration            `yaml:"max_event_lead"`
	ExtraChannels     []string                  `yaml:"extra_channels" strict:"verbatim"`
	LabelLimits       map[string]int            `yaml:"label_limits"`
	FamilyLimits      map[string]int            `yaml:"family_limits"`
	OptionalFamilies  []string                  `yaml:"optional_families"`
	Faults            map[string][]string       `yaml:"faults" strict:"verbatim"` // a code may be a number
	Objectives        Objectives                `yaml:"objectives"`
	Experiments       []Experiment              `yaml:"experiments"`

	// PartitionsNamed reports whether the configuration sets Partitions. If it does
	// not, Partitions applies to a new installation, and an existing one keeps its
	// own number.
	PartitionsNamed bool `yaml:"-"`
	// OrLess lets streams have less than Stream.MaxBytes if the NATS server cannot
	// reserve that much. It suits the embedded server, which has the disk it has.
	OrLess bool `yaml:"-"`
}

// Stream sets how much the stream of a partition keeps, and on how many servers. What is
// 0 is not set, see [nats.StreamOptions].
type Stream struct {
	MaxAge   model.Duration `yaml:"max_age"`
	MaxBytes Bytes          `yaml:"max_bytes"`
	Replicas int            `yaml:"replicas"`
}

// StreamOptions returns the options of the streams.
func (c *Config) StreamOptions() nats.StreamOptions {
	return nats.StreamOptions{
		Partitions: c.Partitions, MaxAge: time.Duration(c.Stream.MaxAge),
		MaxBytes: int64(c.Stream.MaxBytes), OrLess: c.OrLess, Replicas: c.Stream.Replicas,
	}
}

// Objectives holds targets by name, for all channels and for single ones.
type Objectives struct {
	Targets  `yaml:",inline"`
	Channels map[string]Targets `yaml:"channels"`
}

// Targets maps values of [catalog.LabelObjective] to the target: a ratio, or
// seconds where the name says so.
type Targets map[string]float64

// Keys returns the objectives that have a target.
func (Targets) Keys() []string { return catalog.LabelObjective.Values }

// Experiment declares an experiment for dashboards and insights.
type Experiment struct {
	Name         string   `yaml:"name" strict:"verbatim"`
	Control      string   `yaml:"control" strict:"verbatim"`
	Variants     []string `yaml:"variants" strict:"verbatim"`
	PlannedUsers int      `yaml:"planned_users"`
}

// LoadConfig reads a configuration file over the defaults; an empty path means
// the defaults alone. The error has a line for every mistake in the file, see
// package strict.
func LoadConfig(path string) (*Config, error) {
	c := &Config{}
	if err := c.merge("default.yaml", DefaultConfig); err != nil {
		return nil, fmt.Errorf("default configuration:\n%w", err)
	}
	c.PartitionsNamed = false // by the defaults
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	return c.laidOver(path, text)
}

// ParseConfig lays the text of a configuration file over the defaults. Messages about it
// begin with name.
func ParseConfig(name string, text []byte) (*Config, error) {
	c, err := LoadConfig("")
	if err != nil {
		return nil, err
	}
	return c.laidOver(name, text)
}

func (c *Config) laidOver(file string, text []byte) (*Config, error) {
	if err := c.merge(file, text); err != nil {
		return nil, fmt.Errorf("load configuration:\n%w", err)
	}
	return c, nil
}

// merge lays a text over the configuration. The entries of a map replace those of
// the same key, a list replaces the whole list.
func (c *Config) merge(file string, text []byte) error {
	d := strict.Decode(file, text, c)
	if d.Empty("faults") {
		c.Faults = nil // the only map with entries by default
	}
	c.PartitionsNamed = d.Has("partitions")
	check := configCheck{d, c}
	check.all()
	return d.Err()
}
