package exporter

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"belfry/nats"
)

// Decision is what to do when the stream is not as it was left.
type Decision string

// The decisions on a broken fence and on lost events.
const (
	// Halt stops the partition until a person has decided.
	Halt Decision = "halt"
	// NewEpoch counts the stream as it is now, from 0.
	NewEpoch Decision = "new-epoch"
	// Count counts the loss and goes on.
	Count Decision = "count"
)

// Options are what the exporter needs of its process. The zero value of a field
// means the default where there is one.
type Options struct {
	// StateDir holds a directory for each partition. Required.
	StateDir string
	// UserKey is the secret under which users have their pseudonyms. Required.
	UserKey []byte
	// Partitions are the numbers of the partitions to read; empty means all.
	Partitions []int
	// TrustReceivedAt takes the time of a message from its header
	// Belfry-Received-At where it has one. For replays of recorded traffic.
	TrustReceivedAt bool
	// OnFenceMismatch is Halt, the default, or NewEpoch.
	OnFenceMismatch Decision
	// OnLostEvents is Count, the default, or Halt.
	OnLostEvents Decision
	// CheckpointInterval is 15 s by default.
	CheckpointInterval time.Duration
	// Hold is how long new series are shown at 0; negative means not at all,
	// the default is 30 s: two scrapes, with some to spare.
	Hold time.Duration
	// OverlayBytes is the memory for recent records of each partition, 64 MiB
	// by default; CacheBytes that for disk blocks of all, 256 MiB by default.
	OverlayBytes int
	CacheBytes   int64
	// Status is the connection to NATS, for the metrics.
	Status *nats.Status
	// Streams are the streams as they should be.
	Streams nats.StreamOptions
	// Log is where the exporter writes; nil discards.
	Log *slog.Logger

	cache *pebble.Cache
}

func (o *Options) setDefaults() error {
	if o.StateDir == "" || len(o.UserKey) == 0 {
		return errors.New("exporter: a state directory and a user key are required")
	}
	if o.CheckpointInterval == 0 {
		o.CheckpointInterval = 15 * time.Second
	}
	if o.Hold == 0 {
		o.Hold = 30 * time.Second
	}
	o.Hold = max(0, o.Hold)
	if o.OverlayBytes == 0 {
		o.OverlayBytes = 64 << 20
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 256 << 20
	}
	if o.Status == nil {
		o.Status = &nats.Status{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// choosePartitions checks the partitions to read against those of the stream, and means all when none is named.
func (o *Options) choosePartitions(all int) error {
	if len(o.Partitions) == 0 {
		for n := range all {
			o.Partitions = append(o.Partitions, n)
		}
	}
	for _, n := range o.Partitions {
		if n < 0 || n >= all {
			return fmt.Errorf("partition %d: there are %d, numbered from 0; see partitions in the configuration", n, all)
		}
	}
	return nil
}

const partitionPrefix = "partition-"

// PartitionDir is the directory of a partition below a state directory.
func PartitionDir(stateDir string, number int) string {
	return filepath.Join(stateDir, partitionPrefix+strconv.Itoa(number))
}

// reserve is the free disk space, in bytes, below which no checkpoint is
// written: room for the dirty records of all partitions and their compaction, and
// at least for what the database writes ahead of its needs.
func (o *Options) reserve() uint64 {
	return max(uint64(o.OverlayBytes)/2, leastReserve) * uint64(len(o.Partitions))
}

// leastReserve is the log and the flush of a memtable, twice.
const leastReserve = 64 << 20

// keyFingerprint tells keys apart without giving them away.
func keyFingerprint(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("belfry user key"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// userKeySize is the size of a new user key in bytes.
const userKeySize = 32

// LoadUserKey reads the secret under which users have their pseudonyms, or
// makes one, readable by its owner only, where the file does not exist. Without
// the key nobody can tell a user's record; with another one every user is new.
func LoadUserKey(path string) ([]byte, error) {
	key, err := ReadUserKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newUserKey(path)
	}
	return key, err
}

// ReadUserKey reads the secret that LoadUserKey has made.
func ReadUserKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load user key: %w", err)
	}
	if len(key) < userKeySize {
		return nil, fmt.Errorf("load user key: %s has %d bytes, at least %d are needed; is it the file that belfry-exporter has made?", path, len(key), userKeySize)
	}
	return key, nil
}

func newUserKey(path string) ([]byte, error) {
	key := make([]byte, userKeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make user key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make user key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make user key: %w", err)
	}
	_, err = file.Write(key)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("make user key: %w", err)
	}
	return key, nil
}
