package metrics

import (
	"math"
	"slices"
	"sort"
)

// Native histograms have one resolution: schema 3, where each bucket is 2^(1/8),
// about 9 %, wider than the one before. Observations up to a microsecond share
// the zero bucket and those from two years on share the last one. That limits a
// series to 8 · (26 + 20) buckets.
const (
	nativeSchema        = 3
	nativeZeroThreshold = 1.0 / (1 << 20)
	nativeMaxExponent   = 26
)

// nativeBounds lists the upper bounds of the buckets of schema 3 between 0.5 and
// 1, as in the exposition format of native histograms.
var nativeBounds = func() (bounds [1 << nativeSchema]float64) {
	for i := range bounds {
		bounds[i] = 0.5 * math.Pow(2, float64(i)/float64(len(bounds)))
	}
	return bounds
}()

// nativeIndex returns the index of the bucket of a value above the zero threshold:
// the smallest index for which 2^(index/8) is not below the value.
func nativeIndex(value float64) int16 {
	fraction, exponent := math.Frexp(value)
	if exponent > nativeMaxExponent {
		return nativeMaxExponent << nativeSchema
	}
	return int16(sort.SearchFloat64s(nativeBounds[:], fraction) + (exponent-1)*len(nativeBounds))
}

// native locates the native buckets of one histogram row.
type native struct {
	slots []slot // ascending by index; replaced, not changed, when one is added
	zero  int32  // cell of the zero bucket; 0 if it has none, because cell 0 belongs to another row
}

// slot maps a bucket to its cell.
type slot struct {
	index int16
	cell  int32
}

// Histogram provides the series of a histogram family, with classic and native
// buckets.
type Histogram struct{ *vector }

// Observe adds an observation, in seconds, to the series of the label set.
func (h Histogram) Observe(seconds float64, set ...Symbol) {
	h.ObserveMany(seconds, 1, set...)
}

// ObserveMany adds n observations of the same duration.
func (h Histogram) ObserveMany(seconds, n float64, set ...Symbol) {
	r := h.row(set)
	bucket := int32(sort.SearchFloat64s(h.family.Buckets, seconds))
	nativeCell := h.nativeCell(r.native, seconds)
	cells := h.table.cells
	cells[r.cell+bucket] += n
	cells[r.cell+int32(len(h.family.Buckets))+1] += n * seconds
	cells[nativeCell] += n
}

// nativeCell returns the cell of the native bucket of an observation and adds the
// bucket if it is new.
func (h Histogram) nativeCell(n *native, seconds float64) int32 {
	if seconds <= nativeZeroThreshold {
		if n.zero == 0 {
			n.zero = h.table.allocate(1)
		}
		return n.zero
	}
	index := nativeIndex(seconds)
	at, found := slices.BinarySearchFunc(n.slots, index, func(s slot, i int16) int { return int(s.index) - int(i) })
	if found {
		return n.slots[at].cell
	}
	cell := h.table.allocate(1)
	slots := make([]slot, 0, len(n.slots)+1) // a copy: snapshots share the old one
	slots = append(append(append(slots, n.slots[:at]...), slot{index, cell}), n.slots[at:]...)
	n.slots = slots
	return cell
}
