package exporter

import (
	"slices"
	"strconv"

	dto "github.com/prometheus/client_model/go"

	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/exporter/scrape"
)

// partitionFamilies returns the status of each partition.
func (e *Exporter) partitionFamilies() []*dto.MetricFamily {
	var families scrape.Families
	partitions, known := e.opened()
	if !known { // there is at least one, and it is not read
		families.Add(catalog.PartitionReading, 0, strconv.Itoa(e.least))
	}
	for _, p := range partitions {
		s := p.Status()
		collect(&s, func(m catalog.Metric, value float64, labels ...string) {
			families.Add(m, value, append([]string{s.Partition}, labels...)...)
		})
	}
	return families.List()
}

// collect shows the status of one partition.
func collect(s *partition.Status, show func(m catalog.Metric, value float64, labels ...string)) {
	show(catalog.StreamLastSequence, float64(s.Last))
	show(catalog.StreamProcessedSequence, float64(s.Sequence))
	show(catalog.StreamLagMessages, float64(s.Behind))
	show(catalog.StreamLagSeconds, s.Lag.Seconds())
	if s.Exposed { // otherwise it would go down after a restart, like the numbers of the fold
		show(catalog.StreamLostEvents, float64(s.Lost))
	}
	show(catalog.PartitionExposed, boolValue(s.Exposed))
	show(catalog.FenceOK, boolValue(!s.FenceBroken))
	show(catalog.PartitionReading, boolValue(s.Reading))
	show(catalog.PartitionHalted, boolValue(s.Halted != ""))
	show(catalog.CheckpointAge, s.CheckpointAge.Seconds())
	show(catalog.CheckpointDuration, s.CheckpointDuration.Seconds())
	show(catalog.CheckpointBytes, float64(s.CheckpointBytes))
	show(catalog.StateRecords, float64(s.Users), "user")
	show(catalog.StateRecords, float64(s.Notifications), "notification")
	show(catalog.StateRecords, float64(s.Events), "event_id")
	for f, sets := range s.Sets {
		show(catalog.SeriesCount, float64(sets), f.Name)
	}
}

// connectionFamilies returns the status of the connection to NATS.
func (e *Exporter) connectionFamilies() []*dto.MetricFamily {
	var families scrape.Families
	families.Add(catalog.NATSConnected, boolValue(e.options.Status.Connected()))
	families.Add(catalog.NATSReconnects, float64(e.options.Status.Reconnects()))
	return families.List()
}

// configFamilies returns the configuration that is in effect.
func (e *Exporter) configFamilies() []*dto.MetricFamily {
	var families scrape.Families
	config := e.config.Load()
	config.EachObjective(func(channel, name string, target float64) {
		families.Add(catalog.Objective, target, channel, name)
	})
	config.EachArm(func(labels ...string) { families.Add(catalog.ExperimentInfo, 1, labels...) })
	return families.List()
}

// boolValue returns 1 for true and 0 for false.
func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// EachObjective calls f with the target of every objective of every channel.
func (c *Config) EachObjective(f func(channel, name string, target float64)) {
	for _, channel := range append(slices.Clone(catalog.Channels), c.ExtraChannels...) {
		for name, target := range c.Objectives.Targets {
			if own, ok := c.Objectives.Channels[channel][name]; ok {
				target = own
			}
			f(channel, name, target)
		}
	}
}

// EachArm calls f with the labels of catalog.ExperimentInfo for every arm of
// the declared experiments.
func (c *Config) EachArm(f func(labels ...string)) {
	for _, x := range c.Experiments {
		for _, variant := range x.Variants {
			f(x.Name, variant, strconv.FormatBool(variant == x.Control), strconv.Itoa(x.PlannedUsers))
		}
	}
}
