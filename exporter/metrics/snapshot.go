package metrics

import "belfry/exporter/catalog"

// Snapshot holds a copy of all values of a table. It never changes.
type Snapshot struct {
	table    *Table // only identifies it
	cells    []float64
	families []familySnapshot
}

// familySnapshot holds the rows of one family.
type familySnapshot struct {
	family *catalog.Family
	rows   []row
	// created counts the rows, those that are gone included. generation tells apart lists
	// of rows from which some have gone in between.
	created    int
	generation int
	native     []native // parallel to rows, for histograms
	names      [][]string
}

// Snapshot copies the table's values.
func (t *Table) Snapshot() *Snapshot {
	s := &Snapshot{table: t, cells: append([]float64(nil), t.cells...)}
	for _, v := range t.vectors {
		if v == nil || v.off || len(v.list) == 0 {
			continue
		}
		f := familySnapshot{
			family: v.family, rows: v.list[:len(v.list):len(v.list)],
			created: int(v.created), generation: v.generation,
		}
		for _, l := range v.labels {
			f.names = append(f.names, l.names[:len(l.names):len(l.names)])
		}
		if v.family.Kind == catalog.KindHistogram {
			f.native = make([]native, len(v.list))
			for i := range v.list {
				f.native[i] = *v.list[i].native
			}
		}
		s.families = append(s.families, f)
	}
	return s
}

// Created returns how many label sets each family that is shown has had, those that have
// made room for others included.
func (t *Table) Created() map[*catalog.Family]int {
	created := map[*catalog.Family]int{}
	for _, v := range t.vectors {
		if v != nil && !v.off {
			created[v.family] = int(v.created)
		}
	}
	return created
}

// Sets returns the number of label sets of each family that is shown.
func (t *Table) Sets() map[*catalog.Family]int {
	sets := map[*catalog.Family]int{}
	for _, v := range t.vectors {
		if v != nil && !v.off {
			sets[v.family] = len(v.list)
		}
	}
	return sets
}
