// Package event turns the JSON of one message into an Event, or into the one reason
// why it cannot be counted.
//
// Decode reads the whole contract of schema version 1, in its nested and its flat
// form, without allocating. Producers differ in form more than in meaning, so it also
// takes a value whose meaning is clear in another form, such as a number as text, and
// reports the field as repaired. nats/event.schema.json states the same contract for
// producers in other languages. Nothing in this package looks at a clock: the caller
// passes the stream's time against which an event's age is checked, so a replay
// decides exactly as the first reading did.
package event

import "belfry/exporter/catalog"

// Event holds one accepted event. Its strings are parts of the message that it was
// decoded from and stay valid until that message is overwritten; clone what you
// keep. The zero value of a field means that the event did not carry it; numbers
// whose zero means something come as Seconds or Count.
type Event struct {
	// ID identifies the event. The same id counts once.
	ID string
	// Type says what happened.
	Type catalog.EventType
	// Time says when it happened, in nanoseconds since 1970.
	Time int64
	// ReceivedAt says when the stream got it, in nanoseconds since 1970, as recorded
	// input states it; 0 if it does not.
	ReceivedAt int64
	// NotificationID stays empty on system events and on preference changes without
	// a notification.
	NotificationID string
	// UserID identifies a person. It must never leave the process in the clear.
	UserID string

	// Channel and Priority hold one of the known values, or catalog.Other.
	Channel      string
	Category     string
	Priority     string
	Template     string
	TemplateName string
	Campaign     string
	Provider     string
	Platform     string
	DeviceType   string
	// Timezone holds an IANA name such as "Europe/Berlin".
	Timezone string
	// Country holds an ISO 3166-1 alpha-2 code in upper case, AppVersion the version of
	// the user's app, or catalog.Other for what does not look like one.
	Country    string
	AppVersion string
	Experiment string
	Variant    string

	ErrorCode string
	// BounceType holds "hard" or "soft" on bounces, and is empty elsewhere.
	BounceType string
	// Reason holds one of catalog.SuppressionReasons.
	Reason string
	// Change holds one of catalog.PreferenceChanges.
	Change string
	// UserHash holds the pseudonym of the user to forget, on user.forget only.
	UserHash [UserHashSize]byte
	// RetryCount holds the producer's running count of retries.
	RetryCount Count
	// Machine marks what a mail proxy or a scanner did, not a person.
	Machine bool
	// Actions lists the types of actionsTaken, catalog.Unknown for an action without a
	// type.
	Actions []string

	// The times of the delivery and engagement blocks, in nanoseconds since 1970; 0
	// if absent or sent as a zero placeholder.
	SentAt, DeliveredAt, FailedAt                 int64
	OpenedAt, ClickedAt, ConvertedAt, DismissedAt int64
	// DeliveryLatency and the TimeTo fields hold the durations that the producer
	// measured. The latter are known only above 0.
	DeliveryLatency                        Seconds
	TimeToOpen, TimeToClick, TimeToConvert Seconds

	// Steps holds the processing times by catalog.Step: queueWaitTime,
	// templateRenderTime, personalizationTime, processingTime, deliveryTime.
	Steps [catalog.NumSteps]Seconds

	Cost  Money
	Value Money

	// System is for system.performance only. The next Decode into the same Event
	// reuses its slices.
	System System
}

// Seconds holds a duration that may be absent. Producers send milliseconds.
type Seconds struct {
	Value float64
	Known bool
}

// Count holds a non-negative whole number that may be absent.
type Count struct {
	Value uint32
	Known bool
}

// Value holds a ratio, a number of bytes or another measured value that may be
// absent.
type Value struct {
	Value float64
	Known bool
}

// Money holds an amount and its ISO 4217 currency, catalog.Unknown if the producer
// named none. An empty currency means that there is no amount.
type Money struct {
	Amount   float64
	Currency string
}

// System holds what one component reports about its health.
type System struct {
	Component, Node string
	// CPU, MemoryRatio and DiskRatio are ratios. Memory is in bytes, Network in bytes
	// per second. CPU can exceed 1 on a component with several processors.
	CPU, Memory, MemoryRatio, DiskRatio, Network Value
	Queues                                       []Queue
	DeadLetters                                  []Queue
	Services                                     []Service
}

// Queue holds the depth of a queue or of a dead-letter queue.
type Queue struct {
	// Name defaults to catalog.Unknown, as that of a service.
	Name     string
	Messages Value
	// OldestAge holds the age of its oldest message. Dead letters have none.
	OldestAge Seconds
}

// Service holds the use of one external service since the component's last report.
type Service struct {
	Name string
	// Requests and Errors count since the last report. Errors are part of Requests,
	// but can outnumber them if they belong to requests of the report before.
	Requests, Errors float64
	// Durations holds samples of request time in seconds.
	Durations             []float64
	QuotaUsed, QuotaLimit Value
}

// Key returns what the event's partition is computed from: the component of a system
// event, the user id of every other. That of user.forget is empty, because only its
// publisher knew the user id.
func (e *Event) Key() string {
	if e.Type == catalog.EventPerformance {
		return e.System.Component
	}
	return e.UserID
}
