package state

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// dataDir is where the database lies below the partition's directory.
const dataDir = "records"

// memTable is the size of a memtable, of which a store has up to memTables.
const (
	memTable  = 16 << 20
	memTables = 2
)

// NewCache makes a cache of disk blocks for the stores of one process. It
// should be twice as large as the filters of all records, filterBits each, and
// the memtables of the stores, or look-ups of records that do not exist read
// the disk.
func NewCache(bytes int64) *pebble.Cache { return pebble.NewCache(bytes) }

func openPebble(o Options) (*pebble.DB, error) {
	options := &pebble.Options{
		Cache: o.Cache, FormatMajorVersion: pebble.FormatNewest,
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
