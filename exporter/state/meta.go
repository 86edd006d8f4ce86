package state

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
)

// version identifies the stored format. It changes when older programs could no
// longer read it correctly. In version 1 a notification's record was that of its
// id, for all recipients together; those records remain as buckets.Earlier. It did not
// know on which channel a failure was booked: that is the context's. Version 2 knew
// of a user's engagement the latest hour only, of no covariate, and of no labels of
// optional families. Version 3 and those before filed notifications and event ids under
// plain hashes, which remain as buckets.Plain and buckets.PlainEvents, and remembered all
// event ids of a notification.
const version = 4

// ErrNewer says that a checkpoint was written by a newer program.
var ErrNewer = errors.New("the state was written by a newer version of belfry-exporter; " +
	"run that version, or a newer one")

// stored holds the value of the checkpoint key, which begins with the version.
type stored struct {
	Checkpoint
	Buckets buckets
}

// load reads the latest checkpoint.
func (s *Store) load() (*Checkpoint, error) {
	meta, err := readMeta(s.db)
	if meta == nil || err != nil {
		return nil, err
	}
	s.buckets = meta.Buckets.clone()
	return &meta.Checkpoint, s.disk.refresh(s.records())
}

// ReadCheckpoint returns the latest checkpoint in a partition's directory, nil if
// it has none yet. No exporter may have the directory open. Nothing in it changes.
func ReadCheckpoint(dir string, log *slog.Logger) (*Checkpoint, error) {
	if err := checkRetired(dir); err != nil {
		return nil, err
	}
	return readCheckpoint(dir, log)
}

// UserKey returns what identifies the user key of the latest checkpoint in a partition's
// directory, also if the state continues elsewhere. It is "" without a checkpoint. No
// exporter may have the directory open.
func UserKey(dir string, log *slog.Logger) (string, error) {
	c, err := readCheckpoint(dir, log)
	if c == nil || err != nil {
		return "", err
	}
	return c.UserKey, nil
}

func readCheckpoint(dir string, log *slog.Logger) (c *Checkpoint, err error) {
	db, err := pebble.Open(filepath.Join(dir, dataDir), &pebble.Options{ReadOnly: true, Logger: logger{log, dir}})
	if errors.Is(err, pebble.ErrDBDoesNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint in %s: %w", dir, advised(dir, err))
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	meta, err := readMeta(db)
	if meta == nil || err != nil {
		return nil, err
	}
	return &meta.Checkpoint, nil
}

// readMeta returns the value of the checkpoint key, nil if it has none.
func readMeta(db *pebble.DB) (*stored, error) {
	value, closer, err := db.Get(checkpointKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	defer closer.Close()
	return decodeMeta(value)
}

func encodeMeta(m *stored) ([]byte, error) {
	b := bytes.NewBuffer([]byte{version})
	err := gob.NewEncoder(b).Encode(m)
	return b.Bytes(), err
}

func decodeMeta(b []byte) (*stored, error) {
	if len(b) == 0 {
		return nil, errCorrupt
	}
	if b[0] > version {
		return nil, ErrNewer
	}
	m := &stored{}
	if err := gob.NewDecoder(bytes.NewReader(b[1:])).Decode(m); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if b[0] == 1 {
		m.Earlier = true
		m.Buckets.Earlier, m.Buckets.Notifications = m.Buckets.Notifications, nil
	}
	if b[0] < 4 {
		m.Unbounded = true
		m.Buckets.Plain, m.Buckets.Notifications = m.Buckets.Notifications, nil
		m.Buckets.PlainEvents, m.Buckets.Events = m.Buckets.Events, nil
	}
	return m, nil
}
