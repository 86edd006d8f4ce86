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
	// DefaultMaxAge limits the age of events in a stream: how long an exporter may be down without losing one.
	DefaultMaxAge = 24 * time.Hour
	// DefaultMaxBytes limits the stream of one partition, in bytes before compression.
	DefaultMaxBytes = 20 << 30
	// DuplicateWindow limits how long a stream rejects a second message with the same Nats-Msg-Id. It covers the retries
	// of a publisher. The exporter counts an event once, however late its copy comes.
	DuplicateWindow = 2 * time.Minute
	// MaxMessageBytes limits a message, including its headers.
	MaxMessageBytes = 256 << 10

	deadLetterAge   = 7 * 24 * time.Hour
	deadLetterBytes = 1 << 30
)

// partitionsKey names the metadata under which a stream records the number of partitions.
const partitionsKey = "belfry-partitions"

// StreamOptions configures the streams of an installation. The zero value means the defaults.
type StreamOptions struct {
	// Partitions is fixed when the streams are created: a different number would move users away from their state.
	// 0 means the number recorded in existing streams, or DefaultPartitions without any.
	Partitions int
	// MaxAge limits the age of events; 0 means DefaultMaxAge.
	MaxAge time.Duration
	// MaxBytes limits each partition; 0 means DefaultMaxBytes. The server reserves all of it.
	MaxBytes int64
	// Replicas in a NATS cluster; with 0, new streams get one and existing streams keep their number.
	Replicas int
}

func (o StreamOptions) withDefaults() StreamOptions {
	o.MaxAge = cmp.Or(o.MaxAge, DefaultMaxAge)
	o.MaxBytes = cmp.Or(o.MaxBytes, DefaultMaxBytes)
	return o
}

// EnsureStreams creates the streams of the partitions and of the dead letters, or updates their settings. It leaves
// alone what is right already, so call it at each start; several processes may call it at once.
//
// It never deletes a stream. If a setting cannot be changed in place, the error says which.
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
		return fmt.Errorf("invalid number of partitions %d: set 1 or more", o.Partitions)
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

// definitions returns the configuration of each stream.
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

// definition returns what all streams have in common. A full stream discards old events: otherwise it would reject new
// events to keep folded ones.
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
	existing, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return create(ctx, js, want)
	}
	if err != nil {
		return err
	}
	have := existing.CachedInfo().Config
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

// While a server removes the files of a stream that was just deleted, it cannot create another one of the name. That
// takes milliseconds.
const (
	createFailed   jetstream.ErrorCode = 10049
	createAgain                        = 20 * time.Millisecond
	createPatience                     = 2 * time.Second
)

// create creates a stream, and tries again for a moment if the server cannot.
func create(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	for began := time.Now(); ; {
		_, err := js.CreateStream(ctx, want)
		var api *jetstream.APIError
		if !errors.As(err, &api) || api.ErrorCode != createFailed || time.Since(began) > createPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(createAgain):
		}
	}
}

// checkUnchangeable rejects changes that the server cannot, or must not, make to an existing stream.
func checkUnchangeable(have, want jetstream.StreamConfig) error {
	const remedy = "this cannot be changed: back the stream up, delete it and start again, or use another NATS account"
	wrong := func(setting string, has, wants any) error {
		return &SettingsError{fmt.Sprintf("it exists with %s %v instead of %v; %s", setting, has, wants, remedy)}
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
		return &SettingsError{fmt.Sprintf("it was created for %s partitions, not %s, and users would move away from "+
			"their state: set partitions: %[1]s, or start a separate installation in another NATS account", was, now)}
	}
	return nil
}

// merge applies the settings of want to a stream and keeps the operator's others, such as placement, republishing and
// deny flags.
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

// explainLimits adds what to do if the server lacks the storage or the replicas that the streams need.
func explainLimits(o StreamOptions, err error) error {
	const (
		replicasNeedCluster = 10074
		subjectsOverlap     = 10065
	)
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case insufficientResources, accountStorage, serverStorage, accountStreamBytes:
		const gib = 1 << 30
		return fmt.Errorf("%w: %d × %.1f GiB are reserved for partitions, %.1f GiB in all; "+
			"lower the maximum bytes of a partition, or raise the storage limits of JetStream and the account",
			err, o.Partitions, float64(o.MaxBytes)/gib, float64(o.MaxBytes)*float64(o.Partitions)/gib)
	case replicasNeedCluster:
		return fmt.Errorf("%w: %d replicas need a NATS cluster of as many servers; use 1 on a single server",
			err, o.Replicas)
	case subjectsOverlap:
		return fmt.Errorf("%w: another stream of this account has %s.>; "+
			"remove these subjects from it, or use another account", err, eventRoot)
	}
	return err
}
