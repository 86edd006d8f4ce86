package state

import (
	"encoding/binary"

	"belfry/exporter/fold"
)

// The kinds of key. Within a kind, keys begin with the bucket, so that a bucket
// is one range and expires with one DeleteRange.
const (
	kindNotification = 'n'
	kindEvent        = 'e'
	kindUser         = 'u'
	kindMeta         = 'm'
)

// checkpointKey holds the latest checkpoint without its records.
var checkpointKey = []byte{kindMeta, 'c'}

// bucketKey is the beginning of all keys of a bucket.
func bucketKey(kind byte, bucket int64) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, uint32(bucket))
}

// recordKey is the key of one record.
func recordKey(b []byte, kind byte, bucket int64, id fold.ID) []byte {
	b = binary.BigEndian.AppendUint32(append(b[:0], kind), uint32(bucket))
	return append(b, id[:keptID]...)
}

// keptID is how much of an id's 128-bit hash is stored: among 1.3 billion
// notifications two ids collide with a probability of 1 in a million.
const keptID = 10
