package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"belfry/rules"
	"belfry/rules/expr"
)

const day = 24 * time.Hour

// lengths lists how long pieces are, longest first.
var lengths = []time.Duration{day, time.Hour, tile}

// piece is a part of a bucket that one recorded sample covers.
type piece struct {
	end    time.Time
	length time.Duration
	bucket int
}

// cut divides the buckets into as few pieces as possible: a month that has an hour
// more than 30 days, into 30 days and an hour. Where a bucket of days begins between two
// hours of the clock, as it does in time zones of half hours, what comes before the first
// of them is cut off.
func cut(edges []time.Time) ([]piece, error) {
	var pieces []piece
	for i := 1; i < len(edges); i++ {
		at, to := edges[i-1], edges[i]
		if to.Before(at) || at.UnixNano()%int64(tile) != 0 || to.UnixNano()%int64(tile) != 0 {
			return nil, fmt.Errorf("invalid period from %s to %s: use an earlier and a later time, "+
				"each a multiple of %s", at.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano), tile)
		}
		take := func(length time.Duration) {
			at = at.Add(length)
			pieces = append(pieces, piece{at, length, i - 1})
		}
		for long := to.Sub(at) >= 2*day; long && at.UnixNano()%int64(time.Hour) != 0; {
			take(tile)
		}
		for _, length := range lengths {
			for to.Sub(at) >= length {
				take(length)
			}
		}
	}
	return pieces, nil
}

// run is a sequence of pieces of one length without gaps, that one query answers.
type run struct {
	pieces []piece
	length time.Duration
	by     *clock // by which it is read, nil if from increases
}

// first and last return when to ask for the first piece and for the last one.
func (r run) first() time.Time { return r.pieces[0].end.Add(r.later()) }
func (r run) last() time.Time  { return r.pieces[len(r.pieces)-1].end.Add(r.later()) }

func (r run) later() time.Duration {
	if r.by != nil {
		return seen
	}
	return 0
}

// of returns the recorded series that the run adds up.
func (r run) of(v rules.Volume) expr.Recorded {
	if r.by != nil {
		return r.by.of(v)
	}
	return v.Increase5m
}

// buckets returns in how many buckets the pieces are.
func (r run) buckets() int { return r.pieces[len(r.pieces)-1].bucket - r.pieces[0].bucket + 1 }

// many is how many pieces a bucket has for which a query of its own costs less than a
// point for each piece.
const many = 20

// byBucket gives each bucket of many pieces a run of its own.
func (r run) byBucket() []run {
	var runs []run
	long := false // the last run
	for begin, i := 0, 1; i <= len(r.pieces); i++ {
		if i < len(r.pieces) && r.pieces[i].bucket == r.pieces[begin].bucket {
			continue
		}
		part := r
		part.pieces = r.pieces[begin:i]
		if last := len(runs) - 1; last >= 0 && !long && len(part.pieces) < many {
			runs[last].pieces = r.pieces[begin-len(runs[last].pieces) : i]
		} else {
			runs = append(runs, part)
		}
		long, begin = len(part.pieces) >= many, i
	}
	return runs
}

// plan says which queries answer for the buckets.
func (s *Source) plan(ctx context.Context, edges []time.Time) ([]run, Answer, error) {
	pieces, err := cut(edges)
	if err != nil {
		return nil, Answer{}, err
	}
	by, a, err := s.summed(ctx, pieces)
	if err != nil {
		return nil, a, err
	}
	var runs []run
	for _, length := range lengths {
		of := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.length != length })
		for _, r := range sequences(of, by) {
			runs = append(runs, r.byBucket()...)
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return a.last().Compare(b.last()) })
	return runs, a, nil
}

// sequences returns the runs of pieces of one length and one clock.
func sequences(pieces []piece, by map[piece]*clock) []run {
	var runs []run
	for i, p := range pieces {
		if i == 0 || p.end.Sub(pieces[i-1].end) != p.length || by[p] != runs[len(runs)-1].by ||
			len(runs[len(runs)-1].pieces) == maxPoints {
			runs = append(runs, run{length: p.length, by: by[p]})
		}
		last := &runs[len(runs)-1]
		last.pieces = append(last.pieces, p)
	}
	return runs
}

// justUnder returns a window that leaves out a sample at its very beginning, with
// engines that include it and with those that do not.
func justUnder(d time.Duration) expr.Window { return window(d - time.Millisecond) }

func window(d time.Duration) expr.Window { return expr.Window(model.Duration(d).String()) }
