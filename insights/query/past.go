package query

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
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

// past keeps what was counted in stretches of many days that are over, of all questions
// that a Source answered. It is safe for concurrent use.
type past struct {
	sync.Mutex
	kept   map[rangeQuestion]kept
	values int               // in all that is kept
	labels map[string]Labels // each set once
}

type kept struct {
	of     [sha256.Size]byte // the seal
	until  time.Time
	counts Matrix
}

func newPast() *past { return &past{kept: map[rangeQuestion]kept{}, labels: map[string]Labels{}} }

// Early returns a Source that asks again for what would be forgotten within a time.
func (s *Source) Early(by time.Duration) *Source {
	own := *s
	own.early = by
	return &own
}

// At returns a Source for which it is another time, to ask what was known then. It shares
// what is kept, and the limit on queries at once.
func (s *Source) At(now time.Time) *Source {
	own := *s
	own.options.Now = func() time.Time { return now }
	return &own
}

// anything tells whether there are increases in a time before.
func anything(window time.Duration) expr.Expr {
	return expr.Count(expr.CountOverTime(rules.StageVolume.Increase5m, justUnder(window),
		expr.Stage(catalog.StageSent))).By()
}

// sealed returns the counts of a run of the volume, from what is kept if they can be, or
// asks.
func (s *Source) sealed(
	ctx context.Context, r run, v rules.Volume, of rangeQuestion, ask func() (Matrix, error),
) (Matrix, error) {
	itself := v.Increase5m.Name == s.seal.Volume.Increase5m.Name
	if s.memory == nil || itself || len(r.pieces) < many || s.Now().Sub(r.last()) < settled {
		return ask()
	}
	now, err := s.sealOf(ctx, r)
	if err != nil || len(now.Values) == 0 || len(now.Warnings) > 0 {
		return ask()
	}
	seal := now.digest()
	if counts, ok := s.past.find(of, seal, s.Now().Add(s.early)); ok {
		return counts, nil
	}
	counts, err := ask()
	if err == nil && len(counts.Warnings) == 0 {
		s.past.keep(of, seal, counts, s.Now())
	}
	return counts, err
}

// sealOf asks for the counts by which those of the run are known again.
func (s *Source) sealOf(ctx context.Context, r run) (Vector, error) {
	return s.Instant(ctx, r.sum(s.seal.Volume, s.seal.By, s.seal.Where), r.last())
}

// silent reports whether nothing was recorded in a run of days without sums, which is
// asked once for all volumes.
func (s *Source) silent(ctx context.Context, r run) (Answer, bool, error) {
	if s.memory == nil || r.length != day || r.by != nil {
		return Answer{}, false, nil
	}
	found, err := s.Instant(ctx, anything(day*time.Duration(len(r.pieces))), r.last())
	return found.Answer, err == nil && len(found.Values) == 0, err
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

func (p *past) find(of rangeQuestion, seal [sha256.Size]byte, at time.Time) (Matrix, bool) {
	p.Lock()
	defer p.Unlock()
	k, ok := p.kept[of]
	return k.counts, ok && k.of == seal && at.Before(k.until)
}

// keep keeps counts. If there would be too many, it forgets all others.
func (p *past) keep(of rangeQuestion, seal [sha256.Size]byte, counts Matrix, now time.Time) {
	p.Lock()
	defer p.Unlock()
	p.values -= p.kept[of].counts.points()
	delete(p.kept, of)
	if p.values+counts.points() > maxKept || len(p.labels) > maxSets {
		clear(p.kept)
		clear(p.labels)
		p.values = 0
	}
	own := Matrix{Answer: counts.Answer, Series: slices.Clone(counts.Series)}
	for i, series := range own.Series {
		name := series.Labels.key()
		if p.labels[name] == nil {
			p.labels[name] = series.Labels
		}
		own.Series[i].Labels = p.labels[name]
	}
	p.values += own.points()
	p.kept[of] = kept{seal, now.Add(keptFor), own}
}

// points counts the samples.
func (m Matrix) points() (n int) {
	for _, s := range m.Series {
		n += len(s.Points)
	}
	return n
}
