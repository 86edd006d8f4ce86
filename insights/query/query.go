// Package query reads a Prometheus-compatible server for insights.
//
// Everything that insights publishes goes through a [Source]. It bounds the time of
// each query and the number that run at once, leaves out samples that are not finite
// numbers, and returns with every result the queries that it came from. When a server
// does not answer as it should, [StatusOf] turns the error into a state and a reason,
// so that an answer about degenerate data is a status, never NaN and never a verdict.
//
//	s := query.New(api, query.Options{})
//	sent, err := s.Increase(ctx, rules.StageVolume, from, to, []*catalog.Label{catalog.LabelChannel},
//		expr.Stage(catalog.StageSent))
//	if err != nil {
//		return query.StatusOf(err)
//	}
//
// [Source.Increase] and [Source.Buckets] add up recorded increases, and are exact:
// counts are whole, and the parts of a period add up to the period, to the unit.
// [Source.Deltas] reads raw counters, for periods shorter than five minutes.
//
// Prometheus reads every sample between the first and the last that a query needs, so a
// year takes it as long as the year has samples, whatever is asked of it. A Source
// therefore reads sums of days and hours where they are complete. It keeps what was
// counted in months that are over, at most half a million numbers for a day, and sends the
// queries of a [Seal] instead, which tell whether the months are still what they were.
//
// Queries use standard PromQL only, without extensions of any server.
package query

import (
	"cmp"
	"context"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

// The defaults of Options.
const (
	// DefaultTimeout limits a query. A server that needs 30 s is too slow to wait for.
	DefaultTimeout = 20 * time.Second
	// DefaultConcurrency leaves most of Prometheus's 20 query slots to others.
	DefaultConcurrency = 4
	// DefaultStaleAfter allows for three recorded increases in a row to be missing.
	DefaultStaleAfter = 15 * time.Minute
)

// Options configure a Source. The zero value has the defaults.
type Options struct {
	// Timeout limits each query. If 0, it is DefaultTimeout.
	Timeout time.Duration
	// Concurrency limits how many queries run at once. If 0, it is DefaultConcurrency.
	Concurrency int
	// StaleAfter is the age of the newest sample beyond which data is stale. If 0, it
	// is DefaultStaleAfter.
	StaleAfter time.Duration
	// Now returns the time. If nil, it is time.Now.
	Now func() time.Time
}

// Source reads a server. It is safe for concurrent use.
type Source struct {
	api     v1.API
	options Options
	places  chan struct{} // one for each query that runs
	grid    *grid
	past    *past
	memory  *memory // nil if answers are not kept
	seal    Seal    // of what is kept in past
	early   time.Duration
}

// New returns a Source that reads through the API, which promapi.New makes. It
// sends no request.
func New(api v1.API, o Options) *Source {
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.Concurrency = cmp.Or(o.Concurrency, DefaultConcurrency)
	o.StaleAfter = cmp.Or(o.StaleAfter, DefaultStaleAfter)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Source{
		api: api, options: o, places: make(chan struct{}, o.Concurrency),
		grid: &grid{known: map[stretch]bool{}}, past: newPast(),
	}
}

// Now returns the time by the Source's clock.
func (s *Source) Now() time.Time { return s.options.Now() }

// StaleAfter returns the age from which data is stale.
func (s *Source) StaleAfter() time.Duration { return s.options.StaleAfter }

// enter waits for one of the places, and returns a context with the timeout and a
// function that gives the place back.
func (s *Source) enter(ctx context.Context) (context.Context, func(), error) {
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	bounded, cancel := context.WithTimeoutCause(ctx, s.options.Timeout, errSlow{s.options.Timeout})
	return bounded, func() { cancel(); <-s.places }, nil
}
