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
// more than 30 days, into 30 days and an hour.
func cut(edges []time.Time) ([]piece, error) {
	var pieces []piece
	for i := 1; i < len(edges); i++ {
		at, to := edges[i-1], edges[i]
		if to.Before(at) || at.UnixNano()%int64(tile) != 0 || to.UnixNano()%int64(tile) != 0 {
			return nil, fmt.Errorf("invalid period from %s to %s: use an earlier and a later time, "+
				"each a multiple of %s", at.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano), tile)
		}
		for _, length := range lengths {
			for ; to.Sub(at) >= length; at = at.Add(length) {
				pieces = append(pieces, piece{at.Add(length), length, i - 1})
			}
		}
	}
	return pieces, nil
}

// run is a sequence of pieces of one length without gaps, that one query answers.
type run struct {
	pieces []piece
	length time.Duration
	// sums is read later than the ends of the pieces; its name is "" if the increases
	// themselves are added up.
	sums  expr.Recorded
	later time.Duration
}

func (r run) first() time.Time { return r.pieces[0].end.Add(r.later) }
func (r run) last() time.Time  { return r.pieces[len(r.pieces)-1].end.Add(r.later) }

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

// class tells apart pieces that different queries answer.
type class struct {
	length time.Duration
	summed bool
	phase  time.Duration
}

// plan says which queries answer for the pieces.
func (s *Source) plan(ctx context.Context, v rules.Volume, edges []time.Time) ([]run, Answer, error) {
	pieces, err := cut(edges)
	if err != nil {
		return nil, Answer{}, err
	}
	sums := map[time.Duration]expr.Recorded{day: v.Increase1d, time.Hour: v.Increase1h}
	classes := map[class][]piece{}
	var a Answer
	for _, length := range lengths {
		of := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.length != length })
		marks := map[int64]mark{}
		if sums[length].Name != "" {
			var asked Answer
			if marks, asked, err = s.marks(ctx, bounds(of), length); err != nil {
				return nil, a, err
			}
			a.Join(asked)
		}
		for _, p := range of {
			c := classify(p, marks)
			classes[c] = append(classes[c], p)
		}
	}
	var runs []run
	for c, of := range classes {
		for _, r := range c.runs(of, sums[c.length]) {
			runs = append(runs, r.byBucket()...)
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return a.last().Compare(b.last()) })
	return runs, a, nil
}

// bounds returns where pieces begin and end, each time once.
func bounds(pieces []piece) []time.Time {
	var times []time.Time
	for _, p := range pieces {
		times = append(times, p.end, p.end.Add(-p.length))
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// classify says whether a recorded sum covers the piece. It does not where the rule
// group's offset changed within it.
func classify(p piece, marks map[int64]mark) class {
	begin := p.end.Add(-p.length)
	m, before := marks[p.end.Unix()], marks[begin.Unix()]
	if !m.summed || !before.newest.IsZero() && before.phase(begin) != m.phase(p.end) {
		return class{length: p.length}
	}
	return class{p.length, true, m.phase(p.end)}
}

// runs returns the runs of pieces of the class.
func (c class) runs(pieces []piece, sums expr.Recorded) []run {
	slices.SortFunc(pieces, func(a, b piece) int { return a.end.Compare(b.end) })
	var runs []run
	for i, p := range pieces {
		if i == 0 || p.end.Sub(pieces[i-1].end) != c.length || len(runs[len(runs)-1].pieces) == maxPoints {
			r := run{length: c.length}
			if c.summed {
				r.sums, r.later = sums, sumsAt(p.end, c.phase).Sub(p.end)
			}
			runs = append(runs, r)
		}
		last := &runs[len(runs)-1]
		last.pieces = append(last.pieces, p)
	}
	return runs
}

// justUnder returns a window that leaves out a sample at its very beginning, with
// engines that include it and with those that do not.
func justUnder(d time.Duration) expr.Window {
	return expr.Window(model.Duration(d - time.Millisecond).String())
}
