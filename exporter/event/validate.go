package event

import (
	"time"

	"belfry/exporter/catalog"
)

// Window bounds how far an event's time may lie from the time of the stream.
type Window struct {
	// MaxAge limits how old an event may be when the stream gets it.
	MaxAge time.Duration
	// MaxLead limits how far its producer's clock may run ahead of the stream's.
	MaxLead time.Duration
}

// Check returns nil if the event's time is inside the window around streamTime, the
// time when the stream got the event, in nanoseconds since 1970.
func (w Window) Check(e *Event, streamTime int64) *Rejection {
	return w.check(e.Time-streamTime, w.MaxLead)
}

// CheckRecorded is for recorded input that does not say when the stream got the
// event. Instead of the stream's time it takes newest, the greatest event time so far
// that other events agree with, or 0 before the first event, which is always accepted. A recording
// may have gaps, so an event may be ahead of newest by as much as MaxAge.
func (w Window) CheckRecorded(e *Event, newest int64) *Rejection {
	if newest == 0 {
		return nil
	}
	return w.check(e.Time-newest, w.MaxAge)
}

func (w Window) check(ahead int64, maxLead time.Duration) *Rejection {
	if ahead > int64(maxLead) || ahead < -int64(w.MaxAge) {
		return &Rejection{
			Reason: catalog.ReasonBadTimestamp, Field: "timestamp", Found: "a time too far from the stream's",
			Send: sendRecent, Ahead: time.Duration(ahead),
		}
	}
	return nil
}
