package exporter

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/nats"
)

// DefaultConfig is the text of the default configuration, with its comments.
//
//go:embed default.yaml
var DefaultConfig []byte

// Config is how the exporter behaves; default.yaml documents each field.
type Config struct {
	Partitions        int                       `yaml:"partitions"`
	Stream            Stream                    `yaml:"stream"`
	AttributionWindow model.Duration            `yaml:"attribution_window"`
	StageWindows      map[string]model.Duration `yaml:"stage_windows"`
	MaxEventAge       model.Duration            `yaml:"max_event_age"`
	MaxEventLead      model.Duration            `yaml:"max_event_lead"`
	ExtraChannels     []string                  `yaml:"extra_channels"`
	LabelLimits       map[string]int            `yaml:"label_limits"`
	FamilyLimits      map[string]int            `yaml:"family_limits"`
	Faults            map[string][]string       `yaml:"faults"`
	Objectives        Objectives                `yaml:"objectives"`
	Experiments       []Experiment              `yaml:"experiments"`

	// PartitionsNamed says that the configuration names Partitions. Otherwise that is the number of a new
	// installation, and one that exists keeps its own.
	PartitionsNamed bool `yaml:"-"`

	streamSpace uint64 // see FitStreams
}

// Stream is how much the stream of a partition keeps, and on how many servers.
type Stream struct {
	MaxAge   model.Duration `yaml:"max_age"`
	MaxBytes Bytes          `yaml:"max_bytes"`
	Replicas int            `yaml:"replicas"`
}

// Bytes is a size that YAML writes with a unit, such as 20GiB or 512MB.
type Bytes units.Base2Bytes

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	size, err := units.ParseBase2Bytes(string(text))
	*b = Bytes(size)
	return err
}

// StreamOptions are the options of the streams.
func (c *Config) StreamOptions() nats.StreamOptions {
	o := nats.StreamOptions{
		Partitions: c.Partitions, MaxAge: time.Duration(c.Stream.MaxAge),
		MaxBytes: int64(c.Stream.MaxBytes), Replicas: c.Stream.Replicas,
	}
	if c.streamSpace > 0 {
		fits := c.streamSpace / 10 * 6 / uint64(c.Partitions+1) // one more for the dead letters
		o.MaxBytes = min(o.MaxBytes, int64(fits))
	}
	return o
}

// FitStreams limits the streams, whatever stream.max_bytes says, to what a NATS
// server on a disk with that many free bytes can reserve. It is for the embedded
// server: the default is meant for a machine of its own.
func (c *Config) FitStreams(free uint64) { c.streamSpace = free }

// Objectives are targets by name, for all channels and for single ones.
type Objectives struct {
	Targets  `yaml:",inline"`
	Channels map[string]Targets `yaml:"channels"`
}

// Targets maps values of catalog.LabelObjective to the target: a ratio, or
// seconds where the name says so.
type Targets map[string]float64

// Experiment declares an experiment for dashboards and insights.
type Experiment struct {
	Name         string   `yaml:"name"`
	Control      string   `yaml:"control"`
	Variants     []string `yaml:"variants"`
	PlannedUsers int      `yaml:"planned_users"`
}

// LoadConfig reads a configuration file over the defaults; an empty path means
// the defaults alone. The error names every mistake in the file.
func LoadConfig(path string) (*Config, error) {
	c := &Config{}
	if err := c.merge(DefaultConfig); err != nil {
		return nil, fmt.Errorf("default configuration: %w", err)
	}
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("load configuration: %w", err)
		}
		if err := c.merge(text); err != nil {
			return nil, fmt.Errorf("load %s: %w", path, err)
		}
		c.PartitionsNamed = namesPartitions(text)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("load %s:\n%w", cmp.Or(path, "default configuration"), err)
	}
	return c, nil
}

