package simulate

import (
	"time"

	"belfry/exporter/catalog"
)

// Truth is what a correct exporter shows after a number of messages, summed
// over partitions.
//
// It follows the contract's words and nothing else: it sees the facts of each
// event before they become JSON, knows from the simulator which message is a
// repetition, and keeps one small record for each notification that still has
// events to come. It imports none of the exporter's code.
type Truth struct {
	// Seed is that of the simulation.
	Seed uint64
	// Events is the number of messages, duplicates included.
	Events int
	// From is the start of the simulation and To when its last message was received.
	From, To time.Time

	// families has the sets of each family that the truth covers; one without
	// sets must show nothing but zeros.
	families map[*catalog.Family]map[labelSet]*figure
}

// labelSet is the values of a family's labels in their order; no family of the
// truth has more than five.
type labelSet [5]string

// figure is one label set's value: a counter or gauge has a value, a
// histogram or summary a count and a sum.
type figure struct {
	value float64
	count uint64
	sum   float64
}

// covered are the families that the truth accounts for.
var covered = []catalog.Metric{
	catalog.Events, catalog.Stages, catalog.TemplateStages, catalog.CampaignStages, catalog.AudienceStages,
	catalog.ExperimentStages, catalog.Suppressed, catalog.TemplateInfo,
	catalog.Errors, catalog.SLOStages, catalog.Retries,
	catalog.DeliveryLatency, catalog.TimeToOpen, catalog.TimeToClick, catalog.TimeToConvert,
	catalog.Processing, catalog.TemplateRender,
	catalog.Actions, catalog.PreferenceChangesTotal, catalog.Cost, catalog.ConversionValue,
	catalog.ComponentCPU, catalog.ComponentMemory, catalog.ComponentMemRate, catalog.ComponentDisk, catalog.ComponentNetwork,
	catalog.QueueMessages, catalog.QueueOldestAge, catalog.DeadLetters,
	catalog.ServiceRequests, catalog.ServiceDuration, catalog.ServiceQuotaUsed, catalog.ServiceQuotaLimit,
	catalog.EventsRejected, catalog.EventsDuplicate, catalog.EventsMisrouted, catalog.EventsOrphan, catalog.EventsLate,
	catalog.EventsOutOfOrder, catalog.EventsClockSkew, catalog.ContextConflicts, catalog.LabelOverflow,
}

func newTruth(seed uint64, from time.Time) *Truth {
	t := &Truth{Seed: seed, From: from, To: from, families: map[*catalog.Family]map[labelSet]*figure{}}
	for _, m := range covered {
		t.families[m.Desc()] = map[labelSet]*figure{}
	}
	return t
}

// figure finds or makes the figure of a label set.
func (t *Truth) figure(m catalog.Metric, values []string) *figure {
	var key labelSet
	copy(key[:], values)
	sets := t.families[m.Desc()]
	f := sets[key]
	if f == nil {
		f = &figure{}
		sets[key] = f
	}
	return f
}

// add increases a counter.
func (t *Truth) add(c catalog.Counter, by float64, values ...string) {
	t.figure(c, values).value += by
}

// set gives a gauge its latest value.
func (t *Truth) set(g catalog.Gauge, to float64, values ...string) {
	t.figure(g, values).value = to
}

// observe adds a duration in seconds to a histogram or a summary.
func (t *Truth) observe(m catalog.Metric, seconds float64, values ...string) {
	f := t.figure(m, values)
	f.count++
	f.sum += seconds
}
