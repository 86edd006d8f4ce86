package event

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"belfry/exporter/catalog"
)

// Explain says in one line what is wrong with the message and what to send instead:
//
//	data.retryCount: found a negative number, send a whole number from 0 to below 1000000
//
// Like the rejection it holds no value of the event.
func (r *Rejection) Explain() string {
	field := r.Field
	if field == "" {
		field = "message"
	}
	if r.Reason == catalog.ReasonMissingField {
		return fmt.Sprintf("%s: missing, send %s", field, r.Send)
	}
	return fmt.Sprintf("%s: found %s, send %s", field, r.What(), r.Send)
}

// What describes what was found, without its value. For a time outside the window it
// says how far away; for a missing field it is empty.
func (r *Rejection) What() string {
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
		return "text that is not such JSON"
	default:
		return ""
	}
}

// roughly returns a duration as in a configuration, such as 16d3h or 5m12s.
func roughly(d time.Duration) string {
	unit := time.Second
	if d >= time.Hour {
		unit = time.Minute
	}
	return model.Duration(max(d.Truncate(unit), time.Second)).String()
}
