package state

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// memTable sets the size of a memtable. A store has up to memTables of them.
const (
	memTable  = 16 << 20
	memTables = 2
)

// Cache holds disk blocks for the stores of one process.
type Cache struct {
	blocks *pebble.Cache
	share  int64 // bytes per store
}

// NewCache returns a cache of this size for a number of stores, at least one. Each
// store may use an equal share of it. The caller must call Close.
//
// The size should be twice that of the filters of all records, filterBits each,
// plus the memtables of all stores. Otherwise looking up a record that does not
// exist reads the disk.
func NewCache(bytes int64, stores int) *Cache {
	return &Cache{blocks: pebble.NewCache(bytes), share: bytes / int64(stores)}
}

// Close frees the cache after its stores are closed.
func (c *Cache) Close() { c.blocks.Unref() }

// smallCache sets the size of the cache of a store whose Options have none.
const smallCache = 8 << 20

// cache returns the cache for disk blocks and the store's share of it in bytes. If
// blocks is nil, pebble makes a small one.
func (o *Options) cache() (blocks *pebble.Cache, share int64) {
	if o.Cache == nil {
		return nil, smallCache
	}
	return o.Cache.blocks, o.Cache.share
}

// openPebble opens the database. Pebble would try for ever to write on a disk that is full
// at the start, so the process ends then, as for [logger.Fatalf].
func openPebble(o Options, blocks *pebble.Cache) (*pebble.DB, error) {
	var opened atomic.Bool
	options := &pebble.Options{
		Cache: blocks, CacheSize: smallCache, FormatMajorVersion: pebble.FormatNewest,
		MemTableSize: memTable, L0CompactionThreshold: 2,
		Logger: logger{o.Log, o.Dir}, EventListener: &pebble.EventListener{
			BackgroundError: func(err error) {
				if !opened.Load() && diskAdvice(o.Dir, err) != "" {
					logger{o.Log, o.Dir}.Fatalf("open: %v", err)
				}
				o.Log.Error("background error in the state database; "+Advice(o.Dir, err), "err", err)
			},
		},
	}
	for i := range options.Levels {
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(filterBits)
		options.Levels[i].BlockSize = 8 << 10
	}
	db, err := pebble.Open(filepath.Join(o.Dir, dataDir), options)
	opened.Store(true)
	return db, err
}

// logger writes pebble's messages about a partition's directory to the log.
type logger struct {
	log *slog.Logger
	dir string
}

func (l logger) Infof(format string, args ...any) { l.log.Debug(fmt.Sprintf(format, args...)) }

func (l logger) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process. Pebble calls it when it cannot continue and relies on
// it not to return. The latest checkpoint stays on disk.
func (l logger) Fatalf(format string, args ...any) {
	said := fmt.Sprintf(format, args...)
	cause := errors.New(said)
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			cause = err
		}
	}
	l.log.Error("the state database cannot continue; "+Advice(l.dir, cause), "err", said)
	os.Exit(1)
}
