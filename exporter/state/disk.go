package state

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter/fold"
)

// disk looks records up in the database, as of the latest checkpoint.
//
// Most look-ups are for what does not exist: a new notification is looked for
// in each day of the window. A filter answers that without reading anything,
// and only an iterator asks the filters of the lowest level, where most of the
// data lies. But a filter is as large as that of a whole table, millions of
// records. Where the cache cannot hold them all, reading one again and again is
// worse than reading a small block of records in vain, which is what Get does.
type disk struct {
	db       *pebble.DB
	share    int64            // bytes of the cache that are this store's
	filtered *pebble.Iterator // nil until it is needed
	uses     int              // look-ups with this iterator
	crowded  bool             // the filters do not fit into the cache
	value    []byte           // scratch
}

// filterBits is how many bits a filter has for each record: one look-up in a
// hundred reads a block in vain.
const filterBits = 10

// refresh lets look-ups see what a checkpoint has written. records is how many
// there are now. Pebble takes memtables out of the cache, and half of the rest
// is for blocks of records.
func (d *disk) refresh(records int) error {
	d.crowded = int64(records)*filterBits/8 > (d.share-memTables*memTable)/2
	return d.release()
}

// release lets the database remove files that look-ups have kept it from
// removing.
func (d *disk) release() error {
	if d.filtered == nil {
		return nil
	}
	err := d.filtered.Close()
	d.filtered, d.uses = nil, 0
	return err
}

// maxUses is after how many look-ups the iterator is renewed, so that it does
// not keep files for long.
const maxUses = 10_000

// lookUp reads a key. The value is valid until the next call.
func (d *disk) lookUp(key []byte) (value []byte, ok bool, err error) {
	if d.crowded {
		return d.get(key)
	}
	if d.uses++; d.uses > maxUses {
		if err := d.release(); err != nil {
			return nil, false, err
		}
	}
	if d.filtered == nil {
		if d.filtered, err = d.db.NewIter(&pebble.IterOptions{UseL6Filters: true}); err != nil {
			return nil, false, err
		}
	}
	if !d.filtered.SeekPrefixGE(key) {
		return nil, false, d.filtered.Error()
	}
	value, err = d.filtered.ValueAndErr()
	return value, err == nil, err
}

func (d *disk) get(key []byte) (value []byte, ok bool, err error) {
	found, closer, err := d.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	d.value = append(d.value[:0], found...)
	return d.value, true, closer.Close()
}

// find looks a record up on disk, in the buckets that hold anything from the
// newest down to the first one that is live. The value is valid until the next
// call.
func (s *Store) find(kind byte, in map[int64]int, newest, first int64, id fold.ID) (value []byte, bucket int64, ok bool) {
	for bucket = newest; bucket >= first; bucket-- {
		if _, holds := in[bucket]; !holds {
			continue
		}
		s.key = recordKey(s.key, kind, bucket, id)
		value, ok, err := s.disk.lookUp(s.key)
		if err != nil {
			s.fail(err)
			return nil, 0, false
		}
		if ok {
			return value, bucket, true
		}
	}
	return nil, 0, false
}
