// Package event turns the JSON of one message into an Event, or into the one
// reason why it cannot be counted.
//
// Decode reads the whole contract of schema version 1 (nats/event.schema.json
// is the same contract for producers in other languages), in its nested and
// its flat form, without allocating. Nothing in this package looks at a clock:
// an event's age is checked against the stream's own time, which the caller
// passes in, so a replay decides exactly as the first reading did.
package event

import "belfry/exporter/catalog"

// Event is one accepted event. Its strings are parts of the message that it
// was decoded from and stay valid as long as that message is not overwritten;
// clone what is kept. The zero value of a field means that the event did not
// carry it; numbers whose zero means something come as Seconds or Count.
type Event struct {
	// ID is the event's own id; the same id counts once.
	ID string
	// Type is the event type.
	Type catalog.EventType
	// Time is when it happened, in nanoseconds since 1970.
	Time int64
	// ReceivedAt is when the stream got it, in nanoseconds since 1970, as
	// recorded input states it; 0 when it does not.
	ReceivedAt int64
	// NotificationID is empty on system events and on preference changes that
	// name no notification.
	NotificationID string
	// UserID is personal: it must never leave the process in the clear.
	UserID string

	Channel      string
	Category     string
	Priority     string
	Template     string
	TemplateName string
	Campaign     string
	Provider     string
	Platform     string
	DeviceType   string
	// Timezone is an IANA name such as "Europe/Berlin".
	Timezone   string
	Experiment string
	Variant    string

	ErrorCode string
	// BounceType is "hard", "soft" or empty; empty on all but bounces.
	BounceType string
	// Reason is one of catalog.SuppressionReasons.
	Reason string
	// Change is one of catalog.PreferenceChanges.
	Change string
	// UserHash is the pseudonym of the user to forget; set on user.forget only.
	UserHash [UserHashSize]byte
	// RetryCount is the producer's running count of retries.
	RetryCount Count
	// Machine marks an open by a mail proxy or scanner, not by a person.
	Machine bool
	// Actions are the types of actionsTaken, catalog.Unknown for an action
	// without a type.
	Actions []string

	// The times of the delivery and engagement blocks, in nanoseconds since
	// 1970; 0 when absent or sent as a zero placeholder.
	SentAt, DeliveredAt, FailedAt                 int64
	OpenedAt, ClickedAt, ConvertedAt, DismissedAt int64
	// DeliveryLatency and the TimeTo fields are the producer's own durations, the
	// latter known only above 0.
	DeliveryLatency                        Seconds
	TimeToOpen, TimeToClick, TimeToConvert Seconds

	// Steps are the processing times by catalog.Step: queueWaitTime,
	// templateRenderTime, personalizationTime, processingTime, deliveryTime.
	Steps [catalog.NumSteps]Seconds

	Cost  Money
	Value Money

	// System is set on system.performance only; its slices are reused by the
	// next Decode into the same Event.
	System System
}

// Seconds is a duration that may be absent. Producers send milliseconds.
type Seconds struct {
	Value float64
	Known bool
}

// Count is a non-negative whole number that may be absent.
type Count struct {
	Value uint32
	Known bool
}

// Value is a ratio, a number of bytes or another measured value that may be
// absent.
type Value struct {
	Value float64
	Known bool
}

// Money is an amount with its ISO 4217 currency, which is catalog.Unknown where
// the producer named none. An empty currency means that there is no amount.
type Money struct {
	Amount   float64
	Currency string
}

// System is the health that one component reports.
type System struct {
	Component, Node string
	// CPU, MemoryRatio and DiskRatio are ratios, Memory is bytes, Network bytes
	// per second. CPU passes 1 where a component counts several processors.
	CPU, Memory, MemoryRatio, DiskRatio, Network Value
	Queues                                       []Queue
	DeadLetters                                  []Queue
	Services                                     []Service
}

// Queue is the depth of a queue or of a dead-letter queue.
type Queue struct {
	// Name is catalog.Unknown where the producer gave none; so is a service's.
	Name     string
	Messages Value
	// OldestAge is the age of its oldest message; never known for dead letters.
	OldestAge Seconds
}

// Service is the use of one external service since the component's last report.
type Service struct {
	Name string
	// Requests and Errors are counts since the last report. Errors are among
	// the Requests, but can outnumber them: those of requests that the report
	// before has counted.
	Requests, Errors float64
	// Durations are samples of request time in seconds.
	Durations             []float64
	QuotaUsed, QuotaLimit Value
}

// Key is what the event's partition is computed from: the component of a
// system event, the user id of every other. That of user.forget is empty: who
// published it knew the user, and nobody else does.
func (e *Event) Key() string {
	if e.Type == catalog.EventPerformance {
		return e.System.Component
	}
	return e.UserID
}

// Rejection says why an event cannot be counted. It holds no value of the
// event, only where the fault is, so it may be logged and kept.
type Rejection struct {
	Reason catalog.Reason
	// Field is the path of the offending field, such as
	// "data.delivery.retryCount"; empty when the whole message is at fault.
	Field string
}

// Error describes the rejection: reason, then field.
func (r *Rejection) Error() string {
	if r.Field == "" {
		return r.Reason.String()
	}
	return r.Reason.String() + ": " + r.Field
}
