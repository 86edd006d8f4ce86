package exporter

import (
	"fmt"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/exporter/fold"
	"belfry/exporter/metrics"
	"belfry/exporter/partition"
	"belfry/nats"
)

// foldSettings returns the settings that the numbers depend on, by name.
func (c *Config) foldSettings() map[string]any {
	return map[string]any{
		"partitions": c.Partitions, "attribution_window": c.AttributionWindow, "stage_windows": c.StageWindows,
		"max_event_age": c.MaxEventAge, "max_event_lead": c.MaxEventLead, "extra_channels": c.ExtraChannels,
		"label_limits": c.LabelLimits, "family_limits": c.FamilyLimits, "faults": c.Faults,
		"optional_families": slices.Sorted(slices.Values(c.OptionalFamilies)),
	}
}

// fingerprint returns the settings that the numbers depend on as text, to compare
// them. Without optional families it is as before there were any.
func (c *Config) fingerprint() string {
	settings := c.foldSettings()
	if len(c.OptionalFamilies) == 0 {
		delete(settings, "optional_families")
	}
	text, err := yaml.Marshal(settings)
	if err != nil {
		panic(err) // plain maps, strings and numbers always marshal
	}
	return string(text)
}

// Begin writes the state of an exporter with one partition that has counted something
// before there was a stream. play returns the fold of it, made with the options and
// records that it gets. The state directory must be new, and the configuration one of
// a single partition.
func (c *Config) Begin(
	stateDir string, userKey []byte, play func(o fold.Options, records fold.Records) (*fold.State, error),
) error {
	if c.Partitions != 1 {
		return fmt.Errorf("begin with %d partitions: set partitions to 1", c.Partitions)
	}
	o := c.FoldOptions(0)
	o.UserKey = userKey
	return partition.Begin(
		partition.Options{Dir: partition.Dir(stateDir, 0), Fold: o, Settings: c.fingerprint()},
		func(records fold.Records) (*fold.State, error) { return play(o, records) })
}

// FoldOptions returns the options of the fold of one partition.
func (c *Config) FoldOptions(partition int) fold.Options {
	o := fold.Options{
		Partition: partition, Partitions: c.Partitions, PartitionOf: nats.Partition,
		AttributionWindow: time.Duration(c.AttributionWindow), StageWindows: map[catalog.Stage]time.Duration{},
		Window:   event.Window{MaxAge: time.Duration(c.MaxEventAge), MaxLead: time.Duration(c.MaxEventLead)},
		Faults:   map[string]string{},
		Optional: map[*catalog.Family]bool{},
		Channels: append(slices.Clone(catalog.Channels), c.ExtraChannels...),
		Table: metrics.Options{
			Known:       map[*catalog.Label][]string{catalog.LabelChannel: c.ExtraChannels},
			LabelLimits: map[*catalog.Label]int{}, SetLimits: map[*catalog.Family]int{},
		},
	}
	for stage, window := range c.StageWindows {
		o.StageWindows[catalog.Stage(slices.Index(catalog.LabelStage.Values, stage))] = time.Duration(window)
	}
	for _, name := range c.OptionalFamilies {
		o.Optional[catalog.ByName(name)] = true
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

// freeLabels returns the labels of the fold's families that may take any value,
// each once.
func freeLabels() (labels []*catalog.Label) {
	for _, f := range catalog.All {
		for _, l := range f.Labels {
			if f.Source == catalog.Fold && l.Free() && !slices.Contains(labels, l) {
				labels = append(labels, l)
			}
		}
	}
	return labels
}

// freeLabel finds a label of freeLabels by its name, or returns nil.
func freeLabel(name string) *catalog.Label {
	labels := freeLabels()
	if i := slices.IndexFunc(labels, func(l *catalog.Label) bool { return l.Name == name }); i >= 0 {
		return labels[i]
	}
	return nil
}
