package fold

import (
	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// ID is the 128-bit hash of a notification id or an event id.
type ID [16]byte

// Records is what the fold remembers between events. Implementations decide
// where records live and when the old ones go; they must be deterministic in
// the order of calls.
type Records interface {
	// Notification returns the record of a notification, a new zero one where
	// there is none. The caller changes it in place until its next call. now is
	// the stream's time in nanoseconds since 1970.
	Notification(id ID, now int64) *Notification
	// User returns the record of a user, a new zero one where there is none,
	// under the same terms as Notification. Its Month is the one that the
	// record had before; the caller brings it up to date.
	User(id ID, now int64) *User
	// SeenEvent reports whether an event outside any notification was passed
	// before within the attribution window, and remembers it.
	SeenEvent(id ID, now int64) bool
	// Len returns how many records of each kind are held.
	Len() (notifications, users, events int)
}

// Context is the labels that a notification keeps from its sent event;
// metrics.None stands for what sent did not carry.
type Context struct {
	Channel, Category, Priority metrics.Symbol
	Template, Campaign          metrics.Symbol
	Platform, DeviceType        metrics.Symbol
	Experiment, Variant         metrics.Symbol
}

// nothing is the context of an event that has none.
var nothing = Context{
	Channel: metrics.None, Category: metrics.None, Priority: metrics.None, Template: metrics.None, Campaign: metrics.None,
	Platform: metrics.None, DeviceType: metrics.None, Experiment: metrics.None, Variant: metrics.None,
}

// Notification is the record of one notification: what has been counted of it
// and what later events need. Times are nanoseconds since 1970, 0 when the
// thing has not happened.
type Notification struct {
	// Known is true once the record holds an event.
	Known bool
	// Sent is true once its sent event was folded; Context is valid from then.
	Sent    bool
	Context Context
	// Provider is that of the latest event that named one.
	Provider metrics.Symbol
	// Stages is a bit set of catalog.Stage.
	Stages uint16
	// Observed is a bit set of the durations that are done, by duration index.
	Observed uint8

	// SentTime is the timestamp of the sent event, SentAt the time it names.
	SentTime, SentAt int64
	// Newest is the greatest event time so far.
	Newest int64
	// FirstFailure and LastDelivery decide whether it recovered.
	FirstFailure, LastDelivery int64
	// Pending are the ends of durations that wait for sent to come.
	Pending [numDurations]int64
	// DeliveryProvider is the provider of the first delivery.
	DeliveryProvider metrics.Symbol
	// SLOFault and SLOProvider are those of the failure booked for the objective.
	SLOBooked             bool
	SLOFault, SLOProvider metrics.Symbol

	// Hour, Weekday and Recent are the labels of its sending, valid once Sent.
	Hour, Weekday, Recent metrics.Symbol

	// Retries is the highest retryCount so far.
	Retries uint32
	// Events are hashes, of EventHashBits, of the event ids that were counted.
	Events []uint64
}

// EventHashBits is how much of an event id's hash is kept. An id is looked up
// among the handful of its own notification's events only, where two of them
// collide once in 10^13.
const EventHashBits = 48

const eventHashMask = 1<<EventHashBits - 1

// User is what is known of one user, under a pseudonym.
type User struct {
	// FirstHour and EngagedHour are when the user was first seen and last
	// engaged, in hours since 1970; 0 is never.
	FirstHour, EngagedHour int64
	// Month is when the user was last heard of, see Month.
	Month int64
	// Sends are the times of the latest sends, at most 11, ascending, in
	// nanoseconds since 1970.
	Sends []int64
	// Experiments are the experiments that the user is in.
	Experiments []ExperimentUser
	// Forgotten is the time of the user's wish to be forgotten, 0 without one.
	Forgotten int64
}

// has reports whether the stage has been reached.
func (n *Notification) has(s catalog.Stage) bool { return n.Stages&(1<<s) != 0 }

// usualEvents is how many events most notifications have at most.
const usualEvents = 4

// seen reports whether the event id was counted before, and remembers it.
func (n *Notification) seen(event uint64) bool {
	for _, e := range n.Events {
		if e == event {
			return true
		}
	}
	if n.Events == nil {
		n.Events = make([]uint64, 0, usualEvents)
	}
	n.Events = append(n.Events, event)
	return false
}
