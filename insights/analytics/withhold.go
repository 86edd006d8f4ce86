package analytics

import (
	"cmp"
	"slices"
)

// grid holds how many users each cell of a breakdown is about: by row, which is what
// the breakdown is by, and column, which is what it can be narrowed by. A breakdown
// that cannot be narrowed has one column.
type grid map[string]map[string]float64

// cellName names a cell in a watch.
func cellName(row, column string) string { return row + "\x00" + column }

// withhold returns the rows that must not be published. Those are rows with a cell of
// fewer users than the floor, or one that may not be cut where the period begins or
// ends; and in each column the next-smallest, until what is withheld, which can be
// computed from the column's total and the rest, consists of two rows and as many
// users as the floor. A row is withheld as a whole, since its other cells would tell.
func (g grid) withhold(floor float64, closed func(cells []string) bool) map[string]bool {
	hidden := map[string]bool{}
	columns := map[string]bool{}
	for row, cells := range g {
		for column, n := range cells {
			columns[column] = true
			if n > 0 && (n < floor || closed([]string{cellName(row, column)})) {
				hidden[row] = true
			}
		}
	}
	for again := true; again; {
		again = false
		for column := range columns {
			for !g.safe(hidden, column, floor, closed) {
				row, found := g.smallest(hidden, column)
				if !found {
					break
				}
				hidden[row], again = true, true
			}
		}
	}
	return hidden
}

// safe reports whether nothing follows from what is withheld of a column.
func (g grid) safe(hidden map[string]bool, column string, floor float64, closed func([]string) bool) bool {
	sum := 0.0
	var cells []string
	for row := range hidden {
		if n := g[row][column]; n > 0 {
			sum += n
			cells = append(cells, cellName(row, column))
		}
	}
	return len(cells) == 0 || len(cells) > 1 && sum >= floor && !closed(cells)
}

// smallest returns the row with the fewest users in the column of those that are shown.
func (g grid) smallest(hidden map[string]bool, column string) (row string, found bool) {
	var rows []string
	for row, cells := range g {
		if !hidden[row] && cells[column] > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return "", false
	}
	return slices.MinFunc(rows, func(a, b string) int {
		return cmp.Or(cmp.Compare(g[a][column], g[b][column]), cmp.Compare(a, b))
	}), true
}
