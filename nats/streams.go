package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// DefaultMaxAge is how long a stream keeps an event: the time an exporter may be away without losing one.
	DefaultMaxAge = 24 * time.Hour
	// DefaultMaxBytes bounds the stream of one partition on disk, before compression.
	DefaultMaxBytes = 20 << 30
	// DuplicateWindow is how long a stream refuses a second message with the same Nats-Msg-Id. It covers a publisher's
	// retries; the exporter counts an event once however late it comes again.
	DuplicateWindow = 2 * time.Minute
	// MaxMessageBytes is the largest message that a stream takes, headers included.
	MaxMessageBytes = 256 << 10

	deadLetterAge   = 7 * 24 * time.Hour
	deadLetterBytes = 1 << 30
)

// partitionsKey is where a stream remembers for how many partitions it was made.
const partitionsKey = "belfry-partitions"

// StreamOptions describes the streams of an installation. The zero value means the defaults.
type StreamOptions struct {
	// Partitions is chosen once: another number would send users to other partitions than those that hold their state.
	// 0 means the number of the streams that exist, or DefaultPartitions if there are none.
	Partitions int
	// MaxAge is DefaultMaxAge where it is 0.
	MaxAge time.Duration
	// MaxBytes, for each partition, is DefaultMaxBytes where it is 0. The server reserves it whole.
	MaxBytes int64
	// Replicas in a NATS cluster; where it is 0, new streams have one and existing ones keep what they have.
	Replicas int
}

func (o StreamOptions) withDefaults() StreamOptions {
	o.MaxAge = cmp.Or(o.MaxAge, DefaultMaxAge)
	o.MaxBytes = cmp.Or(o.MaxBytes, DefaultMaxBytes)
	return o
}

// EnsureStreams creates the stream of each partition and that of the dead letters, or brings those that exist
// to these settings. What is right already stays untouched, so it may be called at each start and by several at once.
//
// It never deletes: a stream with a setting that cannot be changed in place is an error that says which.
func EnsureStreams(ctx context.Context, nc *natsgo.Conn, o StreamOptions) error {
	o = o.withDefaults()
	if o.Partitions == 0 {
		existing, err := CountPartitions(ctx, nc)
		if err != nil {
			return fmt.Errorf("ensure streams: %w", err)
		}
		o.Partitions = cmp.Or(existing, DefaultPartitions)
	}
	if o.Partitions < 1 {
		return fmt.Errorf("streams for %d partitions: choose at least 1", o.Partitions)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("ensure streams: %w", err)
	}
	for _, want := range definitions(o) {
		if err := ensure(ctx, js, want); err != nil {
			return fmt.Errorf("ensure stream %s: %w", want.Name, explainLimits(o, explain(nc, err)))
		}
	}
	return nil
}

// definitions are the streams as they should be, by their names.
func definitions(o StreamOptions) []jetstream.StreamConfig {
	var all []jetstream.StreamConfig
	for p := range o.Partitions {
		c := definition(o)
		c.Name = StreamName(p)
		c.Description = fmt.Sprintf("notification events of partition %d", p)
		c.Subjects = []string{eventRoot + "." + strconv.Itoa(p) + ".>"}
		c.Metadata = map[string]string{partitionsKey: strconv.Itoa(o.Partitions)}
		all = append(all, c)
	}
	c := definition(o)
	c.Name = DeadLetterStream
	c.Description = "events that could not be counted, and why"
	c.Subjects = []string{deadLetterRoot + ".*"}
	c.MaxAge = deadLetterAge
	c.MaxBytes = min(deadLetterBytes, o.MaxBytes)
	return append(all, c)
}

// definition has what all streams share. Discard old: a full stream would else refuse fresh events to keep folded ones.
func definition(o StreamOptions) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Storage:           jetstream.FileStorage,
		Retention:         jetstream.LimitsPolicy,
		Compression:       jetstream.S2Compression,
		Discard:           jetstream.DiscardOld,
		MaxAge:            o.MaxAge,
		MaxBytes:          o.MaxBytes,
		MaxMsgs:           -1,
		MaxMsgsPerSubject: -1,
		MaxMsgSize:        MaxMessageBytes,
		Duplicates:        min(DuplicateWindow, o.MaxAge),
		Replicas:          o.Replicas,
	}
}

