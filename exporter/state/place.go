package state

import (
	"fmt"
	"time"
)

// Place is a place in a stream, with what identifies the stream: one that was
// deleted and created again, or a server that lost its latest writes, has other
// messages under the same sequences.
type Place struct {
	// Created is when the stream was created, in nanoseconds since 1970.
	Created int64
	// Sequence is the last message folded; Time and Hash are that message's
	// timestamp, in nanoseconds since 1970, and xxh3 hash.
	Sequence uint64
	Time     int64
	Hash     uint64
}

// Same reports whether two places with the same sequence hold the same message.
func (p Place) Same(o Place) bool { return p.Time == o.Time && p.Hash == o.Hash }

// String names the place for logs.
func (p Place) String() string {
	return fmt.Sprintf("sequence %d of %s", p.Sequence, time.Unix(0, p.Time).UTC().Format(time.RFC3339))
}
