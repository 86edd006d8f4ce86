package fold

import "time"

// Records expire by whole buckets of stream time, so that a store can drop a
// bucket at once, and by the same rule in every store, so that the numbers do
// not depend on which one it is.
const (
	// Grace is how much longer than the attribution window a notification is
	// remembered, so that a late event can be told from an orphan.
	Grace = 48 * time.Hour
	// UserLifetime is how long a user of whom nothing is heard is remembered.
	UserLifetime = 400 * 24 * time.Hour

	day   = 24 * int64(time.Hour)
	month = 30 * day
)

// Day is the bucket, in days since 1970, of notifications and event ids that
// are first seen at a stream time in nanoseconds.
func Day(now int64) int64 { return now / day }

// FirstLiveDay is the oldest bucket that is still remembered under an
// attribution window.
func FirstLiveDay(now int64, window time.Duration) int64 {
	return Day(now - int64(window+Grace))
}

// Month is the bucket, in units of 30 days since 1970, of users that were last
// heard of at a stream time in nanoseconds.
func Month(now int64) int64 { return now / month }

// FirstLiveMonth is the oldest bucket of users that is still remembered.
func FirstLiveMonth(now int64) int64 { return Month(now - int64(UserLifetime)) }
