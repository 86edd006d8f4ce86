package catalog

// Stage names a step of a notification's life. A notification reaches it at most once.
type Stage uint8

// The stages, in the order in which a notification usually reaches them. Stored
// records hold their numbers, so a new one is added at the end.
const (
	StageSent Stage = iota
	StageDelivered
	StageFailed
	StageBouncedHard
	StageBouncedSoft
	StageOpened
	// StageMachineOpened means an open by a program, such as a proxy for images.
	StageMachineOpened
	StageClicked
	StageConverted
	StageDismissed
	// StageEngaged means the first open, click, conversion or action by a person.
	StageEngaged
	// StageRecovered means a delivery after a failure or a soft bounce.
	StageRecovered
	StageComplained
	StageSuppressed
	// StageOptedOut means an opt-out that names the notification.
	StageOptedOut
	// StageMachineClicked means a click by a program, such as a scanner that follows
	// every link of a mail.
	StageMachineClicked
	// StageDeferred means a delivery that the provider puts off and will try again.
	StageDeferred
	// NumStages counts the stages.
	NumStages = iota
)

var stageNames = [NumStages]string{
	"sent", "delivered", "failed", "bounced_hard", "bounced_soft", "opened", "machine_opened", "clicked",
	"converted", "dismissed", "engaged", "recovered", "complained", "suppressed", "opted_out",
	"machine_clicked", "deferred",
}

// String returns the stage's label value.
func (s Stage) String() string { return stageNames[s] }

// EventType names the kind of an event of the contract.
type EventType uint8

// The event types of schema version 1. Stored numbers refer to them by position, so
// a new one is added at the end.
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
	// EventForget asks to forget the user with a pseudonym.
	EventForget
	EventDeferred
	// NumEventTypes counts the event types.
	NumEventTypes = iota
)

var eventNames = [NumEventTypes]string{
	"sent", "delivered", "failed", "bounced", "opened", "clicked", "converted", "dismissed",
	"complained", "suppressed", "performance", "preference_changed", "forget",
	"deferred",
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

// OfNotification reports whether events of the type belong to a notification.
func (t EventType) OfNotification() bool { return t < EventPerformance || t == EventDeferred }

// ParseEventType inverts FullName.
func ParseEventType(full string) (EventType, bool) {
	for t, name := range fullNames {
		if full == name {
			return EventType(t), true
		}
	}
	return 0, false
}

var fullNames = func() (names [NumEventTypes]string) {
	for t := range names {
		names[t] = EventType(t).FullName()
	}
	return names
}()

// Step names a step of processing that producers time.
type Step uint8

// The steps, in the order in which a notification passes them.
const (
	StepQueueWait Step = iota
	StepRender
	StepPersonalize
	StepProcess
	StepDeliver
	// NumSteps counts the steps.
	NumSteps = iota
)

var stepNames = [NumSteps]string{"queue_wait", "render", "personalize", "process", "deliver"}

// String returns the step's label value.
func (s Step) String() string { return stepNames[s] }

// Reason says why an event was rejected.
type Reason uint8

// The reasons for a rejection, as in the label reason of EventsRejected.
const (
	// ReasonNone belongs to accepted events. It has no label value.
	ReasonNone Reason = iota
	ReasonMalformedJSON
	ReasonTooLarge
	ReasonUnknownType
	ReasonMissingField
	ReasonBadTimestamp
	ReasonBadNumber
	ReasonBadID
	ReasonBadValue
	// NumReasons counts the reasons, ReasonNone included.
	NumReasons = iota
)

var reasonNames = [NumReasons]string{
	"", "malformed_json", "too_large", "unknown_type", "missing_field",
	"bad_timestamp", "bad_number", "bad_id", "bad_value",
}

// String returns the reason's label value.
func (r Reason) String() string { return reasonNames[r] }
