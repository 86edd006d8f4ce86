package event

import (
	"math"
	"strings"
	"unicode/utf8"

	"belfry/exporter/catalog"
)

// ReadAsBefore makes Decode refuse what an earlier version refused and take what it
// took, or ends that: no value is repaired, and numbers have no bounds. Use it to fold
// again what that version has shown, so that no counter falls.
func (d *Decoder) ReadAsBefore(yes bool) { d.asBefore = yes }

// The limits of an earlier version: an id in characters, and numbers of retries.
const (
	earlierID      = 128
	earlierRetries = math.MaxUint32
)

// sendAgain is what to send instead of an event that an earlier version refused.
const sendAgain = "the same, which is accepted now"

// refuseAsBefore notes the fault that an earlier version found in a value of the field.
func (d *Decoder) refuseAsBefore(name string) {
	reason := catalog.ReasonBadValue
	switch {
	case strings.HasSuffix(name, "Id") && len(d.path) == 0:
		reason = catalog.ReasonBadID
	case name == "timestamp", strings.HasSuffix(name, "At"):
		reason = catalog.ReasonBadTimestamp
	case d.key == "amount", isNumberOf(name):
		reason = catalog.ReasonBadNumber
	}
	d.faultHere(reason, sendAgain)
}

// isNumberOf reports whether the field of this name is a number.
func isNumberOf(name string) bool {
	switch name {
	case "retryCount", "deliveryLatency", "timeToOpen", "timeToClick", "timeToConvert", "queueWaitTime",
		"templateRenderTime", "personalizationTime", "processingTime", "deliveryTime", "cpu",
		"memoryBytes", "memoryRatio", "diskRatio", "networkBytesPerSecond", "messages", "oldestAgeSeconds",
		"requests", "errors", "latencyMs", "quotaUsed", "quotaLimit":
		return true
	}
	return false
}

// tookBefore reports whether an earlier version took a number that is beyond the
// field's limit.
func (d *Decoder) tookBefore(f field, v float64) bool {
	return d.asBefore && v >= 0 && !math.IsInf(v, 0) && (f != fieldRetryCount || v <= earlierRetries)
}

// refusedBefore reports whether an earlier version refused an id.
func (d *Decoder) refusedBefore(id string) bool {
	return d.asBefore && utf8.RuneCountInString(id) > earlierID
}

// emptyNumber notes that an earlier version refused empty text in place of a number,
// but for the time until something that has not happened yet.
func (d *Decoder) emptyNumber(f field) {
	if d.asBefore && (f < fieldTimeToOpen || f > fieldTimeToConvert) {
		d.repaired()
	}
}
