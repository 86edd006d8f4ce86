package truth

import (
	"bytes"
	"cmp"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
	"belfry/exporter/event"
)

// The contract's defaults.
const (
	attributionWindow = 7 * 24 * time.Hour
	maxAge            = 14 * 24 * time.Hour
	maxLead           = 5 * time.Minute
)

// Options hold what the figures depend on besides the events. Zero values stand
// for the contract's defaults.
type Options struct {
	// Partitions counts the partitions of the stream; 0 means 1.
	Partitions int
	// PartitionOf returns the partition of a key. Nil means FNV-1a with 32 bits,
	// modulo the number of partitions, as publishers do.
	PartitionOf func(key string, partitions int) int
	// AttributionWindow limits how long after its sent event a notification may
	// still reach stages. StageWindows holds shorter limits of single stages.
	AttributionWindow time.Duration
	StageWindows      map[catalog.Stage]time.Duration
	// Faults maps error codes and patterns of them to values of catalog.LabelFault.
	Faults map[string]string
	// LabelLimits replaces the catalogue's limits on free labels.
	LabelLimits map[*catalog.Label]int
	// Optional lists the optional families that count.
	Optional map[*catalog.Family]bool
	// UserKey turns user ids into the pseudonyms of user.forget events. Without it
	// nobody can be forgotten.
	UserKey []byte
}

// Truth knows what a correct exporter shows after a number of messages, summed
// over partitions. It must not be used by two goroutines at once.
type Truth struct {
	// Seed identifies the simulation that the events come from.
	Seed uint64
	// Events counts the messages, duplicates included.
	Events int
	// From says when the simulation started and To when its last message was
	// received.
	From, To time.Time

	options Options
	faults  *errorcode.Faults
	// booked holds the families that are counted event by event. In a truth from a
	// file it holds all families, and partitions is nil.
	booked     books
	partitions []*partition
	// entered caches what books returns, nil after a change.
	entered books
	users   []*user // in the order in which they were first seen
	zones   map[string]*time.Location
	decoded bool // a message was read as JSON
}

// New starts with nothing counted.
func New(o Options) *Truth {
	o.Partitions = max(o.Partitions, 1)
	o.AttributionWindow = cmp.Or(o.AttributionWindow, attributionWindow)
	if o.PartitionOf == nil {
		o.PartitionOf = partitionOf
	}
	t := &Truth{
		options: o, faults: errorcode.NewFaults(o.Faults), booked: newBooks(), zones: map[string]*time.Location{},
	}
	for n := range o.Partitions {
		t.partitions = append(t.partitions, newPartition(t, n))
	}
	return t
}

// partitionOf computes FNV-1a with 32 bits, modulo the number of partitions.
func partitionOf(key string, partitions int) int {
	hash := uint32(2166136261)
	for i := range len(key) {
		hash = (hash ^ uint32(key[i])) * 16777619
	}
	return int(hash % uint32(partitions))
}

// Add counts one message by the facts of its event. The message lies in the
// partition of the event's key, and the stream got it at received, in
// nanoseconds since 1970. Add keeps strings of e, but not e itself.
func (t *Truth) Add(e *event.Event, received int64) {
	p := t.partitions[t.options.PartitionOf(e.Key(), t.options.Partitions)]
	t.entered = nil
	p.count(e, received)
}

// Read counts one message of a partition by its JSON, valid or not. received means
// the same as in Add; pass 0 for recorded input, which states it itself.
func (t *Truth) Read(partition int, data []byte, received int64) {
	t.decoded, t.entered = true, nil
	p := t.partitions[partition]
	decoder, e := event.NewDecoder(nil), &event.Event{}
	if rejection := decoder.Decode(bytes.Clone(data), e); rejection != nil {
		t.Events++
		t.add(catalog.EventsRejected, 1, rejection.Reason.String())
		return
	}
	if p.count(e, received) {
		for _, name := range decoder.UnknownFields() {
			p.unknownFields[name] = true
		}
		for _, field := range decoder.Repairs() {
			p.add(catalog.EventsRepaired, 1, field)
		}
	}
}

// Done forgets the notification of an event, or an event without one. Call it
// after the last message about either, so that memory stays bounded.
func (t *Truth) Done(e *event.Event) {
	p := t.partitions[t.options.PartitionOf(e.Key(), t.options.Partitions)]
	t.entered = nil
	delete(p.notifications, message{e.NotificationID, e.UserID})
	delete(p.outside, e.ID)
}

// Len returns how many notifications and users are remembered.
func (t *Truth) Len() (notifications, users int) {
	for _, p := range t.partitions {
		notifications += len(p.notifications)
	}
	return notifications, len(t.users)
}

// Size returns how many label sets of how many families the truth covers.
func (t *Truth) Size() (sets, families int) {
	all := t.books()
	for _, f := range all.families() {
		sets, families = sets+len(all.sets(f)), families+1
	}
	return sets, families
}

// books returns all families at their present values. Callers must not change them.
func (t *Truth) books() books {
	if t.partitions == nil {
		return t.booked
	}
	if t.entered == nil {
		t.entered = t.enter()
	}
	return t.entered
}

// enter adds what partitions and users hold to what is counted event by event.
func (t *Truth) enter() books {
	all := t.booked.clone()
	if !t.decoded {
		all[catalog.UnknownFields.Index()] = nil // facts have none
	}
	for _, p := range t.partitions {
		p.enter(all)
	}
	enterUsers(all, t.users)
	enterTrials(all, t.users)
	return all
}

// add increases a counter.
func (t *Truth) add(c catalog.Counter, by float64, values ...string) { t.booked.add(c, by, values...) }

// observe adds a duration in seconds to a histogram or a summary.
func (t *Truth) observe(m catalog.Metric, seconds float64, values ...string) {
	t.booked.observe(m.Desc(), seconds, values)
}

// observeBetween observes the time between two times. One that would be
// negative counts as clock skew.
func (t *Truth) observeBetween(h catalog.Histogram, from, to int64, values ...string) {
	if to < from {
		t.add(catalog.EventsClockSkew, 1)
		return
	}
	t.observe(h, time.Duration(to-from).Seconds(), values...)
}
