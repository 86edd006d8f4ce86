package exporter

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"belfry/exporter/partition"
	"belfry/nats"
)

// DefaultHold is how long new series are shown at 0 unless somebody chooses
// otherwise: two scrapes, with some to spare.
const DefaultHold = 30 * time.Second

// Options are what the exporter needs of its process.
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
	// OnFenceMismatch halts a partition unless it is NewEpoch; OnLostEvents
	// counts them unless it is Halt.
	OnFenceMismatch, OnLostEvents partition.Decision
	// CheckpointInterval is the time between two checkpoints; 0 means 15 s.
	CheckpointInterval time.Duration
	// Hold is how long new series are shown at 0, see DefaultHold; 0 shows their
	// values at once.
	Hold time.Duration
	// OverlayBytes is the memory for recent records of each partition; 0 means
	// 64 MiB. CacheBytes is that for disk blocks of all partitions, which share
	// it equally; 0 means 256 MiB.
	OverlayBytes int
	CacheBytes   int64
	// Status is the connection to NATS, for the metrics; nil shows none.
	Status *nats.Status
	// Log is where the exporter writes; nil discards.
	Log *slog.Logger
}

func (o *Options) setDefaults() error {
	if o.StateDir == "" || len(o.UserKey) == 0 {
		return errors.New("exporter: a state directory and a user key are required")
	}
	if o.CheckpointInterval == 0 {
		o.CheckpointInterval = 15 * time.Second
	}
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

// reserve is the free disk space, in bytes, below which no checkpoint is
// written: room for the dirty records of all partitions and their compaction, and
// at least for what the database writes ahead of its needs.
func (o *Options) reserve() uint64 {
	return max(uint64(o.OverlayBytes)/2, leastReserve) * uint64(len(o.Partitions))
}

// leastReserve is the log and the flush of a memtable, twice.
const leastReserve = 64 << 20
