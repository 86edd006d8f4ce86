package fold

import (
	"time"

	"belfry/exporter/catalog"
)

// Records expire by whole buckets of stream time, so that a store can drop a
// bucket at once. All stores follow the same rule, so the numbers do not depend
// on the store.
const (
	// Grace says how much longer than the attribution window a notification is
	// remembered, to tell late events from orphans.
	Grace = 48 * time.Hour
	// UserLifetime limits how long a user without events is remembered.
	UserLifetime = 400 * 24 * time.Hour
	// counterLife says how much longer than the records that refer to it a value of a label
	// keeps its series: as long as the longest window of a rule. armLife is the same of
	// experiments and their variants, whose latest numbers are their result.
	counterLife, armLife = 3 * 24 * time.Hour, 30 * 24 * time.Hour

	day   = 24 * int64(time.Hour)
	month = 30 * day
)

// labelLives returns how long a value of a label lives without an event that brings it,
// and the longer life of labels to which the records of users refer. No record of a
// notification refers to a value for longer: it expires with its bucket.
func labelLives(window time.Duration) (life time.Duration, lasting map[*catalog.Label]time.Duration) {
	record := window + Grace + time.Duration(day)
	return record + counterLife, map[*catalog.Label]time.Duration{
		catalog.LabelExperiment: record + armLife, catalog.LabelVariant: record + armLife,
	}
}

// Day returns the bucket, in days since 1970, of notifications and event ids that
// are first seen at a stream time in nanoseconds.
func Day(now int64) int64 { return now / day }

// FirstLiveDay returns the oldest bucket that is still remembered under an
// attribution window.
func FirstLiveDay(now int64, window time.Duration) int64 {
	return Day(now - int64(window+Grace))
}

// Month returns the bucket, in units of 30 days since 1970, of users whose last
// event came at a stream time in nanoseconds.
func Month(now int64) int64 { return now / month }

// FirstLiveMonth returns the oldest bucket of users that is still remembered.
func FirstLiveMonth(now int64) int64 { return Month(now - int64(UserLifetime)) }
