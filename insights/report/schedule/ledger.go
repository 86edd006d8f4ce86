package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Ledger remembers what is due and who has got it. Each entry has a revision, by which a write
// fails with [ErrMoved] if somebody else was faster.
type Ledger interface {
	// Get returns an entry with its revision, and revision 0 if there is none.
	Get(ctx context.Context, key string) (data []byte, revision uint64, err error)
	// Put writes an entry whose revision is still the one given, 0 for none, and returns the
	// new one.
	Put(ctx context.Context, key string, data []byte, revision uint64) (uint64, error)
	// Delete removes an entry.
	Delete(ctx context.Context, key string) error
	// Keys lists the entries whose keys begin with a prefix.
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// ErrMoved means that an entry has changed since it was read.
var ErrMoved = errors.New("somebody else was faster")

// Bucket is the name of the bucket of NATS that holds the ledger.
const Bucket = "BELFRY_REPORTS"

// bucketBytes holds some ten thousand recipients.
const bucketBytes = 16 << 20

// bucket is a ledger in NATS.
type bucket struct{ jetstream.KeyValue }

// OpenLedger returns the ledger of a NATS server, and creates it if there is none.
func OpenLedger(ctx context.Context, nc *natsgo.Conn, replicas int) (Ledger, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	kv, err := js.KeyValue(ctx, Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: Bucket, Description: "which reports were sent", History: 1, MaxBytes: bucketBytes,
			Storage: jetstream.FileStorage, Replicas: max(1, replicas),
		})
		if errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = js.KeyValue(ctx, Bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s, which remembers what was sent: %w", Bucket, err)
	}
	return bucket{kv}, nil
}

func (b bucket) Get(ctx context.Context, key string) ([]byte, uint64, error) {
	entry, err := b.KeyValue.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return entry.Value(), entry.Revision(), nil
}

func (b bucket) Put(ctx context.Context, key string, data []byte, revision uint64) (uint64, error) {
	write := func() (uint64, error) { return b.Update(ctx, key, data, revision) }
	if revision == 0 {
		write = func() (uint64, error) { return b.Create(ctx, key, data) }
	}
	next, err := write()
	var api *jetstream.APIError
	if errors.Is(err, jetstream.ErrKeyExists) ||
		errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return 0, ErrMoved
	}
	return next, err
}

func (b bucket) Delete(ctx context.Context, key string) error { return b.Purge(ctx, key) }

func (b bucket) Keys(ctx context.Context, prefix string) ([]string, error) {
	list, err := b.ListKeysFiltered(ctx, prefix+">")
	if err != nil {
		return nil, err
	}
	var all []string
	for key := range list.Keys() {
		all = append(all, key)
	}
	return all, nil
}

// settledEntry is what is remembered of a schedule.
type settledEntry struct {
	// Settled is the last occurrence of which nothing more is to be done.
	Settled time.Time `json:"settled"`
	// Sent is when a report last reached all its recipients, zero for never.
	Sent time.Time `json:"sent,omitzero"`
}

// State is what has become of a recipient of an occurrence.
type state string

const (
	claimed state = "claimed"
	waiting state = "waiting" // to be tried again
	done    state = "done"
	givenUp state = "given up"
)

// recipientEntry is what is remembered of a recipient of an occurrence.
type recipientEntry struct {
	State state `json:"state"`
	// Until is when a claim expires, or when to try again.
	Until    time.Time `json:"until,omitzero"`
	Owner    string    `json:"owner,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	Reason   string    `json:"reason,omitempty"`
}

// read reads an entry into what it holds.
func read[T any](ctx context.Context, l Ledger, key string) (entry T, revision uint64, err error) {
	data, revision, err := l.Get(ctx, key)
	if err == nil && revision > 0 {
		err = json.Unmarshal(data, &entry)
	}
	if err != nil {
		err = fmt.Errorf("read %s of the bucket %s: %w", key, Bucket, err)
	}
	return entry, revision, err
}

// write writes an entry.
func write(ctx context.Context, l Ledger, key string, entry any, revision uint64) (uint64, error) {
	data, err := json.Marshal(entry)
	if err != nil {
		return 0, err
	}
	next, err := l.Put(ctx, key, data, revision)
	if err != nil && !errors.Is(err, ErrMoved) {
		err = fmt.Errorf("write %s of the bucket %s: %w", key, Bucket, err)
	}
	return next, err
}
