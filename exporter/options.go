package exporter

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"belfry/exporter/partition"
	"belfry/nats"
)

// DefaultHold covers two scrapes at an interval of 15 s or less.
const DefaultHold = 30 * time.Second

// Options configure the process of an exporter; Config configures its behavior.
// StateDir and UserKey are required.
type Options struct {
	// StateDir holds one directory per partition.
	StateDir string
	// UserKey holds the secret from which the pseudonyms of users are derived.
	UserKey []byte
	// Partitions lists the numbers of the partitions to read. Empty means all.
	Partitions []int
	// TrustReceivedAt takes the time of a message from its Belfry-Received-At
	// header, if it has one. Use it only to replay recorded traffic.
	TrustReceivedAt bool
	// OnFenceMismatch halts a partition unless set to NewEpoch. OnLostEvents
	// counts lost events unless set to Halt. OnUserKeyMismatch refuses to start
	// unless set to ForgetUsers.
	OnFenceMismatch, OnLostEvents, OnUserKeyMismatch partition.Decision
	// AllowStreamShrink lets the configuration limit streams below what they hold, which
	// deletes the oldest events.
	AllowStreamShrink bool
	// CheckpointInterval sets the time between two checkpoints. 0 means 15 s.
	CheckpointInterval time.Duration
	// Hold sets how long new series show 0, such as DefaultHold. With 0 they show
	// their values at once.
	Hold time.Duration
	// OverlayBytes limits the memory for recent records of each partition. 0 means
	// 64 MiB. CacheBytes limits the memory for disk blocks, of which all
	// partitions get an equal share. 0 means 256 MiB.
	OverlayBytes int
	CacheBytes   int64
	// Lifecycle lets requests reload the configuration, and Profiles serves
	// /debug/pprof/ without the command line.
	Lifecycle, Profiles bool
	// Status describes the connection to NATS, for the metrics. It may be nil.
	Status *nats.Status
	// Log gets the exporter's messages. Nil discards them.
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
	o.setLog()
	return nil
}

func (o *Options) setLog() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// leastPartition returns the lowest number of the partitions to read.
func (o *Options) leastPartition() int {
	if len(o.Partitions) == 0 {
		return 0
	}
	return slices.Min(o.Partitions)
}

// choosePartitions checks the numbers of the partitions to read. If there are none,
// it chooses all.
func (o *Options) choosePartitions(all int) error {
	if len(o.Partitions) == 0 {
		for n := range all {
			o.Partitions = append(o.Partitions, n)
		}
	}
	for i, n := range o.Partitions {
		if slices.Index(o.Partitions, n) < i {
			return fmt.Errorf("partition %d is listed twice: name each partition once", n)
		}
		if n < 0 || n >= all {
			return fmt.Errorf("partition %d: there are %d, numbered from 0; see partitions in the configuration",
				n, all)
		}
	}
	return nil
}

// reserve returns the free disk space, in bytes, below which no checkpoint is
// written: room for the dirty records of all partitions and their compaction, and
// at least for what the database allocates in advance.
func (o *Options) reserve() uint64 {
	return max(uint64(o.OverlayBytes)/2, leastReserve) * uint64(len(o.Partitions))
}

// leastReserve covers the log and the flush of a memtable, twice.
const leastReserve = 64 << 20
