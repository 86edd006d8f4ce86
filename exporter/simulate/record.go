package simulate

import (
	"cmp"

	"belfry/exporter/catalog"
	"belfry/exporter/event"
)

// record is what the truth remembers of one notification. Times are
// nanoseconds since 1970, 0 for what has not happened.
type record struct {
	// sentSeen says that sent has come; situation is valid from then.
	sentSeen  bool
	situation situation
	// sent is the context that the sent event carried.
	sent attributes
	// sentTime is the timestamp of the sent event, sentAt the time it names
	// for the sending, else its timestamp too.
	sentTime, sentAt int64
	// newest is the greatest event time so far.
	newest int64
	// provider is that of the latest event that named one.
	provider string
	// reached has a bit for each stage.
	reached uint32
	// retries is the highest retryCount so far.
	retries uint32

	// earliestFailure is the least time of a failure or soft bounce,
	// latestDelivery the greatest of a delivery: it recovered when the second
	// is not before the first.
	earliestFailure, latestDelivery int64
	// failureFault and failureProvider are those of the failure that was booked
	// for the delivery objective; empty as long as there is none.
	failureFault, failureProvider string

	// user is whom the notification is for, from the first event that counts for
	// the user. Nobody is forgotten while a notification has events to come.
	user *person

	// What waits for the sent event to come.
	deliveredAt, openedAt, clickedAt, convertedAt int64
	deliveredBy                                   string
}

// attributes are the part of an event that sent lends to later events.
type attributes struct {
	channel, category, priority, template, campaign string
	experiment, variant, platform, deviceType       string
}

func attributesOf(e *event.Event) attributes {
	return attributes{
		e.Channel, e.Category, e.Priority, e.Template, e.Campaign,
		e.Experiment, e.Variant, e.Platform, e.DeviceType,
	}
}

// over is the context of an event whose own is c: the word of sent, which is
// empty where sent has not come or did not say, goes first.
func (sent attributes) over(own attributes) attributes {
	return attributes{
		cmp.Or(sent.channel, own.channel), cmp.Or(sent.category, own.category), cmp.Or(sent.priority, own.priority),
		cmp.Or(sent.template, own.template), cmp.Or(sent.campaign, own.campaign),
		cmp.Or(sent.experiment, own.experiment), cmp.Or(sent.variant, own.variant),
		cmp.Or(sent.platform, own.platform), cmp.Or(sent.deviceType, own.deviceType),
	}
}

// conflicts yields the label value of each field on which an event differs
// from what sent said.
func (sent attributes) conflicts(own attributes) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, f := range []struct{ name, sent, own string }{
			{"channel", sent.channel, own.channel}, {"category", sent.category, own.category},
			{"priority", sent.priority, own.priority}, {"template", sent.template, own.template},
			{"campaign", sent.campaign, own.campaign}, {"experiment", sent.experiment, own.experiment},
			{"variant", sent.variant, own.variant},
		} {
			if f.sent != "" && f.own != "" && f.sent != f.own && !yield(f.name) {
				return
			}
		}
	}
}

// has reports whether the stage has been reached.
func (r *record) has(stage catalog.Stage) bool { return r.reached>>stage&1 == 1 }

// reach reports whether the stage is reached for the first time.
func (r *record) reach(stage catalog.Stage) bool {
	first := !r.has(stage)
	r.reached |= 1 << stage
	return first
}

// label is a label's value.
func label(value string) string { return cmp.Or(value, catalog.Unknown) }
