package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"
	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
)

// Explain says in one line what is wrong with the message and what to send instead:
//
//	data.retryCount: found a negative number, send a whole number from 0 to below 1000000
//
// It looks into the message, if it is not nil, only for where it stops being JSON. Like
// the rejection it holds no value of the event.
func (r *Rejection) Explain(message []byte) string {
	field := r.Field
	if field == "" {
		field = "message"
	}
	if r.Reason == catalog.ReasonMissingField {
		return fmt.Sprintf("%s: missing, send %s", field, r.Send)
	}
	return fmt.Sprintf("%s: found %s, send %s", field, r.What(message), r.Send)
}

// What describes what was found, without its value: for a time outside the window how
// far away, for a message that is not JSON where that begins. It is empty for a
// missing field.
func (r *Rejection) What(message []byte) string {
	switch {
	case r.Ahead > 0:
		return "a time " + roughly(r.Ahead) + " ahead of the stream's time"
	case r.Ahead < 0:
		return "a time " + roughly(-r.Ahead) + " before the stream's time"
	case r.Found != "":
		return r.Found
	case r.Reason == catalog.ReasonTooLarge:
		return fmt.Sprintf("more than %d bytes", MaxSize)
	case r.Reason == catalog.ReasonMalformedJSON:
		return broken(message)
	default:
		return ""
	}
}

// broken says why a message is not one JSON object that can be read.
func broken(message []byte) string {
	if message == nil {
		return "text that is not such JSON"
	}
	if at := notUTF8(message); at >= 0 {
		return fmt.Sprintf("a byte that is not UTF-8 at %d", at+1)
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(message, new(json.RawMessage)); {
	case len(bytes.TrimSpace(message)) == 0:
		return "nothing"
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return fmt.Sprintf("JSON that breaks off after byte %d", syntax.Offset)
	case errors.As(err, &syntax):
		return fmt.Sprintf("text that stops being JSON at byte %d", syntax.Offset)
	}
	switch kind := jx.DecodeBytes(message).Next(); kind {
	case jx.Object:
		return "an object that is nested too deeply"
	case jx.Null:
		return "null"
	default:
		return kinds[kind]
	}
}

// notUTF8 returns where the first byte is that is not UTF-8, or -1.
func notUTF8(message []byte) int {
	for at := 0; at < len(message); {
		r, size := utf8.DecodeRune(message[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// roughly returns a duration as in a configuration, such as 16d3h or 5m12s.
func roughly(d time.Duration) string {
	unit := time.Second
	if d >= time.Hour {
		unit = time.Minute
	}
	return model.Duration(max(d.Truncate(unit), time.Second)).String()
}