func ensure(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, want)
		return err
	}
	if err != nil {
		return err
	}
	have := stream.CachedInfo().Config
	if err := checkUnchangeable(have, want); err != nil {
		return err
	}
	merged := merge(have, want)
	if reflect.DeepEqual(have, merged) {
		return nil
	}
	_, err = js.UpdateStream(ctx, merged)
	return err
}

// checkUnchangeable finds what the server would not, or must not, change in a stream that exists.
func checkUnchangeable(have, want jetstream.StreamConfig) error {
	const remedy = "this cannot be changed in place: back the stream up, delete it and start again, or use another NATS account"
	wrong := func(setting string, has, wants any) error {
		return fmt.Errorf("it exists with %s %v instead of %v; %s", setting, has, wants, remedy)
	}
	switch {
	case have.Storage != want.Storage:
		return wrong("storage", have.Storage, want.Storage)
	case have.Retention != want.Retention:
		return wrong("retention", have.Retention, want.Retention)
	case have.Mirror != nil:
		return wrong("a mirror of", have.Mirror.Name, "none")
	case have.Sealed:
		return wrong("sealed", true, false)
	}
	if was, now := have.Metadata[partitionsKey], want.Metadata[partitionsKey]; was != "" && was != now {
		return fmt.Errorf("it was made for %s partitions, not %s: users would move away from their state; "+
			"keep %s, or start an installation of its own in another NATS account", was, now, was)
	}
	return nil
}

// merge lays our settings over a stream's, and leaves the operator's other ones (placement, republishing, deny flags) as they are.
func merge(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	merged := have
	merged.Description = want.Description
	merged.Subjects = want.Subjects
	merged.Compression = want.Compression
	merged.Discard, merged.DiscardNewPerSubject = want.Discard, false
	merged.MaxAge, merged.MaxBytes = want.MaxAge, want.MaxBytes
	merged.MaxMsgs, merged.MaxMsgsPerSubject = want.MaxMsgs, want.MaxMsgsPerSubject
	merged.MaxMsgSize = want.MaxMsgSize
	merged.Duplicates = want.Duplicates
	merged.Replicas = cmp.Or(want.Replicas, have.Replicas)
	merged.NoAck = false
	if len(want.Metadata) > 0 {
		merged.Metadata = maps.Clone(have.Metadata)
		if merged.Metadata == nil {
			merged.Metadata = map[string]string{}
		}
		maps.Copy(merged.Metadata, want.Metadata)
	}
	return merged
}

// explainLimits says what to do where the server has not the room that the streams reserve, or not the machines.
func explainLimits(o StreamOptions, err error) error {
	const (
		insufficientResources = 10023
		accountStorage        = 10002
		serverStorage         = 10047
		accountStreamBytes    = 10122
		replicasNeedCluster   = 10074
		subjectsOverlap       = 10065
	)
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case insufficientResources, accountStorage, serverStorage, accountStreamBytes:
		const gib = 1 << 30
		return fmt.Errorf("%w: %d partitions reserve %.1f GiB each, %.1f GiB in all; "+
			"lower the maximum bytes of a partition, or raise the storage limit of JetStream (max_file_store, and that of the account)",
			err, o.Partitions, float64(o.MaxBytes)/gib, float64(o.MaxBytes)*float64(o.Partitions)/gib)
	case replicasNeedCluster:
		return fmt.Errorf("%w: %d replicas need a NATS cluster of at least as many servers; use 1 on a single server", err, o.Replicas)
	case subjectsOverlap:
		return fmt.Errorf("%w: another stream of this account takes %s.>; take these subjects from it, or use another account", err, eventRoot)
	}
	return err
}
