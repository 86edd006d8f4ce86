package metrics

import (
	"cmp"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

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
	// Released returns how many of the n series that a family has had, oldest first, show
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
	families map[int]familyPairs
}

// familyPairs caches the label pairs of the rows of one generation.
type familyPairs struct {
	generation int
	rows       [][]*dto.LabelPair
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
				mf = NewFamily(f.family)
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

// NewFamily returns a family of the catalogue without series.
func NewFamily(f *catalog.Family) *dto.MetricFamily {
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
	released := f.created
	if part.Released != nil {
		released = part.Released(f.family, released)
	}
	write := writers[f.family.Kind](part, f, int32(released))
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
		shown = shownPairs{part.Snapshot.table, map[int]familyPairs{}}
		if e.shown == nil {
			e.shown = map[string]shownPairs{}
		}
		e.shown[part.Partition] = shown
	}
	cached := shown.families[f.family.Index()]
	if cached.generation != f.generation {
		cached = familyPairs{generation: f.generation}
	}
	known := cached.rows
	for i := len(known); i < len(f.rows); i++ {
		pairs := []*dto.LabelPair{{Name: &catalog.LabelPartition.Name, Value: proto.String(part.Partition)}}
		for j, l := range f.family.Labels {
			pairs = append(pairs, &dto.LabelPair{Name: &l.Name, Value: &f.names[j][f.rows[i].key[j]]})
		}
		slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
		known = append(known, pairs)
	}
	shown.families[f.family.Index()] = familyPairs{f.generation, known}
	return known[:len(f.rows)]
}
