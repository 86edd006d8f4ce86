package state

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// memTable is the size of a memtable, of which a store has up to memTables.
const (
	memTable  = 16 << 20
	memTables = 2
)

// Cache is memory for disk blocks, shared by the stores of one process.
type Cache struct {
	blocks *pebble.Cache
	share  int64 // bytes that each store may count on
}

// NewCache makes a cache of that many bytes for that many stores, at least one.
// Close it.
//
// Its size should be twice that of the filters of all records, filterBits each,
// and that of the memtables of the stores, or look-ups of records that do not
// exist read the disk.
func NewCache(bytes int64, stores int) *Cache {
	return &Cache{blocks: pebble.NewCache(bytes), share: bytes / int64(stores)}
}

// Close frees the cache once its stores are closed.
func (c *Cache) Close() { c.blocks.Unref() }

// smallCache is the size of the cache of a store that is given none.
const smallCache = 8 << 20

// cache returns where the store keeps disk blocks, and how many bytes of it are
// the store's. pebble makes a small cache where it gets nil.
func (o *Options) cache() (blocks *pebble.Cache, share int64) {
	if o.Cache == nil {
		return nil, smallCache
	}
	return o.Cache.blocks, o.Cache.share
}

func openPebble(o Options, blocks *pebble.Cache) (*pebble.DB, error) {
	options := &pebble.Options{
		Cache: blocks, CacheSize: smallCache, FormatMajorVersion: pebble.FormatNewest,
		MemTableSize: memTable, L0CompactionThreshold: 2,
		Logger: logger{o.Log}, EventListener: &pebble.EventListener{
			BackgroundError: func(err error) {
				o.Log.Error("state database has an error in the background", "err", err)
			},
		},
	}
	for i := range options.Levels {
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(filterBits)
		options.Levels[i].BlockSize = 8 << 10
	}
	return pebble.Open(filepath.Join(o.Dir, dataDir), options)
}

// logger passes on what pebble has to say.
type logger struct{ log *slog.Logger }

func (l logger) Infof(format string, args ...any) { l.log.Debug(fmt.Sprintf(format, args...)) }

func (l logger) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process: pebble calls it when it cannot go on, and relies on
// it not to return. The state as of the latest checkpoint is as safe as the
// disk is.
func (l logger) Fatalf(format string, args ...any) {
	l.log.Error("the state database cannot go on; restore the partition's directory from a backup, "+
		"or remove it to count the stream from its beginning", "err", fmt.Sprintf(format, args...))
	os.Exit(1)
}
