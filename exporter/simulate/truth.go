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
// events to come, and one for each user. It imports none of the exporter's code.
type Truth struct {
	// Seed is that of the simulation.
	Seed uint64
	// Events is the number of messages, duplicates included.
	Events int
	// From is the start of the simulation and To when its last message was received.
	From, To time.Time

	// booked are the families that are counted event by event; in a truth from a
	// file, all of them.
	booked books
	// people and situations, which are by channel, are what the other families
	// are computed from; nil in a truth from a file.
	people     *people
	situations map[string]*situations
	// zones are the time zones in which users have been seen.
	zones map[string]*time.Location
}

// books have the sets of each family, by its index in the catalogue: nil where
// the truth does not cover it, empty where it must show nothing but zeros.
type books []map[labelSet]*figure

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

// counted are the families that the truth books event by event.
var counted = []catalog.Metric{
	catalog.Events, catalog.Stages, catalog.TemplateStages, catalog.CampaignStages, catalog.AudienceStages,
	catalog.ExperimentStages, catalog.Suppressed, catalog.TemplateInfo,
	catalog.Errors, catalog.SLOStages, catalog.Retries,
	catalog.DeliveryLatency, catalog.TimeToOpen, catalog.TimeToClick, catalog.TimeToConvert,
	catalog.Processing, catalog.TemplateRender,
	catalog.Actions, catalog.PreferenceChangesTotal, catalog.Cost, catalog.ConversionValue,
	catalog.ComponentCPU, catalog.ComponentMemory, catalog.ComponentMemoryRatio, catalog.ComponentDisk, catalog.ComponentNetwork,
	catalog.QueueMessages, catalog.QueueOldestAge, catalog.DeadLetters,
	catalog.ServiceRequests, catalog.ServiceDuration, catalog.ServiceQuotaUsed, catalog.ServiceQuotaLimit,
	catalog.EventsRejected, catalog.EventsDuplicate, catalog.EventsMisrouted, catalog.EventsOrphan, catalog.EventsLate,
	catalog.EventsOutOfOrder, catalog.EventsClockSkew, catalog.ContextConflicts, catalog.LabelOverflow,
}

// computed are the families that the truth works out when it is asked, from what
// it remembers of users and channels.
var computed = []catalog.Metric{
	catalog.SendHourStages, catalog.FrequencyStages, catalog.Users, catalog.ActiveUsers,
	catalog.ExperimentUsers, catalog.ExperimentCrossovers, catalog.ExperimentMoments,
}

// newTruth opens the books of a simulation whose configuration is complete.
func newTruth(c Config) *Truth {
	return &Truth{
		Seed: c.Seed, From: c.Start, To: c.Start,
		booked: newBooks(counted), people: newPeople(c.Partitions),
		situations: map[string]*situations{}, zones: map[string]*time.Location{},
	}
}

// books are all families as they are at present.
func (t *Truth) books() books {
	if t.people == nil {
		return t.booked
	}
	all := newBooks(computed)
	for i, sets := range t.booked {
		if sets != nil {
			all[i] = sets
		}
	}
	t.people.enterUsers(all)
	t.people.enterTrials(all)
	for channel, s := range t.situations {
		s.enter(all, channel)
	}
	return all
}

func newBooks(families []catalog.Metric) books {
	b := make(books, len(catalog.All))
	for _, m := range families {
		b[m.Desc().Index()] = map[labelSet]*figure{}
	}
	return b
}

// figure finds or makes the figure of a label set.
func (b books) figure(m catalog.Metric, values []string) *figure {
	var key labelSet
	copy(key[:], values)
	sets := b[m.Desc().Index()]
	f := sets[key]
	if f == nil {
		f = &figure{}
		sets[key] = f
	}
	return f
}

// add increases a counter, or a gauge that counts.
func (b books) add(m catalog.Metric, by float64, values ...string) {
	b.figure(m, values).value += by
}

// add increases a counter.
func (t *Truth) add(c catalog.Counter, by float64, values ...string) {
	t.booked.add(c, by, values...)
}

// set gives a gauge its latest value.
func (t *Truth) set(g catalog.Gauge, to float64, values ...string) {
	t.booked.figure(g, values).value = to
}

// observe adds a duration in seconds to a histogram or a summary.
func (t *Truth) observe(m catalog.Metric, seconds float64, values ...string) {
	f := t.booked.figure(m, values)
	f.count++
	f.sum += seconds
}
