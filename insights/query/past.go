package query

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sync"
	"time"

	"belfry/exporter/catalog"
	"belfry/rules"
	"belfry/rules/expr"
)

const (
	// settled is how long a stretch of time is over before its counts are kept.
	settled = 25 * time.Hour
	// keptFor is how long they are kept, for changes that no seal shows: the deletion of
	// some volumes only.
	keptFor = 24 * time.Hour
	// maxKept limits the values that are kept, which is two years of 20,000 series, and
	// maxSets is the number of different label sets above which all is forgotten.
	maxKept, maxSets = 500_000, 50_000
)

// Seal names the counts that stand for all others, which the exporter counts at the same
// time and rules record at the same time. They are asked for each time. While they are what
// they were, so is what is kept of the other volumes: whatever is recorded late, filled in
// afterwards or deleted, changes them too.
type Seal struct {
	Volume rules.Volume
	By     []*catalog.Label
	Where  []expr.Matcher
}

// past keeps sums over months that are over, of all questions that a Source answered. It is
// safe for concurrent use.
type past struct {
	sync.Mutex
	kept   map[question]kept
	values int               // in all that is kept
	labels map[string]Labels // each set once
}

type kept struct {
	of    [sha256.Size]byte // the seal
	until time.Time
	sums  Vector
}

func newPast() *past { return &past{kept: map[question]kept{}, labels: map[string]Labels{}} }

// anything tells whether there are increases in a time before.
func anything(window time.Duration) expr.Expr {
	return expr.Count(expr.CountOverTime(rules.StageVolume.Increase5m, justUnder(window),
		expr.Stage(catalog.StageSent))).By()
}

// total returns the sum over a run that is in one bucket, from what is kept if it can be.
// Where days have no sums there may be nothing at all, which is asked once for all volumes.
func (s *Source) total(ctx context.Context, r run, promQL string, at time.Time) (Vector, error) {
	if s.memory != nil && r.length == day && r.sums.Name == "" {
		found, err := s.Instant(ctx, anything(day*time.Duration(len(r.pieces))), r.last())
		if err != nil || len(found.Values) == 0 {
			return found, err
		}
	}
	if s.memory == nil || len(r.pieces) < many || s.Now().Sub(r.last()) < settled {
		return s.instant(ctx, promQL, at)
	}
	same := r
	if same.sums.Name != "" {
		same.sums = s.seal.Volume.Increase1d // the only ones of which a run is long
	}
	seal, when, err := same.sum(s.seal.Volume, s.seal.By, s.seal.Where)
	if err != nil || seal == promQL {
		return s.instant(ctx, promQL, at)
	}
	now, err := s.instant(ctx, seal, when)
	if err != nil || len(now.Values) == 0 || len(now.Warnings) > 0 {
		return s.instant(ctx, promQL, at)
	}
	key, of := question{promQL, at.UnixNano()}, now.digest()
	if sums, ok := s.past.find(key, of, s.Now()); ok {
		return sums, nil
	}
	sums, err := s.instant(ctx, promQL, at)
	if err == nil && len(sums.Warnings) == 0 {
		s.past.keep(key, of, sums, s.Now())
	}
	return sums, err
}

// digest returns a checksum of labels and values.
func (v Vector) digest() (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, e := range v.Values {
		h.Write([]byte(e.Labels.key()))
		h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(e.Value)))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func (p *past) find(key question, of [sha256.Size]byte, at time.Time) (Vector, bool) {
	p.Lock()
	defer p.Unlock()
	k, ok := p.kept[key]
	return k.sums, ok && k.of == of && at.Before(k.until)
}

// keep keeps sums. If there would be too many, it forgets all others.
func (p *past) keep(key question, of [sha256.Size]byte, sums Vector, now time.Time) {
	p.Lock()
	defer p.Unlock()
	p.values -= len(p.kept[key].sums.Values)
	delete(p.kept, key)
	if p.values+len(sums.Values) > maxKept || len(p.labels) > maxSets {
		clear(p.kept)
		clear(p.labels)
		p.values = 0
	}
	own := Vector{Answer: sums.Answer, Values: make([]Value, len(sums.Values))}
	for i, e := range sums.Values {
		name := e.Labels.key()
		if p.labels[name] == nil {
			p.labels[name] = e.Labels
		}
		own.Values[i] = Value{p.labels[name], e.Value}
	}
	p.values += len(own.Values)
	p.kept[key] = kept{of, now.Add(keptFor), own}
}
