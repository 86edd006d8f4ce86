package event

import (
	"strings"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// MaxSize is the largest message in bytes that Decode reads.
const MaxSize = 64 << 10

// Decoder turns messages into events. It keeps only scratch space between
// calls, so one Decoder serves any number of messages, one at a time.
//
// The event, or the reason for its rejection, does not depend on the order of
// the fields:
//
//   - null is the same as absent, everywhere. So is an empty string, and in the
//     …At and timeTo… fields a zero.
//   - The fields of delivery and engagement may also stand in data itself; where
//     both forms hold a value, the nested one wins. In the same way
//     performanceMetrics wins over performance, and resources over resourceUsage.
//   - A field is read on the event types that have it: reason on suppressed
//     events, change on preference changes, bounceType on bounces, and the
//     blocks of system.performance there. Elsewhere its value is not looked at.
//   - Two values for one field in one object are malformed JSON, as in RFC 7493:
//     readers disagree on which counts, so none does. Null is no value.
//   - Of several faults the one whose reason comes first in the catalogue is
//     given, and of several with that reason the first one found. A message that
//     is too large is not read at all, nor is the data of an unknown event type
//     beyond being JSON.
type Decoder struct {
	channels []string

	js jx.Decoder
	e  *Event

	// key is the field being read, path the fields around it, and kind the type
	// of the value at hand.
	key  string
	path []string
	kind jx.Type
	// seen holds the fields met in the object being read.
	seen fieldSet
	// weight is that of the form being read, held the heaviest form in which
	// each field has a value so far.
	weight weight
	held   [numFields]weight

	// fault is the gravest fault so far.
	fault   Rejection
	unknown []string

	// typed says that the event type is known. Data that comes before it is
	// skipped and read from postponed at the end.
	typed     bool
	postponed jx.Decoder
	hasData   bool
}

// NewDecoder returns a Decoder that knows the given channels; nil means
// catalog.Channels.
func NewDecoder(channels []string) *Decoder {
	if channels == nil {
		channels = catalog.Channels
	}
	return &Decoder{channels: channels, unknown: make([]string, 0, maxUnknown)}
}

// Decode reads one message into e and returns nil, or the reason why the
// message cannot be counted; e then holds nothing of use. All of e is
// overwritten and its slices are reused. The strings of e are parts of data,
// except those written with escapes and those of closed sets.
func (d *Decoder) Decode(data []byte, e *Event) *Rejection {
	d.reset(data, e)
	if len(data) > MaxSize {
		return &Rejection{Reason: catalog.ReasonTooLarge}
	}
	if !utf8.Valid(data) || d.message() != nil {
		// A field given twice has said where; a syntax error has no field.
		d.note(catalog.ReasonMalformedJSON, "")
		return d.rejection()
	}
	d.require()
	if d.fault.Reason != catalog.ReasonNone {
		return d.rejection()
	}
	d.complete()
	return nil
}

// UnknownFields returns the names of fields that the contract does not know,
// each once and at most 16, as met in the last Decode. The strings are parts of
// its message and the slice is reused by the next.
func (d *Decoder) UnknownFields() []string { return d.unknown }

// rejection is the gravest fault, in memory of its own.
func (d *Decoder) rejection() *Rejection {
	return &Rejection{Reason: d.fault.Reason, Field: strings.Clone(d.fault.Field)}
}

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
	d.fault, d.unknown = Rejection{}, d.unknown[:0]
	d.typed, d.hasData = false, false
}

// message reads the whole message. Its error means that the message is not one
// JSON object; every other fault is noted.
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
	name, err := d.str(fieldEventType, catalog.ReasonUnknownType)
	if err != nil || name == "" {
		return err
	}
	d.keep(fieldEventType)
	if d.e.Type, d.typed = catalog.ParseEventType(name); !d.typed {
		d.faultHere(catalog.ReasonUnknownType)
	}
	return nil
}

// dataOrPostpone reads data if it is known whose data it is.
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

// complete derives what the contract writes in more than one way.
func (d *Decoder) complete() {
	e := d.e
	if e.Type == catalog.EventPerformance || e.Type == catalog.EventForget {
		e.NotificationID = ""
	}
	e.Experiment, e.Variant = splitVariant(e.Experiment, e.Variant)
}
