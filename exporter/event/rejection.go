package event

import (
	"strings"
	"time"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// Rejection says why an event cannot be counted, and how to mend its producer. It may
// be logged and kept: it names the field at fault but holds no value of the event.
type Rejection struct {
	Reason catalog.Reason
	// Field holds the path of the offending field, such as
	// "data.delivery.retryCount"; empty if the whole message is at fault.
	Field string
	// Found describes what the field holds, without its value, such as "a negative
	// number"; empty if it is missing or the whole message is at fault.
	Found string
	// Send says what to send instead, such as "a whole number below 1000000".
	Send string
	// Ahead says by how much the event's time is ahead of the stream's, or behind it if
	// negative. It is 0 unless the time is outside the Window.
	Ahead time.Duration
}

// Error describes the rejection: reason, then field.
func (r *Rejection) Error() string {
	if r.Field == "" {
		return r.Reason.String()
	}
	return r.Reason.String() + ": " + r.Field
}

// What to send instead of a value at fault.
const (
	sendSmaller   = "a message of at most 65536 bytes"
	sendJSON      = "one JSON object in UTF-8, each field once, nested at most 32 deep"
	sendField     = "the field: events of this type need it"
	sendEventType = "an event type of the contract, such as notification.sent"
	sendID        = "1 to 512 bytes of printable characters, or a whole number of at most 39 digits"
	sendText      = "a string, or a number"
	sendTime      = "a time with its offset, such as 2026-11-23T02:58:53Z, or Unix seconds or milliseconds"
	sendRecent    = "the time when it happened, by a clock that is right"
	sendObject    = "an object"
	sendList      = "a list of at most 1000 entries"
	sendFlag      = "true or false"
	sendUserHash  = "32 lower-case hexadecimal digits"
)

// kinds describes the types of JSON.
var kinds = map[jx.Type]string{
	jx.String: "a string", jx.Number: "a number", jx.Bool: "a boolean", jx.Array: "a list", jx.Object: "an object",
}

// note keeps a fault if it is graver than the one so far: its reason comes earlier
// in the catalogue.
func (d *Decoder) note(r Rejection) {
	if d.outranked(r.Reason) {
		d.fault = r
	}
}

// faultHere notes a fault of the value being read, which is of the wrong type.
func (d *Decoder) faultHere(r catalog.Reason, send string) { d.faultOf(r, kinds[d.kind], send) }

// faultOf notes a fault of the value being read. found describes the value.
func (d *Decoder) faultOf(r catalog.Reason, found, send string) {
	if d.outranked(r) {
		d.fault = Rejection{Reason: r, Field: strings.Join(append(d.path, d.key), "."), Found: found, Send: send}
	}
}

func (d *Decoder) outranked(by catalog.Reason) bool {
	return d.fault.Reason == catalog.ReasonNone || by < d.fault.Reason
}

// reject notes that the value at hand is of the wrong type, and skips it.
func (d *Decoder) reject(r catalog.Reason, send string) error {
	d.faultHere(r, send)
	return skip(&d.js, 0)
}

// rejection returns a copy of the gravest fault, which may be a part of the message.
func (d *Decoder) rejection() *Rejection {
	r := d.fault
	r.Field = strings.Clone(r.Field)
	return &r
}