// merge decodes text over c. A map in text is laid over the default map.
func (c *Config) merge(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// check returns all that is wrong with the values.
func (c *Config) check() error {
	var wrong []error
	complain := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	complain(c.Partitions >= 1 && c.Partitions <= catalog.LabelPartition.Limit,
		"partitions: %d is not between 1 and %d", c.Partitions, catalog.LabelPartition.Limit)
	complain(c.Stream.MaxAge > 0, "stream: max_age must be longer than 0")
	complain(c.Stream.MaxBytes >= 1<<20, "stream: max_bytes must be at least 1MiB")
	complain(c.Stream.Replicas >= 1 && c.Stream.Replicas <= 5, "stream: replicas %d is not between 1 and 5", c.Stream.Replicas)
	complain(c.AttributionWindow > 0, "attribution_window: must be longer than 0")
	for stage, window := range c.StageWindows {
		complain(slices.Contains(catalog.LabelStage.Values, stage), "stage_windows: %q is none of %s", stage, strings.Join(catalog.LabelStage.Values, ", "))
		complain(stage != catalog.StageEngaged.String() && stage != catalog.StageRecovered.String(),
			"stage_windows: %s follows from other stages; give those a window", stage)
		complain(window > 0 && window <= c.AttributionWindow, "stage_windows: %s: %s is not between 0 and the attribution_window %s", stage, window, c.AttributionWindow)
	}
	complain(c.MaxEventAge > 0, "max_event_age: must be longer than 0")
	complain(c.MaxEventLead >= 0, "max_event_lead: must not be negative")
	for _, channel := range c.ExtraChannels {
		complain(channel != "" && !slices.Contains(catalog.Channels, channel), "extra_channels: %q is known already or empty", channel)
	}
	for fault := range c.Faults {
		complain(catalog.LabelFault.Known(fault), "faults: %q is none of %s", fault, strings.Join(catalog.LabelFault.Values, ", "))
	}
	c.checkLimits(complain)
	c.checkObjectives(complain)
	for i, x := range c.Experiments {
		complain(x.Name != "" && slices.Contains(x.Variants, x.Control),
			"experiments[%d]: needs a name and variants that contain its control %q", i, x.Control)
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(wrong...)
}

func (c *Config) checkLimits(complain func(bool, string, ...any)) {
	for name, limit := range c.LabelLimits {
		complain(freeLabel(name) != nil, "label_limits: %q is no free label of a family of the fold; see METRICS.md", name)
		complain(limit >= 0, "label_limits: %s must not be negative", name)
	}
	worst := catalog.WorstCase()
	for name, limit := range c.FamilyLimits {
		f := catalog.ByName(name)
		if f == nil || f.Source != catalog.Fold {
			complain(false, "family_limits: %q is no family of the fold; see METRICS.md", name)
			continue
		}
		complain(limit > 0, "family_limits: %s must be at least 1", name)
		worst += (limit - f.Sets) * f.SeriesPerSet()
	}
	complain(worst <= catalog.Budget, "family_limits: these limits allow %d series in one partition, the budget is %d; lower another limit", worst, catalog.Budget)
}

func (c *Config) checkObjectives(complain func(bool, string, ...any)) {
	known := append(slices.Clone(catalog.Channels), c.ExtraChannels...)
	check := func(path string, targets Targets) {
		for name, target := range targets {
			complain(catalog.LabelObjective.Known(name), "%s: %q is none of %s", path, name, strings.Join(catalog.LabelObjective.Values, ", "))
			isRatio := name == "delivery_success" || name == "delivery_latency"
			complain(target > 0 && (!isRatio || target < 1), "%s: %s: %v is out of range; a ratio lies between 0 and 1, a time is over 0 seconds", path, name, target)
		}
	}
	check("objectives", c.Objectives.Targets)
	for channel, targets := range c.Objectives.Channels {
		complain(slices.Contains(known, channel), "objectives.channels: %q is none of %s", channel, strings.Join(known, ", "))
		check("objectives.channels."+channel, targets)
	}
}

// freeLabel finds a free label of a family of the fold.
func freeLabel(name string) *catalog.Label {
	for _, f := range catalog.All {
		for _, l := range f.Labels {
			if f.Source == catalog.Fold && l.Free() && l.Name == name {
				return l
			}
		}
	}
	return nil
}

// foldSettings are the settings that the numbers depend on, by name.
func (c *Config) foldSettings() map[string]any {
	return map[string]any{
		"partitions": c.Partitions, "attribution_window": c.AttributionWindow, "stage_windows": c.StageWindows, "max_event_age": c.MaxEventAge,
		"max_event_lead": c.MaxEventLead, "extra_channels": c.ExtraChannels, "label_limits": c.LabelLimits,
		"family_limits": c.FamilyLimits, "faults": c.Faults,
	}
}

// fingerprint tells the settings that the numbers depend on, for comparison.
func (c *Config) fingerprint() string {
	text, err := yaml.Marshal(c.foldSettings())
	if err != nil {
		panic(err) // plain maps, strings and numbers always marshal
	}
	return string(text)
}

// FoldOptions are the options of the fold of one partition.
func (c *Config) FoldOptions(partition int) fold.Options {
	o := fold.Options{
		Partition: partition, Partitions: c.Partitions, PartitionOf: nats.Partition,
		AttributionWindow: time.Duration(c.AttributionWindow), StageWindows: map[catalog.Stage]time.Duration{},
		Window:   event.Window{MaxAge: time.Duration(c.MaxEventAge), MaxLead: time.Duration(c.MaxEventLead)},
		Faults:   map[string]string{},
		Channels: append(slices.Clone(catalog.Channels), c.ExtraChannels...),
		Table: metrics.Options{
			Known:       map[*catalog.Label][]string{catalog.LabelChannel: c.ExtraChannels},
			LabelLimits: map[*catalog.Label]int{}, SetLimits: map[*catalog.Family]int{},
		},
	}
	for stage, window := range c.StageWindows {
		o.StageWindows[catalog.Stage(slices.Index(catalog.LabelStage.Values, stage))] = time.Duration(window)
	}
	for fault, codes := range c.Faults {
		for _, code := range codes {
			o.Faults[code] = fault
		}
	}
	for name, limit := range c.LabelLimits {
		o.Table.LabelLimits[freeLabel(name)] = limit
	}
	for name, limit := range c.FamilyLimits {
		o.Table.SetLimits[catalog.ByName(name)] = limit
	}
	return o
}
