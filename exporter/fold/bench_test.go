package fold_test

import (
	"bytes"
	"testing"
	"time"

	"belfry/exporter/fold"
	"belfry/exporter/simulate"
	"belfry/exporter/state"
)

// BenchmarkFold measures what one event costs from its bytes to its numbers, with a
// checkpoint every 100,000 events if there is a store. In "store" all records are
// recent. In "store over days" the events are spread over more days than are
// remembered, and most records are on disk only.
func BenchmarkFold(b *testing.B) {
	busy := simulate.Config{Seed: 1, PerMinute: 100_000, Users: 200_000}
	sparse := simulate.Config{Seed: 1, PerMinute: 12, Users: 20_000}
	b.Run("memory", func(b *testing.B) {
		o := benchOptions()
		benchmark(b, busy, fold.New(o, state.NewMemory(o.AttributionWindow)), nil)
	})
	b.Run("store", func(b *testing.B) { benchmarkStore(b, busy, 256<<20) })
	b.Run("store over days", func(b *testing.B) { benchmarkStore(b, sparse, 4<<20) })
}

func benchOptions() fold.Options {
	o := options()
	o.UserKey = []byte("key")
	return o
}

func benchmarkStore(b *testing.B, c simulate.Config, overlay int) {
	o := benchOptions()
	cache := state.NewCache(128<<20, 1)
	defer cache.Close()
	store, _, err := state.Open(state.Options{
		Dir: b.TempDir(), Window: o.AttributionWindow, OverlayBytes: overlay, Cache: cache,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	s := fold.New(o, store)
	benchmark(b, c, s, func() {
		p, err := store.Take(state.Checkpoint{Fold: s.Image()})
		if err != nil {
			b.Fatal(err)
		}
		_, err = p.Write()
		if p.Finish(err); err != nil {
			b.Fatal(err)
		}
	})
	if err := store.Err(); err != nil {
		b.Fatal(err)
	}
}

// benchmark folds simulated events. The timer stops while they are made up.
func benchmark(b *testing.B, c simulate.Config, s *fold.State, checkpoint func()) {
	simulator, err := simulate.New(c)
	if err != nil {
		b.Fatal(err)
	}
	const atOnce, perCheckpoint = 5000, 100_000
	var m simulate.Message
	messages, folded := make([]fold.Message, 0, atOnce), 0
	b.ReportAllocs()
	for left := b.N; left > 0; left -= len(messages) {
		b.StopTimer()
		messages = messages[:0]
		for len(messages) < min(left, atOnce) && simulator.Next(&m) {
			messages = append(messages, fold.Message{Data: bytes.Clone(m.JSON), Time: m.ReceivedAt.UnixNano()})
		}
		b.StartTimer()
		for _, message := range messages {
			if rejection := s.Fold(message); rejection != nil {
				b.Fatal(rejection)
			}
			if folded++; checkpoint != nil && folded%perCheckpoint == 0 {
				checkpoint()
			}
		}
	}
	b.ReportMetric(float64(s.Now()-simulate.DefaultStart.UnixNano())/float64(24*time.Hour), "days")
}
