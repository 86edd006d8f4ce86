package metrics

import (
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"belfry/exporter/catalog"
)

// A writer sets the value of row i and reports whether to show it.
type writer func(m *dto.Metric, i int) bool

// writers create the writer for each kind of family. Counters of the rows after
// the first released ones that the family has had show 0.
var writers = map[catalog.Kind]func(part Part, f *familySnapshot, released int32) writer{
	catalog.KindCounter:   counterWriter,
	catalog.KindGauge:     gaugeWriter,
	catalog.KindSummary:   summaryWriter,
	catalog.KindHistogram: histogramWriter,
}

func counterWriter(part Part, f *familySnapshot, released int32) writer {
	slab, created := make([]dto.Counter, len(f.rows)), createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		slab[i].Value = &part.Snapshot.cells[f.rows[i].cell]
		if f.rows[i].serial >= released {
			slab[i].Value = new(float64)
		}
		slab[i].CreatedTimestamp = &created[i]
		m.Counter = &slab[i]
		return true
	}
}

func gaugeWriter(part Part, f *familySnapshot, _ int32) writer {
	slab := make([]dto.Gauge, len(f.rows))
	return func(m *dto.Metric, i int) bool {
		set := part.Snapshot.cells[f.rows[i].cell+1]
		if set == hidden || f.family.Expires && float64(part.Now)-set > float64(StaleAfter) {
			return false
		}
		slab[i].Value = &part.Snapshot.cells[f.rows[i].cell]
		m.Gauge = &slab[i]
		return true
	}
}

func summaryWriter(part Part, f *familySnapshot, released int32) writer {
	created := createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		cells := part.Snapshot.cells[f.rows[i].cell:]
		if f.rows[i].serial >= released {
			cells = make([]float64, 2)
		}
		m.Summary = &dto.Summary{
			SampleCount: proto.Uint64(uint64(cells[0])), SampleSum: &cells[1], CreatedTimestamp: &created[i],
		}
		return true
	}
}

func histogramWriter(part Part, f *familySnapshot, released int32) writer {
	created := createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		cells, buckets := part.Snapshot.cells[f.rows[i].cell:], &f.native[i]
		if f.rows[i].serial >= released {
			cells, buckets = make([]float64, len(f.family.Buckets)+2), &native{}
		}
		h := &dto.Histogram{SampleSum: &cells[len(f.family.Buckets)+1], CreatedTimestamp: &created[i]}
		total := uint64(0)
		for j := range f.family.Buckets {
			total += uint64(cells[j])
			h.Bucket = append(h.Bucket, &dto.Bucket{
				UpperBound: &f.family.Buckets[j], CumulativeCount: proto.Uint64(total),
			})
		}
		h.SampleCount = proto.Uint64(total + uint64(cells[len(f.family.Buckets)]))
		writeNative(h, part.Snapshot.cells, buckets)
		m.Histogram = h
		return true
	}
}

// writeNative writes the native buckets as spans and deltas: each count as the
// difference from the one before, gaps between buckets as span offsets.
func writeNative(h *dto.Histogram, cells []float64, n *native) {
	h.Schema, h.ZeroThreshold = proto.Int32(nativeSchema), proto.Float64(nativeZeroThreshold)
	h.ZeroCount = proto.Uint64(0)
	if n.zero != 0 {
		h.ZeroCount = proto.Uint64(uint64(cells[n.zero]))
	}
	previous, next := int64(0), int32(0)
	for i, s := range n.slots {
		index := int32(s.index)
		if i == 0 || index != next {
			offset := index - next
			span := &dto.BucketSpan{Offset: proto.Int32(offset), Length: proto.Uint32(0)}
			h.PositiveSpan = append(h.PositiveSpan, span)
		}
		*h.PositiveSpan[len(h.PositiveSpan)-1].Length++
		count := int64(cells[s.cell])
		h.PositiveDelta = append(h.PositiveDelta, count-previous)
		previous, next = count, index+1
	}
	if len(h.PositiveSpan) == 0 {
		// An empty span distinguishes an empty native histogram from a classic one.
		h.PositiveSpan = []*dto.BucketSpan{{Offset: proto.Int32(0), Length: proto.Uint32(0)}}
	}
}

func createdTimestamps(f *familySnapshot) []timestamppb.Timestamp {
	created := make([]timestamppb.Timestamp, len(f.rows))
	for i, r := range f.rows {
		created[i].Seconds, created[i].Nanos = r.created/1e9, int32(r.created%1e9)
	}
	return created
}
