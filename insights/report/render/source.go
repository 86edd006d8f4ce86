package render

import (
	"fmt"
	"slices"
	"strings"

	"belfry/insights/report"
)

// span is a run of queries with consecutive numbers, which begin at 1.
type span struct{ First, Last int }

// String writes a run.
func (s span) String() string {
	if s.First == s.Last {
		return fmt.Sprint(s.First)
	}
	return fmt.Sprintf("%d to %d", s.First, s.Last)
}

// spans returns the runs of queries. Two are no run.
func spans(queries []int) (all []span) {
	sorted := slices.Clone(queries)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	for i := 0; i < len(sorted); {
		end := i + 1
		for end < len(sorted) && sorted[end] == sorted[end-1]+1 {
			end++
		}
		if end-i == 2 {
			end = i + 1
		}
		all = append(all, span{sorted[i] + 1, sorted[end-1] + 1})
		i = end
	}
	return all
}

// source names the queries behind a block, empty if there are none.
func source(queries []int) string {
	all := spans(queries)
	if len(all) == 0 {
		return ""
	}
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.String()
	}
	return many(all) + " " + strings.Join(texts, ", ")
}

// many says whether it is one query or more.
func many(all []span) string {
	if len(all) == 1 && all[0].First == all[0].Last {
		return "Query"
	}
	return "Queries"
}

// queriesOf returns the queries behind a block.
func queriesOf(b report.Block) []int {
	switch b := b.(type) {
	case report.Findings:
		return b.Queries
	case report.Figures:
		return b.Queries
	case report.Table:
		return b.Queries
	case report.Course:
		return b.Queries
	case report.Bars:
		return b.Queries
	}
	return nil
}
