package simtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// Series identifies a scraped series. Reuse it for every scrape: it caches its
// reference in the database.
type Series struct {
	Labels labels.Labels
	ref    storage.SeriesRef
	waits  []sample // in a batch
}

type sample struct {
	at    int64 // in milliseconds since 1970
	value float64
}

// Stale marks a series as stale, as Prometheus does when its target no longer
// exposes it.
var Stale = math.Float64frombits(value.StaleNaN)

// Append adds a sample of a series to a scrape.
type Append func(s *Series, value float64) error

// Scrape appends the samples of one scrape. If one of them fails, it appends none.
func (s *Server) Scrape(ctx context.Context, at time.Time, samples func(Append) error) error {
	appender := s.DB.Appender(ctx)
	err := samples(func(series *Series, value float64) error {
		return series.Append(appender, at.UnixMilli(), value)
	})
	if err != nil {
		return fmt.Errorf("scrape at %s: %w", at.Format(time.RFC3339), errors.Join(err, appender.Rollback()))
	}
	return appender.Commit()
}

// Append appends a sample at a time in milliseconds since 1970.
func (s *Series) Append(to storage.Appender, at int64, value float64) (err error) {
	if s.ref, err = to.Append(s.ref, s.Labels, at, value); err != nil {
		return fmt.Errorf("append %s: %w", s.Labels, err)
	}
	return nil
}

// Batch holds the samples of several scrapes. Its series are appended one after the
// other, which is several times as fast as scrape after scrape if there are thousands.
type Batch struct{ series []*Series }

// At returns what adds the samples of a scrape to the batch. Scrapes go forward in time.
func (b *Batch) At(at time.Time) Append {
	millis := at.UnixMilli()
	return func(s *Series, value float64) error {
		if len(s.waits) == 0 {
			b.series = append(b.series, s)
		}
		s.waits = append(s.waits, sample{millis, value})
		return nil
	}
}

// Append appends the samples of a batch and empties it. If one of them fails, it appends
// none.
func (s *Server) Append(ctx context.Context, b *Batch) error {
	appender := s.DB.Appender(ctx)
	for _, series := range b.series {
		for _, w := range series.waits {
			if err := series.Append(appender, w.at, w.value); err != nil {
				return errors.Join(err, appender.Rollback())
			}
		}
		series.waits = series.waits[:0]
	}
	b.series = b.series[:0]
	return appender.Commit()
}
