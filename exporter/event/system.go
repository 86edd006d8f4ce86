package event

import (
	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// systemMember reads the fields of data on system.performance.
func (d *Decoder) systemMember(key string) error {
	s := &d.e.System
	switch key {
	case "component":
		return d.text(fieldComponent, &s.Component)
	case "node":
		return d.text(fieldNode, &s.Node)
	case "resources":
		return d.block(fieldResources, weightResources, d.resourceMember)
	case "queues":
		return d.list(fieldQueues, func() error {
			s.Queues = extend(s.Queues)
			return d.queue("name", &s.Queues[len(s.Queues)-1])
		})
	case "deadLetters":
		return d.list(fieldDeadLetters, func() error {
			s.DeadLetters = extend(s.DeadLetters)
			return d.queue("queue", &s.DeadLetters[len(s.DeadLetters)-1])
		})
	case "services":
		return d.list(fieldServices, func() error {
			s.Services = extend(s.Services)
			return d.service(&s.Services[len(s.Services)-1])
		})
	default:
		return d.flatMember(key)
	}
}

// resourceMember reads a field of resources or resourceUsage. The latter has the
// first two only.
func (d *Decoder) resourceMember(key string) error {
	s := &d.e.System
	switch key {
	case "cpu":
		return d.number(fieldCPU, &s.CPU)
	case "memoryBytes":
		return d.number(fieldMemoryBytes, &s.Memory)
	case "memoryRatio":
		return d.number(fieldMemoryRatio, &s.MemoryRatio)
	case "diskRatio":
		return d.number(fieldDiskRatio, &s.DiskRatio)
	case "networkBytesPerSecond":
		return d.number(fieldNetwork, &s.Network)
	default:
		return d.unknownMember(key)
	}
}

// queue reads the depth of a queue or of a dead-letter queue. The key of its name
// differs, and only a queue has an age.
func (d *Decoder) queue(name string, q *Queue) error {
	*q = Queue{Name: catalog.Unknown}
	return d.object(func(key string) error {
		switch {
		case key == name:
			return d.text(fieldName, &q.Name)
		case key == "messages":
			return d.number(fieldMessages, &q.Messages)
		case key == "oldestAgeSeconds" && name == "name":
			return d.seconds(fieldOldestAge, &q.OldestAge)
		default:
			return d.unknownMember(key)
		}
	})
}

func (d *Decoder) service(s *Service) error {
	*s = Service{Name: catalog.Unknown, Durations: s.Durations[:0]}
	return d.object(func(key string) error {
		switch key {
		case "name":
			return d.text(fieldName, &s.Name)
		case "requests":
			return d.float(fieldRequests, &s.Requests)
		case "errors":
			return d.float(fieldErrors, &s.Errors)
		case "latencyMs":
			return d.samples(s)
		case "quotaUsed":
			return d.number(fieldQuotaUsed, &s.QuotaUsed)
		case "quotaLimit":
			return d.number(fieldQuotaLimit, &s.QuotaLimit)
		default:
			return d.unknownMember(key)
		}
	})
}

// samples reads one latency in milliseconds or a list of them.
func (d *Decoder) samples(s *Service) error {
	sample := func() error {
		ms, err := d.numeral(fieldLatency)
		if ms.Known {
			s.Durations = append(s.Durations, ms.Value/1000)
		}
		return err
	}
	if d.kind == jx.Array {
		return d.list(fieldLatency, sample)
	}
	if err := d.once(fieldLatency); err != nil {
		return err
	}
	return sample()
}
