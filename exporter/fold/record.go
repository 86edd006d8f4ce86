package fold

import (
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/metrics"
)

// ID holds the 128 bits that identify a record: the salted hash of a notification id and
// a user id, or of an event id; or the pseudonym of a user.
type ID [16]byte

// Records stores what the fold remembers between events. Implementations decide
// where records live and when the old ones go. The same calls in the same order
// must give the same results.
type Records interface {
	// Notification returns the record of a notification to a user, a zero one if
	// there is none. The caller may change it in place until the next call. now is
	// Clock.Latest, in nanoseconds since 1970.
	Notification(id ID, now int64) *Notification
	// Adopt fills the record that Notification has just returned, a zero one, with the one
	// that a version before salts kept under the plain hash. That one is gone then. It
	// returns false if there is none.
	Adopt(id, plain ID, now int64) bool
	// Earlier returns the record that an earlier version kept of a notification id,
	// for all its recipients together, on the same terms. It returns nil if there is
	// none.
	Earlier(id ID, now int64) *Notification
	// User returns the record of a user on the same terms. Its Month is that of the
	// call before; the caller brings it up to date.
	User(id ID, now int64) *User
	// SeenEvent reports whether it was called with the same id within the attribution
	// window before, and remembers the id. It is for events without a notification.
	SeenEvent(id ID, now int64) bool
	// SeenPlain reports whether a version before salts remembered an event id under the
	// plain hash.
	SeenPlain(plain ID, now int64) bool
	// Len returns how many records of each kind are held.
	Len() (notifications, users, events int)
}

// Context holds the labels that a notification keeps: those of its sent event or,
// until that comes, what earlier events carried. metrics.None stands for what none
// of them did.
type Context struct {
	Channel, Category, Priority metrics.Symbol
	Template, Campaign          metrics.Symbol
	Platform, DeviceType        metrics.Symbol
	Experiment, Variant         metrics.Symbol
	// Country and AppVersion stay metrics.None unless their families count.
	Country, AppVersion metrics.Symbol
}

// NoContext stands for a context of which nothing is known.
var NoContext = Context{
	Channel: metrics.None, Category: metrics.None, Priority: metrics.None,
	Template: metrics.None, Campaign: metrics.None, Platform: metrics.None, DeviceType: metrics.None,
	Experiment: metrics.None, Variant: metrics.None, Country: metrics.None, AppVersion: metrics.None,
}

// OptionalSymbols counts the labels at the end of Context.Symbols that only optional
// families have.
const OptionalSymbols = 2

// Symbols returns the labels of a context in the order in which they are stored.
func (c *Context) Symbols() [11]*metrics.Symbol {
	return [...]*metrics.Symbol{
		&c.Channel, &c.Category, &c.Priority, &c.Template, &c.Campaign,
		&c.Platform, &c.DeviceType, &c.Experiment, &c.Variant,
		&c.Country, &c.AppVersion,
	}
}

// or fills what c lacks from another context. The variant of another experiment says
// nothing; one without an experiment belongs to that of the notification.
func (c Context) or(other Context) Context {
	if c.Experiment != metrics.None && other.Experiment != metrics.None && other.Experiment != c.Experiment {
		other.Variant = metrics.None
	}
	from := other.Symbols()
	for i, to := range c.Symbols() {
		if *to == metrics.None {
			*to = *from[i]
		}
	}
	return c
}

// learnArm takes experiment and variant from a context that c completes, if c has one
// of the two without the other.
func (c *Context) learnArm(from Context) {
	if (c.Experiment == metrics.None) != (c.Variant == metrics.None) {
		c.Experiment, c.Variant = from.Experiment, from.Variant
	}
}

// Notification records what has been counted of one notification and what later
// events need. Times are nanoseconds since 1970; 0 means that it has not happened.
type Notification struct {
	// Known turns true with the first event.
	Known bool
	// Sent turns true with the sent event.
	Sent    bool
	Context Context
	// Provider comes from the latest event that named one.
	Provider metrics.Symbol
	// Stages holds a bit for each catalog.Stage.
	Stages uint32
	// Observed holds a bit for each duration that is done.
	Observed uint8

	// SentTime holds the timestamp of the sent event, SentAt the time that it names.
	SentTime, SentAt int64
	// Newest holds the greatest event time so far.
	Newest int64
	// FirstFailure and LastDelivery decide whether it recovered.
	FirstFailure, LastDelivery int64
	// Pending holds the ends of durations that wait for sent.
	Pending [numDurations]int64
	// DeliveryProvider comes from the first delivery.
	DeliveryProvider metrics.Symbol
	// SLOFault, SLOChannel and SLOProvider are the labels of the failure that counts
	// for the objective, which a recovery takes back.
	SLOBooked                         bool
	SLOFault, SLOChannel, SLOProvider metrics.Symbol

	// Hour, Weekday and Recent describe the send. They are valid once Sent.
	Hour, Weekday, Recent metrics.Symbol

	// Retries holds the highest retryCount so far.
	Retries uint32
	// Events holds salted hashes, of EventHashBits, of the latest MaxEvents event ids that
	// were counted, oldest first.
	Events []uint64
}

// EventHashBits says how much of an event id's hash is kept. Ids are compared within
// one notification's handful of events only, where two collide once in 10^13.
const EventHashBits = 48

const eventHashMask = 1<<EventHashBits - 1

// User records what is known of one user, under a pseudonym.
type User struct {
	// FirstHour and EngagedHour say when the user was first seen and last engaged, in
	// hours since 1970; 0 is never.
	FirstHour, EngagedHour int64
	// EngagedDays holds a bit for each of the last days on which the user engaged: bit 0
	// for the day of EngagedHour, bit n for the nth day before.
	EngagedDays uint64
	// Month says when the last event about the user came, see the function Month.
	Month int64
	// Sends holds the times of the latest sends, at most 11, ascending, in
	// nanoseconds since 1970.
	Sends []int64
	// Experiments lists the experiments that the user is in.
	Experiments []ExperimentUser
	// Forgotten says when the user asked to be forgotten, 0 for never.
	Forgotten int64
}

// newNotification returns the record of a notification of which nothing is known.
func newNotification() Notification {
	return Notification{Known: true, Context: NoContext, Provider: metrics.None}
}

// has reports whether the stage has been reached.
func (n *Notification) has(s catalog.Stage) bool { return n.Stages&(1<<s) != 0 }

const (
	// Most notifications have no more than usualEvents events.
	usualEvents = 4
	// MaxEvents limits how many event ids of one notification are remembered. More come
	// from a producer that gives one id to everything.
	MaxEvents = 256
)

// seen reports whether the event id was counted before. If not it remembers the id, and
// forgets the oldest ones beyond limit.
func (n *Notification) seen(event uint64, limit int) (seen bool, forgotten int) {
	for _, e := range n.Events {
		if e == event {
			return true, 0
		}
	}
	if n.Events == nil {
		n.Events = make([]uint64, 0, usualEvents)
	}
	forgotten = max(0, len(n.Events)+1-limit) // earlier versions kept all
	n.Events = append(slices.Delete(n.Events, 0, forgotten), event)
	return false, forgotten
}
