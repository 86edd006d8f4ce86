package truth

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// countSystem counts a component's report: the latest figure of each gauge, and
// what external services were asked since the report before.
func (p *partition) countSystem(s *event.System) {
	component, node := p.value(catalog.LabelComponent, s.Component), p.value(catalog.LabelNode, s.Node)
	p.set(catalog.ComponentCPU, s.CPU, component, node)
	p.set(catalog.ComponentMemory, s.Memory, component, node)
	p.set(catalog.ComponentMemoryRatio, s.MemoryRatio, component, node)
	p.set(catalog.ComponentDisk, s.DiskRatio, component, node)
	p.set(catalog.ComponentNetwork, s.Network, component, node)
	for i := range s.Queues {
		q := &s.Queues[i]
		name := p.value(catalog.LabelQueue, q.Name)
		p.set(catalog.QueueMessages, q.Messages, name)
		p.set(catalog.QueueOldestAge, event.Value(q.OldestAge), name)
	}
	for i := range s.DeadLetters {
		p.set(catalog.DeadLetters, s.DeadLetters[i].Messages, p.value(catalog.LabelQueue, s.DeadLetters[i].Name))
	}
	for i := range s.Services {
		p.countService(&s.Services[i])
	}
}

func (p *partition) countService(s *event.Service) {
	name := p.value(catalog.LabelService, s.Name)
	p.add(catalog.ServiceRequests, max(0, s.Requests-s.Errors), name, "success")
	p.add(catalog.ServiceRequests, s.Errors, name, "error")
	for _, took := range s.Durations {
		p.observe(catalog.ServiceDuration, took, name)
	}
	p.set(catalog.ServiceQuotaUsed, s.QuotaUsed, name)
	p.set(catalog.ServiceQuotaLimit, s.QuotaLimit, name)
}

// set gives a gauge the value that an event carries.
func (p *partition) set(g catalog.Gauge, v event.Value, values ...string) {
	if v.Known {
		f := p.gauges.figure(g.Family, values)
		f.value, f.at = v.Value, p.now
	}
}
