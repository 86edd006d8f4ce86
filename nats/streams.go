package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// DefaultMaxAge limits the age of events in a new stream: how long an exporter may be down without losing one.
	DefaultMaxAge = 24 * time.Hour
	// DefaultMaxBytes limits the new stream of one partition, in bytes before compression, where that much fits.
	DefaultMaxBytes = 20 << 30
	// DuplicateWindow limits how long a stream rejects a second message with the same Nats-Msg-Id. It covers the retries
	// of a publisher. The exporter counts an event once, however late its copy comes.
	DuplicateWindow = 2 * time.Minute
	// MaxMessageBytes limits a message, including its headers.
	MaxMessageBytes = 256 << 10

	deadLetterAge   = 7 * 24 * time.Hour
	deadLetterBytes = 1 << 30
)

// MaxReplicas bounds the replicas of a stream, as the server does.
const MaxReplicas = 5

// partitionsKey names the metadata under which a stream records the number of partitions.
const partitionsKey = "belfry-partitions"

// StreamOptions configures the streams of an installation. What is 0 is left alone in streams that exist, so a
// forgotten configuration takes nothing away.
type StreamOptions struct {
	// Partitions is fixed when the streams are created: a different number would move users away from their state.
	// 0 means the number recorded in existing streams, or DefaultPartitions without any.
	Partitions int
	// MaxAge limits the age of events. If it is 0, new streams get DefaultMaxAge.
	MaxAge time.Duration
	// MaxBytes limits each partition. The server reserves all of it. If it is 0, new streams get what fits, at most
	// DefaultMaxBytes.
	MaxBytes int64
	// OrLess lets streams have less than MaxBytes if the server cannot reserve that much.
	OrLess bool
	// Replicas in a NATS cluster, at most MaxReplicas. If it is 0, new streams get one.
	Replicas int
	// AllowShrink lets limits be set below what a stream holds, which deletes the oldest messages, and lets subjects of
	// somebody else be taken off a stream.
	AllowShrink bool
	// Logger receives a line for each setting of a stream that is changed; nil discards them.
	Logger *slog.Logger
}

// EnsureStreams creates the streams of the partitions and of the dead letters, or updates their settings. It leaves
// alone what is right already, so call it at each start; several processes may call it at once. See the package
// documentation for what it does with each setting.
//
// It never deletes a stream. It returns a [SettingsError], and changes nothing, if a setting cannot be changed in place
// or if a limit is below what a stream holds.
func EnsureStreams(ctx context.Context, nc *natsgo.Conn, o StreamOptions) error {
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
	return ensure(ctx, nc, o, definitions(o))
}

// definition describes a stream: the settings that it must have, and the limits of a new one whose settings have none.
// In the settings, a MaxAge, MaxBytes or Replicas of 0 fits every stream. newBytes is the most that it gets.
type definition struct {
	jetstream.StreamConfig
	newAge   time.Duration
	newBytes int64
}

// definitions returns the streams of an installation.
func definitions(o StreamOptions) []definition {
	var all []definition
	for p := range o.Partitions {
		d := definition{common(), DefaultMaxAge, DefaultMaxBytes}
		d.Name = StreamName(p)
		d.Description = fmt.Sprintf("notification events of partition %d", p)
		d.Subjects = []string{eventRoot + "." + strconv.Itoa(p) + ".>"}
		d.Metadata = map[string]string{partitionsKey: strconv.Itoa(o.Partitions)}
		d.MaxAge, d.MaxBytes, d.Replicas = o.MaxAge, o.MaxBytes, o.Replicas
		d.newBytes = cmp.Or(o.MaxBytes, DefaultMaxBytes)
		all = append(all, d)
	}
	d := definition{common(), deadLetterAge, deadLetterBytes}
	d.Name = DeadLetterStream
	d.Description = "events that could not be counted, and why"
	d.Subjects = []string{deadLetterRoot + ".*"}
	d.Replicas = o.Replicas
	if o.MaxBytes != 0 {
		d.newBytes = min(deadLetterBytes, o.MaxBytes)
	}
	return append(all, d)
}

// common returns what all streams have in common. A full stream discards old events: otherwise it would reject new
// events to keep folded ones.
func common() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Storage:           jetstream.FileStorage,
		Retention:         jetstream.LimitsPolicy,
		Compression:       jetstream.S2Compression,
		Discard:           jetstream.DiscardOld,
		MaxMsgs:           -1,
		MaxMsgsPerSubject: -1,
		MaxMsgSize:        MaxMessageBytes,
		Duplicates:        DuplicateWindow,
	}
}

// ensure brings streams to their definitions. It first looks at all of them, so that it changes none if it must refuse
// one.
func ensure(ctx context.Context, nc *natsgo.Conn, o StreamOptions, all []definition) error {
	wrap := func(stream string, err error) error {
		return fmt.Errorf("ensure stream %s: %w", stream, explainLimits(nc, o, explain(nc, err)))
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return wrap(all[0].Name, err)
	}
	var missing, empty []definition
	var changes []change
	for _, d := range all {
		existing, err := js.Stream(ctx, d.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			missing = append(missing, d)
			continue
		}
		if err != nil {
			return wrap(d.Name, err)
		}
		c, err := changeTo(d, existing.CachedInfo(), o.AllowShrink)
		if err != nil {
			return wrap(d.Name, err)
		}
		changes = append(changes, c)
		if existing.CachedInfo().State.LastSeq == 0 {
			empty = append(empty, d)
		}
	}
	for _, c := range changes {
		err := c.apply(ctx, js, orDiscard(o.Logger))
		if o.OrLess && lacksStorage(err) {
			err = c.keepSize().apply(ctx, js, orDiscard(o.Logger))
		}
		if err != nil {
			return wrap(c.to.Name, err)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if stream, err := create(ctx, js, o, append(empty, missing...)); err != nil {
		return wrap(stream, err)
	}
	return nil
}

// explainLimits adds what to do if the server lacks the storage or the replicas that the streams need.
func explainLimits(nc *natsgo.Conn, o StreamOptions, err error) error {
	const (
		replicasNeedCluster = 10074
		subjectsOverlap     = 10065
	)
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch {
	case lacksStorage(err):
		return fmt.Errorf("%w: %s", err, o.wayOut(masked(nc.ConnectedUrl())))
	case api.ErrorCode == replicasNeedCluster:
		return fmt.Errorf("%w: %d replicas need a NATS cluster of as many servers; use 1 on a single server",
			err, o.Replicas)
	case api.ErrorCode == subjectsOverlap:
		return fmt.Errorf("%w: another stream of this account has %s.>; "+
			"remove these subjects from it, or use another account", err, eventRoot)
	}
	return err
}

// wayOut says what to do when a server cannot reserve the storage of the streams.
func (o StreamOptions) wayOut(server string) string {
	const raise = "raise max_file_store of the server, which by default is three quarters of the free disk, " +
		"or the limits of the account"
	if o.MaxBytes == 0 || o.OrLess {
		return fmt.Sprintf("%s cannot reserve even %s for each new stream: free some disk, or %s",
			server, size(leastBytes), raise)
	}
	return fmt.Sprintf("%s cannot reserve %s for each of %d partitions, %s in all: lower stream.max_bytes in the "+
		"exporter's configuration, or leave it out for what fits, or %s",
		server, size(o.MaxBytes), o.Partitions, size(o.MaxBytes*int64(o.Partitions)), raise)
}
