package simulate

import (
	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// enterSystem books a component's report: the latest figure of each gauge, and
// what external services were asked since the last report.
func (t *Truth) enterSystem(e *event.Event) {
	sys := &e.System
	t.add(catalog.Events, 1, e.Type.String(), label(""), label(""), label(""), label(""))
	for _, g := range []struct {
		gauge catalog.Gauge
		event.Value
	}{
		{catalog.ComponentCPU, sys.CPU}, {catalog.ComponentMemory, sys.Memory}, {catalog.ComponentMemoryRatio, sys.MemoryRatio},
		{catalog.ComponentDisk, sys.DiskRatio}, {catalog.ComponentNetwork, sys.Network},
	} {
		t.setKnown(g.gauge, g.Value, label(sys.Component), label(sys.Node))
	}
	for _, q := range sys.Queues {
		t.setKnown(catalog.QueueMessages, q.Messages, q.Name)
		t.setKnown(catalog.QueueOldestAge, event.Value(q.OldestAge), q.Name)
	}
	for _, q := range sys.DeadLetters {
		t.setKnown(catalog.DeadLetters, q.Messages, q.Name)
	}
	for i := range sys.Services {
		service := &sys.Services[i]
		t.add(catalog.ServiceRequests, service.Requests-service.Errors, service.Name, "success")
		t.add(catalog.ServiceRequests, service.Errors, service.Name, "error")
		for _, seconds := range service.Durations {
			t.observe(catalog.ServiceDuration, seconds, service.Name)
		}
		t.setKnown(catalog.ServiceQuotaUsed, service.QuotaUsed, service.Name)
		t.setKnown(catalog.ServiceQuotaLimit, service.QuotaLimit, service.Name)
	}
}

func (t *Truth) setKnown(g catalog.Gauge, v event.Value, values ...string) {
	if v.Known {
		t.set(g, v.Value, values...)
	}
}
