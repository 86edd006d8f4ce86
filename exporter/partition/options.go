package partition

import (
	"context"
	"log/slog"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"belfry/exporter/fold"
	"belfry/exporter/state"
)

// Decision says what to do when the stream or the user key has changed since the
// partition was last read.
type Decision string

// The decisions on a fence mismatch, on lost events and on a user key that is not the
// one of the state.
const (
	// Halt stops the partition until an operator decides.
	Halt Decision = "halt"
	// NewEpoch counts the present stream from 0.
	NewEpoch Decision = "new-epoch"
	// Count counts the lost events and continues.
	Count Decision = "count"
	// Refuse keeps the partition from opening.
	Refuse Decision = "refuse"
	// ForgetUsers drops what is known of users, and goes on with the present key.
	ForgetUsers Decision = "forget-users"
)

// Options configure a partition. Dir, Fold, EnsureStreams and CheckpointInterval are required.
type Options struct {
	// Dir names the partition's directory, see func Dir. Open creates it.
	Dir string
	// Fold holds the partition's number and everything else that the numbers
	// depend on.
	Fold fold.Options
	// Settings spells out the settings that the numbers depend on. When they
	// differ from those of the latest checkpoint, the partition continues and
	// logs both.
	Settings string
	// EnsureStreams creates the streams or changes their settings, each time before the
	// partition reads its own.
	EnsureStreams func(context.Context, *natsgo.Conn) error

	// Hold sets how long new series show 0. With 0 they show their values at
	// once.
	Hold time.Duration
	// CheckpointInterval sets the time between two checkpoints.
	CheckpointInterval time.Duration
	// OverlayBytes limits the memory for recent records. Cache holds disk blocks.
	OverlayBytes int
	Cache        *state.Cache
	// Reserve sets the free disk space, in bytes, below which no checkpoint is
	// written.
	Reserve uint64

	// TrustReceivedAt takes the time of a message from its Belfry-Received-At
	// header, if it has one.
	TrustReceivedAt bool
	// OnFenceMismatch halts unless set to NewEpoch. OnLostEvents counts unless
	// set to Halt. OnUserKeyMismatch refuses unless set to ForgetUsers.
	OnFenceMismatch, OnLostEvents, OnUserKeyMismatch Decision

	// ObserveFold gets the seconds per event that folding a batch took. It may be
	// nil.
	ObserveFold func(seconds float64)
	// CountMissedLetter counts a rejected event that leaves no dead letter. It
	// may be nil.
	CountMissedLetter func()
	// Log gets the partition's messages, with its number as an attribute. Nil
	// discards them.
	Log *slog.Logger
}

// setDefaults replaces nil values.
func (o *Options) setDefaults() {
	if o.ObserveFold == nil {
		o.ObserveFold = func(float64) {}
	}
	if o.CountMissedLetter == nil {
		o.CountMissedLetter = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("partition", o.Fold.Partition)
}
