package metrics

import (
	"fmt"
	"slices"

	"belfry/exporter/catalog"
)

// Image holds a copy of a Table in a form that can be stored.
type Image struct {
	// Symbols lists the names of each label's values, by the label's id; "" is one that has
	// made room. Seen lists the days since 1970 on which events brought them last. Older
	// images do not have it.
	Symbols map[string][]string
	Seen    map[string][]int32
	// FullUntil holds the day until which no value of a label makes room, by the label's id.
	FullUntil map[string]int32
	// Families holds the rows of each family, by name.
	Families map[string]FamilyImage
	Cells    []float64
	Now      int64
	// Exact says that sums of amounts have second cells. Those of older images have
	// none, see Table.Settle.
	Exact bool
}

// FamilyImage holds the rows of one family in parallel slices.
type FamilyImage struct {
	Keys    [][]Symbol
	Cells   []int32
	Created []int64
	// Serials says how many rows the family had before each one, if some have gone since,
	// and Rows how many it has had.
	Serials []int32
	Rows    int32
	// Rest holds the second cells of sums of amounts if the image is exact.
	Rest []int32
	// Zero and Buckets hold the native buckets of a histogram.
	Zero    []int32
	Buckets [][]BucketImage
}

// BucketImage holds one native bucket and its cell.
type BucketImage struct {
	Index int16
	Cell  int32
}

// Image copies the table.
func (t *Table) Image() *Image {
	im := &Image{
		Symbols: map[string][]string{}, Seen: map[string][]int32{}, FullUntil: map[string]int32{},
		Families: map[string]FamilyImage{},
		Cells:    slices.Clone(t.cells), Now: t.now, Exact: !t.plain,
	}
	for _, s := range t.symbols {
		im.Symbols[s.id] = s.names[:len(s.names):len(s.names)]
		if s.label.Free() {
			im.Seen[s.id], im.FullUntil[s.id] = slices.Clone(s.lives.seen), s.lives.fullUntil
		}
	}
	for _, v := range t.vectors {
		if v != nil {
			im.Families[v.family.Name] = v.image()
		}
	}
	return im
}

func (v *vector) image() FamilyImage {
	f := FamilyImage{Rows: v.created}
	for _, r := range v.list {
		if int(v.created) > len(v.list) {
			f.Serials = append(f.Serials, r.serial)
		}
		f.Keys = append(f.Keys, slices.Clone(r.key[:len(v.labels)]))
		f.Cells = append(f.Cells, r.cell)
		f.Created = append(f.Created, r.created)
		if r.rest != 0 {
			f.Rest = append(f.Rest, r.rest)
		}
		if r.native == nil {
			continue
		}
		var buckets []BucketImage
		for _, s := range r.native.slots {
			buckets = append(buckets, BucketImage{s.index, s.cell})
		}
		f.Zero, f.Buckets = append(f.Zero, r.native.zero), append(f.Buckets, buckets)
	}
	return f
}

// Restore fills a new table from an image. It returns an error unless the image's
// values of each closed label are the first of the table's, or, of a label that the
// options extend, among the table's: otherwise its symbols would have another meaning.
func (t *Table) Restore(im *Image) error {
	for l, s := range t.symbols {
		names := im.Symbols[s.id]
		if !l.Free() {
			if !s.adopt(names) {
				return fmt.Errorf("label %s was folded with the values %q and is now configured with %q; "+
					"add values at the end, do not remove or reorder them", l.Name, names, s.names)
			}
			continue
		}
		known := s.names
		s.restore(names, im.Seen[s.id])
		s.lives.fullUntil = im.FullUntil[s.id]
		s.escapeStored()
		for _, name := range known[:s.known] { // which are configured since
			if _, stored := s.index[name]; stored {
				continue
			}
			if len(s.names) >= MaxValues && len(s.lives.vacant) == 0 {
				return fmt.Errorf("label %s has %d values already, the most that are possible: "+
					"%q cannot be added", l.Name, len(s.names), name)
			}
			s.admit(name)
		}
	}
	t.cells, t.now, t.plain = slices.Clone(im.Cells), im.Now, !im.Exact
	for _, v := range t.vectors {
		if v != nil {
			v.restore(im.Families[v.family.Name])
		}
	}
	return nil
}

// restore takes over the values of a free label. Those of an older image were seen today.
func (s *Symbols) restore(names []string, seen []int32) {
	s.names, s.index, s.lives.seen = slices.Clone(names), map[string]Symbol{}, slices.Clone(seen)
	for i, name := range names {
		if i >= len(seen) {
			s.lives.seen = append(s.lives.seen, s.table.today)
		}
		if name == "" {
			s.lives.leave(Symbol(i))
		} else {
			s.index[name] = Symbol(i)
		}
	}
}

// Settle gives the sums of amounts of an older image their second cells. Until then
// they go on as they were, so that events that are folded again add up to what was
// shown, to the last bit. Call it when nothing more will be folded before the next
// image is stored.
func (t *Table) Settle() {
	if !t.plain {
		return
	}
	t.plain = false
	for _, v := range t.vectors {
		if v == nil || !v.exact() {
			continue
		}
		for i := range v.list {
			v.list[i].rest = t.allocate(1)
		}
	}
}

func (v *vector) restore(f FamilyImage) {
	v.list, v.rows = make([]row, len(f.Keys)), make(map[key]int32, len(f.Keys))
	v.created = max(f.Rows, int32(len(f.Keys)))
	for i := range f.Keys {
		r := row{serial: int32(i), cell: f.Cells[i], created: f.Created[i]}
		if len(f.Serials) > 0 {
			r.serial = f.Serials[i]
		}
		copy(r.key[:], f.Keys[i])
		if v.exact() {
			r.rest = f.Rest[i]
		}
		if v.family.Kind == catalog.KindHistogram {
			r.native = &native{zero: f.Zero[i]}
			for _, b := range f.Buckets[i] {
				r.native.slots = append(r.native.slots, slot{b.Index, b.Cell})
			}
		}
		v.list[i] = r
		v.rows[r.key] = int32(i)
	}
}
