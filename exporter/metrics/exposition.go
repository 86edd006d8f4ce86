package metrics

import (
	"cmp"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"belfry/exporter/catalog"
)

// StaleAfter sets how long gauges stay on the exposition after they were set last.
const StaleAfter = 5 * time.Minute

// Part holds what one partition contributes to an exposition.
type Part struct {
	// Partition holds the value of the label partition.
	Partition string
	// Snapshot holds the values.
	Snapshot *Snapshot
	// Now holds the stream's time, in nanoseconds since 1970. It decides which
	// gauges are stale.
	Now int64
	// Released returns how many of the n series of a family, oldest first, show
	// their values. The others show 0. If it is nil, all show their values.
	Released func(f *catalog.Family, n int) int
}

// Exposition turns snapshots into metric families. It caches the label pairs of
// all series. The zero value is ready to use and safe for concurrent use.
type Exposition struct {
	mu    sync.Mutex
	shown map[string]shownPairs // by partition
}

// shownPairs caches the label pairs of one table: for each family, by catalog
// index, those of each row.
type shownPairs struct {
	table    *Table
	families map[int][][]*dto.LabelPair
}

// Families merges the parts into one family per metric, ordered by name.
// Histograms have classic and native buckets. Counters, summaries and histograms
// have created timestamps.
func (e *Exposition) Families(parts []Part) []*dto.MetricFamily {
	merged := map[*catalog.Family]*dto.MetricFamily{}
	for _, part := range parts {
		for i := range part.Snapshot.families {
			f := &part.Snapshot.families[i]
			mf := merged[f.family]
			if mf == nil {
				mf = newFamily(f.family)
				merged[f.family] = mf
			}
			e.appendSeries(mf, part, f)
		}
	}
	families := make([]*dto.MetricFamily, 0, len(merged))
	for _, mf := range merged {
		if len(mf.Metric) > 0 {
			families = append(families, mf)
		}
	}
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return cmp.Compare(*a.Name, *b.Name) })
	return families
}

// Sort sorts the series of each family by their label values, for readers.
func Sort(families []*dto.MetricFamily) {
	for _, mf := range families {
		slices.SortFunc(mf.Metric, func(a, b *dto.Metric) int {
			return slices.CompareFunc(a.Label, b.Label, func(x, y *dto.LabelPair) int {
				return cmp.Compare(x.GetValue(), y.GetValue())
			})
		})
	}
}

func newFamily(f *catalog.Family) *dto.MetricFamily {
	kind := map[catalog.Kind]dto.MetricType{
		catalog.KindCounter: dto.MetricType_COUNTER, catalog.KindGauge: dto.MetricType_GAUGE,
		catalog.KindHistogram: dto.MetricType_HISTOGRAM, catalog.KindSummary: dto.MetricType_SUMMARY,
	}[f.Kind]
	return &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: &kind}
}

// appendSeries adds the part's series of one family. It allocates them together:
// dozens of allocations per scrape instead of hundreds of thousands.
func (e *Exposition) appendSeries(mf *dto.MetricFamily, part Part, f *familySnapshot) {
	pairs := e.labelPairs(part, f)
	slab := make([]dto.Metric, len(f.rows))
	mf.Metric = slices.Grow(mf.Metric, len(f.rows))
	released := len(f.rows)
	if part.Released != nil {
		released = part.Released(f.family, released)
	}
	write := writers[f.family.Kind](part, f, released)
	for i := range f.rows {
		m := &slab[i]
		if write(m, i) {
			m.Label = pairs[i]
			mf.Metric = append(mf.Metric, m)
		}
	}
}

// labelPairs returns the label pairs of the family's rows, each sorted by label
// name as the exposition formats require.
func (e *Exposition) labelPairs(part Part, f *familySnapshot) [][]*dto.LabelPair {
	e.mu.Lock()
	defer e.mu.Unlock()
	shown := e.shown[part.Partition]
	if shown.table != part.Snapshot.table { // the first one, or its counters have started over
		shown = shownPairs{part.Snapshot.table, map[int][][]*dto.LabelPair{}}
		if e.shown == nil {
			e.shown = map[string]shownPairs{}
		}
		e.shown[part.Partition] = shown
	}
	known := shown.families[f.family.Index()]
	for i := len(known); i < len(f.rows); i++ {
		pairs := []*dto.LabelPair{{Name: &catalog.LabelPartition.Name, Value: proto.String(part.Partition)}}
		for j, l := range f.family.Labels {
			pairs = append(pairs, &dto.LabelPair{Name: &l.Name, Value: &f.names[j][f.rows[i].key[j]]})
		}
		slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
		known = append(known, pairs)
	}
	shown.families[f.family.Index()] = known
	return known[:len(f.rows)]
}

// A writer sets the value of row i and reports whether to show it.
type writer func(m *dto.Metric, i int) bool

// writers create the writer for each kind of family. Counters of the rows after
// the first released ones show 0.
var writers = map[catalog.Kind]func(part Part, f *familySnapshot, released int) writer{
	catalog.KindCounter:   counterWriter,
	catalog.KindGauge:     gaugeWriter,
	catalog.KindSummary:   summaryWriter,
	catalog.KindHistogram: histogramWriter,
}

func counterWriter(part Part, f *familySnapshot, released int) writer {
	slab, created := make([]dto.Counter, len(f.rows)), createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		slab[i].Value = &part.Snapshot.cells[f.rows[i].cell]
		if i >= released {
			slab[i].Value = new(float64)
		}
		slab[i].CreatedTimestamp = &created[i]
		m.Counter = &slab[i]
		return true
	}
}

func gaugeWriter(part Part, f *familySnapshot, _ int) writer {
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

func summaryWriter(part Part, f *familySnapshot, released int) writer {
	created := createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		cells := part.Snapshot.cells[f.rows[i].cell:]
		if i >= released {
			cells = make([]float64, 2)
		}
		m.Summary = &dto.Summary{
			SampleCount: proto.Uint64(uint64(cells[0])), SampleSum: &cells[1], CreatedTimestamp: &created[i],
		}
		return true
	}
}

func histogramWriter(part Part, f *familySnapshot, released int) writer {
	created := createdTimestamps(f)
	return func(m *dto.Metric, i int) bool {
		cells, buckets := part.Snapshot.cells[f.rows[i].cell:], &f.native[i]
		if i >= released {
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
