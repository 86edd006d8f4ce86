package event

import (
	"unicode/utf8"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// MaxSize limits the size in bytes of messages that Decode reads.
const MaxSize = 64 << 10

// Decoder turns messages into events. It keeps only scratch space between calls, so
// one Decoder serves any number of messages, one at a time.
//
// The event, or the reason for its rejection, does not depend on the order of
// the fields:
//
//   - null means absent, everywhere. So does an empty string, and in the …At and
//     timeTo… fields a zero.
//   - A value whose meaning is clear in another form is read, and its field listed by
//     Repairs: a number as text, an id or a code as a number, Unix time, another
//     spelling of a known value, a list of categories. Unknown channels, priorities
//     and reasons become catalog.Other.
//   - The fields of delivery and engagement may also stand in data itself. If both
//     forms hold a value, the nested one wins. In the same way
//     performanceMetrics wins over performance, and resources over resourceUsage.
//   - A field is read only on the event types that have it: reason on suppressed
//     events, change on preference changes, bounceType on bounces, and the
//     blocks of system.performance there. Elsewhere its value is ignored.
//   - Two values for one field in one object are malformed JSON, as in RFC 7493,
//     because readers disagree on which counts. Null is not a value.
//   - Of several faults, Decode reports the one whose reason comes first in the
//     catalogue, and of several with that reason the first one found. A message that
//     is too large is not read at all. The data of an unknown event type must be
//     JSON and is not read further.
type Decoder struct {
	channels *choice
	asBefore bool // see ReadAsBefore

	js jx.Decoder
	e  *Event

	// key names the field being read, path the fields around it, and kind the type of
	// its value.
	key  string
	path []string
	kind jx.Type
	// seen holds the fields met in the object being read.
	seen fieldSet
	// weight belongs to the form being read. held holds the heaviest form in which
	// each field has a value so far.
	weight weight
	held   [numFields]weight

	// fault holds the gravest fault so far.
	fault   Rejection
	unknown []string
	repairs []string

	// typed turns true once the event type is known. Data before it is skipped, and
	// read from postponed at the end.
	typed     bool
	postponed jx.Decoder
	hasData   bool
}

// NewDecoder returns a Decoder that knows the given channels; any other one becomes
// catalog.Other. Nil means catalog.Channels.
func NewDecoder(channels []string) *Decoder {
	if channels == nil {
		channels = catalog.Channels
	}
	return &Decoder{channels: choose(channels, catalog.Other), unknown: make([]string, 0, maxUnknown)}
}

// Decode reads one message into e. It returns nil, or the reason why the message
// cannot be counted; the content of e is undefined then. Decode overwrites all of e
// and reuses its slices. The strings of e are parts of data, except those written
// with escapes, those of closed sets, and some that were repaired.
func (d *Decoder) Decode(data []byte, e *Event) *Rejection {
	d.reset(data, e)
	if len(data) > MaxSize {
		return &Rejection{Reason: catalog.ReasonTooLarge, Send: sendSmaller}
	}
	if !utf8.Valid(data) || d.message() != nil {
		// A field given twice has noted its name; a syntax error has no field.
		d.note(Rejection{Reason: catalog.ReasonMalformedJSON, Send: sendJSON})
		return d.rejection()
	}
	d.require()
	if d.fault.Reason != catalog.ReasonNone {
		return d.rejection()
	}
	d.complete()
	return nil
}

// UnknownFields returns the names of fields in the last message that the contract
// does not know, each once and at most 16. The strings are parts of the message, and
// the next Decode reuses the slice.
func (d *Decoder) UnknownFields() []string { return d.unknown }

// Repairs returns the names of fields in the last message whose values were right in
// meaning but not in form, each once. They are among catalog.RepairedFields. The next
// Decode reuses the slice.
func (d *Decoder) Repairs() []string { return d.repairs }

func (d *Decoder) reset(data []byte, e *Event) {
	*e = Event{Actions: e.Actions[:0], System: System{
		Queues:      e.System.Queues[:0],
		DeadLetters: e.System.DeadLetters[:0],
		Services:    e.System.Services[:0],
	}}
	d.e = e
	d.js.ResetBytes(data)
	d.path, d.key = d.path[:0], ""
	d.seen, d.held, d.weight = fieldSet{}, [numFields]weight{}, weightNested
	d.unknown, d.repairs = d.unknown[:0], d.repairs[:0]
	if d.fault.Reason != catalog.ReasonNone {
		d.fault = Rejection{}
	}
	d.typed, d.hasData = false, false
}

// message reads the whole message. It returns an error if the message is not one
// JSON object, and notes every other fault.
func (d *Decoder) message() error {
	if err := d.members(d.envelopeMember); err != nil {
		return err
	}
	if !atEnd(&d.js) {
		return errTrailing
	}
	if d.typed && d.hasData {
		d.js, d.key = d.postponed, "data"
		d.kind = d.js.Next()
		return d.data()
	}
	return nil
}

func (d *Decoder) envelopeMember(key string) error {
	switch key {
	case "eventId":
		return d.id(fieldEventID, &d.e.ID)
	case "eventType":
		return d.eventType()
	case "timestamp":
		return d.timestamp()
	case "notificationId":
		return d.id(fieldNotificationID, &d.e.NotificationID)
	case "userId":
		return d.id(fieldUserID, &d.e.UserID)
	case "receivedAt":
		return d.instant(fieldReceivedAt, &d.e.ReceivedAt)
	case "data":
		return d.dataOrPostpone()
	case "metadata":
		return d.block(fieldMetadata, weightNested, d.ignore)
	default:
		return d.unknownMember(key)
	}
}

func (d *Decoder) eventType() error {
	name, err := d.str(fieldEventType, catalog.ReasonUnknownType, sendEventType)
	if err != nil || name == "" {
		return err
	}
	d.keep(fieldEventType)
	if d.e.Type, d.typed = catalog.ParseEventType(name); !d.typed || d.asBefore && d.e.Type == catalog.EventDeferred {
		d.typed = false
		d.faultOf(catalog.ReasonUnknownType, "another event type", sendEventType)
	}
	return nil
}

// dataOrPostpone reads data if the event type is known.
func (d *Decoder) dataOrPostpone() error {
	if err := d.once(fieldData); err != nil {
		return err
	}
	if d.typed {
		return d.data()
	}
	d.postponed, d.hasData = d.js, true
	return skip(&d.js, 0)
}

// complete unifies what the contract allows to be written in several ways.
func (d *Decoder) complete() {
	e := d.e
	if e.Type == catalog.EventPerformance || e.Type == catalog.EventForget {
		e.NotificationID = ""
	}
	e.Experiment, e.Variant = splitVariant(e.Experiment, e.Variant)
}
