package partition

import (
	"log/slog"
	"time"

	"belfry/exporter/fold"
	"belfry/exporter/state"
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

// Options are what a partition needs of its exporter. Dir, Fold and
// CheckpointInterval are required.
type Options struct {
	// Dir is the partition's directory, see Dir. It is made when absent.
	Dir string
	// Fold is what the numbers depend on, with the partition's number.
	Fold fold.Options
	// Settings is a text of all settings that the numbers depend on. Folding
	// goes on under other settings than before, but the log says so.
	Settings string
	// Streams are the streams as they should be, until SetStreams.
	Streams nats.StreamOptions

	// Hold is how long new series are shown at 0; 0 shows their values at once.
	Hold time.Duration
	// CheckpointInterval is the time between two checkpoints.
	CheckpointInterval time.Duration
	// OverlayBytes is the memory for recent records; Cache is for disk blocks.
	OverlayBytes int
	Cache        *state.Cache
	// Reserve is the free disk space, in bytes, below which no checkpoint is
	// written.
	Reserve uint64

	// TrustReceivedAt takes the time of a message from its header
	// Belfry-Received-At where it has one.
	TrustReceivedAt bool
	// OnFenceMismatch halts unless it is NewEpoch; OnLostEvents counts unless it
	// is Halt.
	OnFenceMismatch, OnLostEvents Decision

	// ObserveFold, unless nil, gets the seconds per event that folding a batch
	// took.
	ObserveFold func(seconds float64)
	// MissLetter, unless nil, is called for each rejected event that leaves no
	// dead letter.
	MissLetter func()
	// Log is where the partition writes, with its number as an attribute; nil
	// discards.
	Log *slog.Logger
}

// setDefaults replaces what is nil.
func (o *Options) setDefaults() {
	if o.ObserveFold == nil {
		o.ObserveFold = func(float64) {}
	}
	if o.MissLetter == nil {
		o.MissLetter = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("partition", o.Fold.Partition)
}
