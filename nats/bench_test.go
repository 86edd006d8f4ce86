package nats

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func publishN(tb testing.TB, p *Publisher, n int) {
	tb.Helper()
	ctx := context.Background()
	for i := range n {
		e := Event{ID: fmt.Sprintf("evt_%012d", i), Type: "notification.sent", Key: "usr_1", Data: body}
		if err := p.Publish(ctx, e); err != nil {
			tb.Fatal(err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkPublish(b *testing.B) {
	srv, _ := onePartition(b)
	p, err := NewPublisher(b.Context(), Options{URL: srv.URL()}, PublisherOptions{Partitions: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	publishN(b, p, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func BenchmarkRead(b *testing.B) {
	const stored = 500_000
	srv, nc := onePartition(b)
	p, err := NewPublisher(b.Context(), Options{URL: srv.URL()}, PublisherOptions{Partitions: 1})
	if err != nil {
		b.Fatal(err)
	}
	publishN(b, p, stored)
	b.ReportAllocs()
	read := 0
	batches := 0
	for b.Loop() {
		count := 0
		err := Read(b.Context(), nc, ReadOptions{Stream: StreamName(0), From: 1}, func(batch []Message) error {
			batches++
			if count += len(batch); count == stored {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			b.Fatal(err)
		}
		read += count
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64(read)/float64(batches), "msgs/batch")
}
