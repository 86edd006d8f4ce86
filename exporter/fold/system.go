package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// countSystem counts what a component reports about its health.
func (s *State) countSystem(e *event.Event) {
	y := &e.System
	component, node := s.labels.of(catalog.LabelComponent, y.Component), s.labels.known(catalog.LabelNode, y.Node)
	s.set(catalog.ComponentCPU, y.CPU, component, node)
	s.set(catalog.ComponentMemory, y.Memory, component, node)
	s.set(catalog.ComponentMemoryRatio, y.MemoryRatio, component, node)
	s.set(catalog.ComponentDisk, y.DiskRatio, component, node)
	s.set(catalog.ComponentNetwork, y.Network, component, node)
	for i := range y.Queues {
		q := &y.Queues[i]
		queue := s.labels.known(catalog.LabelQueue, q.Name)
		s.set(catalog.QueueMessages, q.Messages, queue)
		s.set(catalog.QueueOldestAge, event.Value(q.OldestAge), queue)
	}
	for i := range y.DeadLetters {
		q := &y.DeadLetters[i]
		s.set(catalog.DeadLetters, q.Messages, s.labels.known(catalog.LabelQueue, q.Name))
	}
	for i := range y.Services {
		s.countService(&y.Services[i])
	}
}

func (s *State) countService(v *event.Service) {
	service := s.labels.known(catalog.LabelService, v.Name)
	s.add(catalog.ServiceRequests, max(0, v.Requests-v.Errors), service, s.constants.requestSuccess)
	s.add(catalog.ServiceRequests, v.Errors, service, s.constants.requestError)
	for _, took := range v.Durations {
		s.observe(catalog.ServiceDuration, took, service)
	}
	s.set(catalog.ServiceQuotaUsed, v.QuotaUsed, service)
	s.set(catalog.ServiceQuotaLimit, v.QuotaLimit, service)
}
