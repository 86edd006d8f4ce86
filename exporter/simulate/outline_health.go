package simulate

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// Reading is the present value of a gauge of the platform's health.
type Reading struct {
	Family *catalog.Family
	Values []string
	Value  float64
}

// report plays the reports of all nodes until a time, and keeps the readings of the
// last ones.
func (o *Outline) report(until int64) {
	o.readings = o.readings[:0]
	for i := range o.s.nodes {
		n := &o.s.nodes[i]
		for n.next < until {
			o.add(catalog.Events.Family, 1, catalog.EventPerformance.String(), catalog.Unknown, catalog.Unknown,
				catalog.Unknown, catalog.Unknown)
			last := n.next+int64(reportPeriod) >= until
			if last || len(n.services) > 0 {
				o.measure(n, last)
			}
			n.next += int64(reportPeriod)
		}
	}
}

// measure counts what a node reports, and keeps its readings.
func (o *Outline) measure(n *node, keep bool) {
	var y event.System
	o.s.dice.at(mix(o.s.seedOf(ofOutlines), n.key), uint64(n.next))
	o.s.measure(&y, &lifecycle{node: n}, n.next)
	for _, service := range y.Services {
		o.add(catalog.ServiceRequests.Family, max(0, service.Requests-service.Errors), service.Name, "success")
		o.add(catalog.ServiceRequests.Family, service.Errors, service.Name, "error")
		for _, took := range service.Durations {
			bucket := bucketOf(took)
			row := Row{catalog.ServiceDuration.Family, []string{service.Name}, secondsOf(bucket)}
			o.grow(o.rowAt(row, 1+bucket), 1)
		}
	}
	if keep {
		o.read(&y)
	}
}

// read keeps the readings of a report, except those of dead letters: somebody looks
// after them before an alert asks for it.
func (o *Outline) read(y *event.System) {
	set := func(g catalog.Gauge, v event.Value, values ...string) {
		if v.Known {
			o.readings = append(o.readings, Reading{g.Family, values, v.Value})
		}
	}
	set(catalog.ComponentCPU, y.CPU, y.Component, y.Node)
	set(catalog.ComponentMemory, y.Memory, y.Component, y.Node)
	set(catalog.ComponentMemoryRatio, y.MemoryRatio, y.Component, y.Node)
	set(catalog.ComponentDisk, y.DiskRatio, y.Component, y.Node)
	set(catalog.ComponentNetwork, y.Network, y.Component, y.Node)
	for _, q := range y.Queues {
		set(catalog.QueueMessages, q.Messages, q.Name)
		set(catalog.QueueOldestAge, event.Value(q.OldestAge), q.Name)
	}
	for _, service := range y.Services {
		set(catalog.ServiceQuotaUsed, service.QuotaUsed, service.Name)
		set(catalog.ServiceQuotaLimit, service.QuotaLimit, service.Name)
	}
}

// Readings returns what the nodes have reported last. A node may leave out some gauges.
func (o *Outline) Readings() []Reading { return o.readings }
