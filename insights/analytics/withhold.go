package analytics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// grid holds how many users each cell of a breakdown is about: by row, which is what
// the breakdown is by, and by column, which is a stretch of time in what the breakdown
// can be narrowed to.
type grid map[string]map[string]float64

// cellName names a cell of a breakdown by its row and by what it can be narrowed to.
func cellName(row, narrow string) string { return row + "\x00" + narrow }

// add adds the users of a cell in a stretch.
func (g grid) add(name string, stretch int, people float64) {
	row, narrow, _ := strings.Cut(name, "\x00")
	if g[row] == nil {
		g[row] = map[string]float64{}
	}
	g[row][fmt.Sprint(narrow, "\x00", stretch)] += people
}

// withhold returns the rows that must not be published. Those are rows with a cell of
// fewer users than the floor; and in each column the next-smallest, until what is
// withheld, which can be computed from the column's total and the rest, is about at
// least the floor. A row is withheld as a whole, since its other cells would tell.
func (g grid) withhold(floor float64) map[string]bool {
	hidden, columns := map[string]bool{}, map[string]bool{}
	for row, cells := range g {
		for column, n := range cells {
			columns[column] = true
			if n > 0 && n < floor {
				hidden[row] = true
			}
		}
	}
	for again := true; again; {
		again = false
		for _, column := range sortedKeys(columns) {
			for rest := g.rest(hidden, column); rest > 0 && rest < floor; rest = g.rest(hidden, column) {
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

// rest adds up the rows of a column that are withheld.
func (g grid) rest(hidden map[string]bool, column string) float64 {
	sum := 0.0
	for row := range hidden {
		sum += g[row][column]
	}
	return sum
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
