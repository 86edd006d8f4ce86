package backfill

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
)

// samplesPerChunk is Prometheus's own number.
const samplesPerChunk = 120

// Span says that a series has a sample every so often from one time to another.
type Span struct {
	From, To time.Time
	Every    time.Duration
	Later    time.Duration // of the samples, after each multiple of Every
}

// Plan lists the spans in which a series has samples, in order.
type Plan struct {
	Series
	Spans []Span
}

// WriteBlock writes the samples of the series within a time range as one block
// below the directory, and returns their number. It holds one series at a time in
// memory.
func WriteBlock(ctx context.Context, dir string, plans []Plan, from, to time.Time) (samples uint64, err error) {
	id, err := ulid.New(uint64(to.UnixMilli()), rand.Reader)
	if err != nil {
		return 0, err
	}
	block := filepath.Join(dir, id.String())
	defer func() {
		if err != nil {
			err = fmt.Errorf("write block %s: %w", block, err)
		}
	}()
	// Prometheus deletes a block without meta.json, so write that last.
	meta := tsdb.BlockMeta{ULID: id, MinTime: from.UnixMilli(), MaxTime: to.UnixMilli(), Version: 1}
	meta.Compaction.Level, meta.Compaction.Sources = 1, []ulid.ULID{id}
	chunkWriter, err := chunks.NewWriter(filepath.Join(block, "chunks"))
	if err != nil {
		return 0, err
	}
	indexWriter, err := index.NewWriter(ctx, filepath.Join(block, "index"))
	if err != nil {
		return 0, err
	}
	if err := writeSeries(ctx, chunkWriter, indexWriter, plans, &meta); err != nil {
		return 0, err
	}
	if err := chunkWriter.Close(); err != nil {
		return 0, err
	}
	if err := indexWriter.Close(); err != nil {
		return 0, err
	}
	content, err := json.Marshal(meta)
	if err != nil {
		return 0, err
	}
	return meta.Stats.NumSamples, os.WriteFile(filepath.Join(block, "meta.json"), content, 0o644)
}

// writeSeries writes symbols, chunks and series in the order that the index needs.
func writeSeries(ctx context.Context, cw *chunks.Writer, iw *index.Writer, plans []Plan, meta *tsdb.BlockMeta) error {
	plans = slices.Clone(plans)
	slices.SortFunc(plans, func(a, b Plan) int { return labels.Compare(a.Labels, b.Labels) })
	symbols := map[string]bool{}
	for _, p := range plans {
		p.Labels.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = true, true })
	}
	for _, symbol := range sorted(symbols) {
		if err := iw.AddSymbol(symbol); err != nil {
			return err
		}
	}
	var ref storage.SeriesRef
	for _, p := range plans {
		if err := ctx.Err(); err != nil {
			return err
		}
		metas, samples, err := p.chunks(meta.MinTime, meta.MaxTime)
		if err != nil {
			return err
		}
		if len(metas) == 0 {
			continue
		}
		if err := cw.WriteChunks(metas...); err != nil {
			return err
		}
		if err := iw.AddSeries(ref, p.Labels, metas...); err != nil {
			return fmt.Errorf("%s: %w", p.Labels, err)
		}
		ref++
		meta.Stats.NumSamples += samples
		meta.Stats.NumChunks += uint64(len(metas))
		meta.Stats.NumSeries++
	}
	return nil
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// chunks returns the samples from a time up to another, in milliseconds.
func (p Plan) chunks(from, to int64) (metas []chunks.Meta, samples uint64, err error) {
	var chunk *chunkenc.XORChunk
	var appender chunkenc.Appender
	for _, span := range p.Spans {
		every, later := span.Every.Milliseconds(), span.Later.Milliseconds()
		begin := (max(from, span.From.UnixMilli())-later+every-1)/every*every + later
		for at := begin; at < min(to, span.To.UnixMilli()); at += every {
			if chunk == nil || chunk.NumSamples() >= samplesPerChunk {
				chunk = chunkenc.NewXORChunk()
				if appender, err = chunk.Appender(); err != nil {
					return nil, 0, err
				}
				metas = append(metas, chunks.Meta{Chunk: chunk, MinTime: at})
			}
			appender.Append(0, at, p.value(at))
			metas[len(metas)-1].MaxTime = at
			samples++
		}
	}
	return metas, samples, nil
}
