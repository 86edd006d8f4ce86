package fold

import (
	"belfry/exporter/event"
	"belfry/exporter/metrics"
)

// The outcomes of catalog.ServiceRequests, as indexes of its label's values.
const (
	requestSuccess metrics.Symbol = iota
	requestError
)

// countSystem books the health that a component reports.
func (s *State) countSystem(e *event.Event) {
	y := &e.System
	component := s.component.Of(y.Component)
	node := s.node.OrUnknown(s.node.Of(y.Node))
	set(s.cpu, y.CPU, component, node)
	set(s.memory, y.Memory, component, node)
	set(s.memoryRatio, y.MemoryRatio, component, node)
	set(s.disk, y.DiskRatio, component, node)
	set(s.network, y.Network, component, node)
	for _, q := range y.Queues {
		queue := s.queue.OrUnknown(s.queue.Of(q.Name))
		set(s.queueMessages, q.Messages, queue)
		set(s.queueAge, event.Value(q.OldestAge), queue)
	}
	for _, q := range y.DeadLetters {
		set(s.deadLetters, q.Messages, s.queue.OrUnknown(s.queue.Of(q.Name)))
	}
	for i := range y.Services {
		s.countService(&y.Services[i])
	}
}

func (s *State) countService(v *event.Service) {
	service := s.service.OrUnknown(s.service.Of(v.Name))
	s.requests.Add(max(0, v.Requests-v.Errors), service, requestSuccess)
	s.requests.Add(v.Errors, service, requestError)
	for _, took := range v.Durations {
		s.serviceDuration.Observe(took, service)
	}
	set(s.quotaUsed, v.QuotaUsed, service)
	set(s.quotaLimit, v.QuotaLimit, service)
}

// set shows a value that the event carries.
func set(g metrics.Gauge, v event.Value, labels ...metrics.Symbol) {
	if v.Known {
		g.Set(v.Value, labels...)
	}
}
