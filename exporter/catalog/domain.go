package catalog

// Stage is a step of a notification's life that it reaches at most once.
type Stage uint8

// The stages, in the order in which a notification usually reaches them.
const (
	StageSent Stage = iota
	StageDelivered
	StageFailed
	StageBouncedHard
	StageBouncedSoft
	StageOpened
	StageMachineOpened
	StageClicked
	StageConverted
	StageDismissed
	// StageEngaged is the first human open, click, conversion or action.
	StageEngaged
	// StageRecovered is a delivery after a failure or a soft bounce.
	StageRecovered
	StageComplained
	StageSuppressed
	// StageOptedOut is a preference change that names the notification.
	StageOptedOut
	// NumStages is the number of stages.
	NumStages = iota
)

var stageNames = [NumStages]string{
	"sent", "delivered", "failed", "bounced_hard", "bounced_soft", "opened", "machine_opened", "clicked",
	"converted", "dismissed", "engaged", "recovered", "complained", "suppressed", "opted_out",
}

// String returns the stage's label value.
func (s Stage) String() string { return stageNames[s] }

// EventType is the kind of one event of the contract.
type EventType uint8

// The event types of schema version 1.
const (
	EventSent EventType = iota
	EventDelivered
	EventFailed
	EventBounced
	EventOpened
	EventClicked
	EventConverted
	EventDismissed
	EventComplained
	EventSuppressed
	EventPerformance
	EventPreferenceChanged
	// EventForget is the wish of a user to be forgotten, under the user's
	// pseudonym.
	EventForget
	// NumEventTypes is the number of event types.
	NumEventTypes = iota
)

var eventNames = [NumEventTypes]string{
	"sent", "delivered", "failed", "bounced", "opened", "clicked", "converted", "dismissed",
	"complained", "suppressed", "performance", "preference_changed", "forget",
}

// String returns the event type without its prefix, as in the label event and
// at the end of a subject: "delivered", "performance", "preference_changed".
func (t EventType) String() string { return eventNames[t] }

// FullName returns the event type as events spell it, for example
// "notification.delivered".
func (t EventType) FullName() string {
	switch t {
	case EventPerformance:
		return "system." + t.String()
	case EventPreferenceChanged, EventForget:
		return "user." + t.String()
	default:
		return "notification." + t.String()
	}
}

// OfNotification reports whether events of the type belong to one notification.
func (t EventType) OfNotification() bool { return t < EventPerformance }

// ParseEventType is the inverse of FullName.
func ParseEventType(full string) (EventType, bool) {
	t, ok := eventTypes[full]
	return t, ok
}

var eventTypes = func() map[string]EventType {
	types := make(map[string]EventType, NumEventTypes)
	for t := EventType(0); t < NumEventTypes; t++ {
		types[t.FullName()] = t
	}
	return types
}()

// Step is a step of processing that producers time.
type Step uint8

// The steps, in the order in which a notification passes them.
const (
	StepQueueWait Step = iota
	StepRender
	StepPersonalize
	StepProcess
	StepDeliver
	// NumSteps is the number of steps.
	NumSteps = iota
)

var stepNames = [NumSteps]string{"queue_wait", "render", "personalize", "process", "deliver"}

// String returns the step's label value.
func (s Step) String() string { return stepNames[s] }

// Reason is why an event was rejected.
type Reason uint8

// The reasons for a rejection, as in the label reason of EventsRejected.
const (
	// ReasonNone is the reason of an accepted event; it has no label value.
	ReasonNone Reason = iota
	ReasonMalformedJSON
	ReasonTooLarge
	ReasonUnknownType
	ReasonMissingField
	ReasonBadTimestamp
	ReasonBadNumber
	ReasonBadID
	ReasonBadValue
	// NumReasons is the number of reasons, ReasonNone included.
	NumReasons = iota
)

var reasonNames = [NumReasons]string{
	"", "malformed_json", "too_large", "unknown_type", "missing_field", "bad_timestamp", "bad_number", "bad_id", "bad_value",
}

// String returns the reason's label value.
func (r Reason) String() string { return reasonNames[r] }
