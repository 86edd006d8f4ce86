package state

import (
	"encoding/binary"

	"belfry/exporter/fold"
)

// The kinds of key. Within a kind, keys begin with the bucket, so that a bucket is
// one range, which one DeleteRange deletes.
const (
	kindNotification = 's'
	kindEvent        = 'i'
	kindUser         = 'u'
	kindMeta         = 'm'

	kindPlain      = 'r' // a notification under a plain hash, before version 4
	kindPlainEvent = 'e' // an event id under a plain hash, before version 4
	kindEarlier    = 'n' // of a notification id without a user, from version 1
)

// checkpointKey holds the latest checkpoint without its records.
var checkpointKey = []byte{kindMeta, 'c'}

// bucketKey returns the prefix of all keys of a bucket.
func bucketKey(kind byte, bucket int64) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, uint32(bucket))
}

// recordKey returns the key of a record, in the memory of b.
func recordKey(b []byte, kind byte, bucket int64, id fold.ID) []byte {
	b = binary.BigEndian.AppendUint32(append(b[:0], kind), uint32(bucket))
	return append(b, id[:keptID]...)
}

// keptID gives the bytes that are stored of an id's 128-bit hash. Among 1.3 billion
// notifications, two collide with a probability of 1 in a million.
const keptID = 10
