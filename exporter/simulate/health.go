package simulate

import (
	"fmt"
	"math"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// Each node reports every reportPeriod, well within the 5 minutes after which a silent
// source disappears from the metrics.
const reportPeriod = 30 * time.Second

// component describes a part of the platform. Each queue and each service is reported
// by one component with one node only, so that there is one latest figure.
type component struct {
	name     string
	nodes    int
	cpu      float64 // at mean volume
	queues   []string
	services []string
	network  bool
}

var components = []component{
	{name: "api-gateway", nodes: 2, cpu: 0.22, network: true},
	{name: "scheduler", nodes: 1, cpu: 0.10},
	{name: "template-renderer", nodes: 2, cpu: 0.35},
	{name: "email-worker", nodes: 3, cpu: 0.28, network: true},
	{name: "push-worker", nodes: 3, cpu: 0.25, network: true},
	{name: "sms-worker", nodes: 1, cpu: 0.12},
	{name: "inapp-worker", nodes: 2, cpu: 0.15},
	{name: "broker", nodes: 1, cpu: 0.18, network: true,
		queues: []string{"email", "push", "sms", "in_app", "webhook", "chat", "events"}},
	{name: "email-gateway", nodes: 1, cpu: 0.08, services: []string{"ses", "sendgrid", "mailgun"}},
	{name: "push-gateway", nodes: 1, cpu: 0.08, services: []string{"apns", "fcm", "webpush"}},
	{name: "message-gateway", nodes: 1, cpu: 0.06, services: []string{"twilio", "vonage", "sinch", "slack", "teams"}},
}

// node describes one instance of a component.
type node struct {
	*component
	name string
	key  uint64
	next int64 // when it reports next
}

// newNodes returns all nodes in the order of their reports.
func newNodes(start int64) []node {
	var nodes []node
	for i := range components {
		for n := range components[i].nodes {
			c := &components[i]
			nodes = append(nodes, node{component: c, name: fmt.Sprintf("%s-%d", c.name, n)})
		}
	}
	for i := range nodes {
		nodes[i].key = uint64(i)
		nodes[i].next = start + int64(reportPeriod)*int64(i+1)/int64(len(nodes))
	}
	return nodes
}

func queueNames() (names []string) {
	for i := range components {
		names = append(names, components[i].queues...)
	}
	return names
}

// planReport plans a report of a node, and when its next one is due.
func (s *Simulator) planReport(n *node) {
	l := s.newLifecycle(n.next)
	l.node = n
	s.add(l, step{at: n.next, kind: catalog.EventPerformance})
	n.next += int64(reportPeriod)
	s.schedule(l)
}

// measure fills in what a node reports. It depends on the time and the node only, so
// that a duplicate is the same.
func (s *Simulator) measure(sys *event.System, l *lifecycle, at int64) {
	d, n := s.dice, l.node
	load := s.loadAt(at)
	sys.Component, sys.Node = n.component.name, n.name
	sys.CPU = known(thousandths(min(1, n.cpu*(0.4+0.6*load)*(0.9+0.2*d.Float64()))))
	sys.Memory = known(math.Round(3e8 * (1 + 0.3*load + 0.05*d.Float64())))
	sys.MemoryRatio = known(thousandths(0.30 + 0.1*load + 0.02*d.Float64()))
	sys.DiskRatio = known(thousandths(0.40 + 0.02*float64(n.key%5)))
	if n.network {
		sys.Network = known(math.Round(2e5 * load * (0.9 + 0.2*d.Float64())))
	}
	for _, name := range n.queues {
		s.measureQueue(sys, name, at, load)
	}
	for _, name := range n.services {
		sys.Services = append(sys.Services, s.measureService(name, at, load))
	}
}

// loadAt returns the volume at a time without campaigns, 1 on average.
func (s *Simulator) loadAt(at int64) float64 {
	var load float64
	for i := range zones {
		load += zones[i].share / zoneShares * localVolume(at, zones[i].offset)
	}
	return load * s.incidents.volume(at, "")
}

func (s *Simulator) measureQueue(sys *event.System, name string, at int64, load float64) {
	d := s.dice
	grown, dead := s.incidents.backlog(at, name)
	waiting := math.Floor(20*load*d.Float64()) + grown
	q := event.Queue{Name: name, Messages: known(waiting)}
	if waiting > 0 {
		// A growing queue is not worked off, so its oldest message ages with its growth.
		q.OldestAge = event.Seconds{Value: thousandths(0.05 + 0.4*d.Float64() + grown/20), Known: true}
	}
	sys.Queues = append(sys.Queues, q)
	sys.DeadLetters = append(sys.DeadLetters, event.Queue{Name: name, Messages: known(2 + dead)})
}

// measureService reports the requests to a provider since the last report.
func (s *Simulator) measureService(name string, at int64, load float64) event.Service {
	d := s.dice
	c, p := providerNamed(name)
	expected := s.config.PerMinute * reportPeriod.Minutes() * load * c.share * p.share
	requests := math.Round(expected * (0.9 + 0.2*d.Float64()))
	errors := math.Round(requests * p.transient)
	if s.incidents.failure(at, c.name, p.name) != nil {
		errors = requests
	}
	service := event.Service{Name: name, Requests: requests, Errors: errors}
	slower := s.incidents.latencyFactor(at, c.name, p.name)
	for range 1 + d.IntN(4) {
		took := float64(d.delay(delay{80 * time.Millisecond, 0.5})) * slower
		service.Durations = append(service.Durations, float64(milliTenths(time.Duration(took)))/1e4)
	}
	if p.cost.Amount > 0 {
		limit := math.Ceil(s.config.PerMinute * c.share * p.share * 24 * 60 * 1.6)
		day := float64(at%int64(24*time.Hour)) / float64(24*time.Hour)
		service.QuotaUsed, service.QuotaLimit = known(math.Floor(limit*day/1.6)), known(limit)
	}
	return service
}

func providerNamed(name string) (*channel, *provider) {
	for i := range channels {
		for j := range channels[i].providers {
			if channels[i].providers[j].name == name {
				return &channels[i], &channels[i].providers[j]
			}
		}
	}
	panic("simulate: components names the unknown provider " + name)
}

func known(v float64) event.Value { return event.Value{Value: v, Known: true} }

// thousandths keeps three decimals, as programs report their measurements.
func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }

// milliTenths returns a duration in tenths of milliseconds, the precision of producers,
// so that the written figure is exactly the one that the truth counts.
func milliTenths(d time.Duration) int64 { return int64(d / (100 * time.Microsecond)) }
