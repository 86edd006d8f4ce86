package metrics

import "belfry/exporter/catalog"

// Snapshot is all values of a table at one moment. It never changes.
type Snapshot struct {
	table    *Table // only to tell tables apart
	cells    []float64
	families []familySnapshot
}

// familySnapshot is one family's rows at the moment of the snapshot.
type familySnapshot struct {
	family *catalog.Family
	rows   []row
	native []native // beside rows, for histograms
	names  [][]string
}

// Snapshot copies the table's values.
func (t *Table) Snapshot() *Snapshot {
	s := &Snapshot{table: t, cells: append([]float64(nil), t.cells...)}
	for _, v := range t.vectors {
		if v == nil || len(v.list) == 0 {
			continue
		}
		f := familySnapshot{family: v.family, rows: v.list[:len(v.list):len(v.list)]}
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

// Sets returns the number of label sets that each family has admitted.
func (t *Table) Sets() map[*catalog.Family]int {
	sets := map[*catalog.Family]int{}
	for _, v := range t.vectors {
		if v != nil {
			sets[v.family] = len(v.list)
		}
	}
	return sets
}
