package simulate

import "belfry/exporter/event"

// system writes the data of system.performance.
func (w *writer) system(sys *event.System) {
	w.text("component", sys.Component)
	w.text("node", sys.Node)
	w.open("resources", '{')
	w.value("cpu", sys.CPU)
	w.value("memoryBytes", sys.Memory)
	w.value("memoryRatio", sys.MemoryRatio)
	w.value("diskRatio", sys.DiskRatio)
	w.value("networkBytesPerSecond", sys.Network)
	w.close('}')
	w.queues("queues", sys.Queues)
	w.queues("deadLetters", sys.DeadLetters)
	w.services(sys.Services)
}

// queues writes queues, or dead letters, whose name has another key.
func (w *writer) queues(key string, queues []event.Queue) {
	if len(queues) == 0 {
		return
	}
	name := "name"
	if key == "deadLetters" {
		name = "queue"
	}
	w.open(key, '[')
	for _, q := range queues {
		w.open("", '{')
		w.text(name, q.Name)
		w.value("messages", q.Messages)
		if q.OldestAge.Known {
			w.number("oldestAgeSeconds", q.OldestAge.Value)
		}
		w.close('}')
	}
	w.close(']')
}

func (w *writer) services(services []event.Service) {
	if len(services) == 0 {
		return
	}
	w.open("services", '[')
	for i := range services {
		service := &services[i]
		w.open("", '{')
		w.text("name", service.Name)
		w.number("requests", service.Requests)
		w.number("errors", service.Errors)
		w.latencies(service.Durations)
		w.value("quotaUsed", service.QuotaUsed)
		w.value("quotaLimit", service.QuotaLimit)
		w.close('}')
	}
	w.close(']')
}

// latencies writes one sample as a number and several as a list.
func (w *writer) latencies(seconds []float64) {
	w.key("latencyMs")
	if len(seconds) == 1 {
		w.b = appendMillis(w.b, seconds[0])
		return
	}
	w.b = append(w.b, '[')
	for _, v := range seconds {
		w.comma()
		w.b = appendMillis(w.b, v)
	}
	w.b = append(w.b, ']')
}
