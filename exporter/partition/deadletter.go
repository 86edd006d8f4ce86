package partition

import (
	"fmt"
	"time"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
	"belfry/nats"
)

// DeadLetter describes, as JSON in the dead-letter stream, an event that could
// not be counted: the reason and the names and types of its fields, but none of
// their values. The event itself stays in its own stream until that drops it.
type DeadLetter struct {
	// Reason holds one of the values of catalog.LabelRejection. Field holds the
	// path of the wrong field, or is empty if the whole message is wrong.
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	// Found describes what the field holds, and Send says what to send instead. They
	// are missing in letters of earlier versions.
	Found string `json:"found,omitempty"`
	Send  string `json:"send,omitempty"`
	// Event holds the event type in the message's subject, without its prefix;
	// catalog.Other if the subject has no valid one.
	Event string `json:"event"`
	// Partition, Sequence and StreamTime, the time at which the stream received
	// it, identify the event. A stream that was deleted and created again has
	// other messages at the same sequences, at other times.
	Partition  int       `json:"partition"`
	Sequence   uint64    `json:"sequence"`
	StreamTime time.Time `json:"streamTime"`
	// Size counts the bytes of the message.
	Size int `json:"size"`
	// Seal shows the exporter that it wrote the letter itself: see deadLetters.seal. Letters
	// of earlier versions have none.
	Seal string `json:"seal,omitempty"`
	// Fields lists its fields without their values. A name that the schema of events does
	// not know could be a user's id. It is listed as unknown-1f2e3d4c-17, with a keyed
	// hash, which is the same for the same name, and its length in bytes.
	Fields []event.FieldShape `json:"fields,omitempty"`
}

// newDeadLetter describes a message. fieldName returns what to show of a field's name.
func newDeadLetter(
	partition int, m *nats.Message, why *event.Rejection, fieldName func(string) string,
) DeadLetter {
	return DeadLetter{
		Reason: why.Reason.String(), Field: why.Field, Found: why.What(m.Data), Send: why.Send,
		Event: eventOf(m.Subject), Partition: partition, Sequence: m.Sequence,
		StreamTime: time.Unix(0, m.Time).UTC(), Size: len(m.Data), Fields: event.Shape(m.Data, fieldName),
	}
}

// eventOf returns the event type at the end of a subject. Anything else that
// stands there could identify a user, so it becomes catalog.Other.
func eventOf(subject string) string {
	if _, name, err := nats.ParseSubject(subject); err == nil && catalog.LabelEvent.Known(name) {
		return name
	}
	return catalog.Other
}

// ID identifies the event, also among streams that had the same sequence. The
// dead letter is published with it as Nats-Msg-Id, so that the stream keeps it
// once.
func (l *DeadLetter) ID() string {
	return fmt.Sprintf("%d-%d-%d", l.Partition, l.Sequence, l.StreamTime.UnixNano())
}
