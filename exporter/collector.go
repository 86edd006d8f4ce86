package exporter

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"belfry/exporter/catalog"
	"belfry/exporter/partition"
	"belfry/nats"
)

// desc returns the description of a family of the catalogue for client_golang.
func desc(m catalog.Metric) *prometheus.Desc {
	f := m.Desc()
	return prometheus.NewDesc(f.Name, f.Help, labelNames(f), nil)
}

var (
	lastSequenceDesc = desc(catalog.StreamLastSequence)
	processedDesc    = desc(catalog.StreamProcessedSequence)
	lagMessagesDesc  = desc(catalog.StreamLagMessages)
	lagSecondsDesc   = desc(catalog.StreamLagSeconds)
	lostDesc         = desc(catalog.StreamLostEvents)
	exposedDesc      = desc(catalog.PartitionExposed)
	recordsDesc      = desc(catalog.StateRecords)
	seriesDesc       = desc(catalog.SeriesCount)
	fenceDesc        = desc(catalog.FenceOK)
	haltedDesc       = desc(catalog.PartitionHalted)
	ageDesc          = desc(catalog.CheckpointAge)
	tookDesc         = desc(catalog.CheckpointDuration)
	bytesDesc        = desc(catalog.CheckpointBytes)
	connectedDesc    = desc(catalog.NATSConnected)
	reconnectsDesc   = desc(catalog.NATSReconnects)
)

// partitionCollector collects the status of each partition.
type partitionCollector struct{ exporter *Exporter }

// Describe implements prometheus.Collector.
func (c *partitionCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		lastSequenceDesc, processedDesc, lagMessagesDesc, lagSecondsDesc, lostDesc, exposedDesc, recordsDesc,
		seriesDesc, fenceDesc, haltedDesc, ageDesc, tookDesc, bytesDesc,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *partitionCollector) Collect(ch chan<- prometheus.Metric) {
	partitions, _ := c.exporter.opened()
	for _, p := range partitions {
		s := p.Status()
		collect(&s, func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, kind, value, append([]string{s.Partition}, labels...)...)
		})
	}
}

// collect shows the status of one partition.
func collect(
	s *partition.Status, show func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string),
) {
	const gauge = prometheus.GaugeValue
	show(lastSequenceDesc, gauge, float64(s.Last))
	show(processedDesc, gauge, float64(s.Sequence))
	show(lagMessagesDesc, gauge, float64(s.Behind))
	show(lagSecondsDesc, gauge, s.Lag.Seconds())
	if s.Exposed { // otherwise it would go down after a restart, like the numbers of the fold
		show(lostDesc, prometheus.CounterValue, float64(s.Lost))
	}
	show(exposedDesc, gauge, boolValue(s.Exposed))
	show(fenceDesc, gauge, boolValue(!s.FenceBroken))
	show(haltedDesc, gauge, boolValue(s.Halted != ""))
	show(ageDesc, gauge, s.CheckpointAge.Seconds())
	show(tookDesc, gauge, s.CheckpointDuration.Seconds())
	show(bytesDesc, gauge, float64(s.CheckpointBytes))
	show(recordsDesc, gauge, float64(s.Users), "user")
	show(recordsDesc, gauge, float64(s.Notifications), "notification")
	show(recordsDesc, gauge, float64(s.Events), "event_id")
	for f, sets := range s.Sets {
		show(seriesDesc, gauge, float64(sets), f.Name)
	}
}

// natsCollector collects the status of the connection to NATS.
type natsCollector struct{ status *nats.Status }

// Describe implements prometheus.Collector.
func (c *natsCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- connectedDesc
	ch <- reconnectsDesc
}

// Collect implements prometheus.Collector.
func (c *natsCollector) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.MustNewConstMetric(connectedDesc, prometheus.GaugeValue, boolValue(c.status.Connected()))
	ch <- prometheus.MustNewConstMetric(reconnectsDesc, prometheus.CounterValue, float64(c.status.Reconnects()))
}

// boolValue returns 1 for true and 0 for false.
func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// eachObjective calls f with the target of every objective of every channel.
func (c *Config) eachObjective(f func(channel, name string, target float64)) {
	for _, channel := range append(slices.Clone(catalog.Channels), c.ExtraChannels...) {
		for name, target := range c.Objectives.Targets {
			if own, ok := c.Objectives.Channels[channel][name]; ok {
				target = own
			}
			f(channel, name, target)
		}
	}
}

// eachArm calls f with the labels of catalog.ExperimentInfo for every arm of
// the declared experiments.
func (c *Config) eachArm(f func(labels ...string)) {
	for _, x := range c.Experiments {
		for _, variant := range x.Variants {
			f(x.Name, variant, strconv.FormatBool(variant == x.Control), strconv.Itoa(x.PlannedUsers))
		}
	}
}
