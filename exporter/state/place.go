package state

import (
	"fmt"
	"time"
)

// Place identifies a message of a stream, and the stream. After a stream was
// deleted and created again, or after a server has lost its latest writes, other
// messages have the same sequences.
type Place struct {
	// Created holds the time at which the stream was created, in nanoseconds since
	// 1970.
	Created int64
	// Sequence numbers the last folded message. Time and Hash hold its timestamp,
	// in nanoseconds since 1970, and its xxh3 hash.
	Sequence uint64
	Time     int64
	Hash     uint64
}

// Same reports whether two places with the same sequence hold the same message.
func (p Place) Same(o Place) bool { return p.Time == o.Time && p.Hash == o.Hash }

// String describes the place for logs.
func (p Place) String() string {
	return fmt.Sprintf("sequence %d of %s", p.Sequence, time.Unix(0, p.Time).UTC().Format(time.RFC3339))
}
