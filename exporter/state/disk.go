package state

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"belfry/exporter/fold"
)

// disk looks up records in the database, as of the latest checkpoint.
//
// Most of these records do not exist: a new notification is looked up in each day
// of the window. A filter answers that without reading a block, but only an
// iterator uses the filters of the lowest level, where most records are. A filter
// covers a whole table, millions of records. If the cache cannot hold all filters,
// reading them again and again costs more than reading a small block of records in
// vain, as Get does.
type disk struct {
	db       *pebble.DB
	share    int64            // of the cache, in bytes
	filtered *pebble.Iterator // nil until it is needed
	uses     int              // look-ups with this iterator
	crowded  bool             // the filters do not fit into the share
	value    []byte           // scratch
}

// filterBits sets the bits per record in a filter. With 10, one look-up in a
// hundred reads a block in vain.
const filterBits = 10

// refresh makes a new checkpoint visible to look-ups. records is the present number
// of records. Pebble counts memtables as part of the cache. Half of the rest is
// for blocks of records.
func (d *disk) refresh(records int) error {
	d.crowded = int64(records)*filterBits/8 > (d.share-memTables*memTable)/2
	return d.release()
}

// release closes the iterator, so that the database can remove old files.
func (d *disk) release() error {
	if d.filtered == nil {
		return nil
	}
	err := d.filtered.Close()
	d.filtered, d.uses = nil, 0
	return err
}

// maxUses limits the look-ups with one iterator, so that it does not keep old files
// for long.
const maxUses = 10_000

// lookUp returns the value of a key. It is valid until the next call.
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

// find looks up a record on disk, in the buckets from newest down to first that
// are not empty. The value is valid until the next call.
func (s *Store) find(
	kind byte, in map[int64]int, newest, first int64, id fold.ID,
) (value []byte, bucket int64, ok bool) {
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
