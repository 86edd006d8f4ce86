package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"belfry/exporter/event"
)

// explainedLines limits how many lines with the same fault are explained one by one.
const explainedLines = 3

// explanation tells, line by line, why events of a file are rejected, and which fields
// have a value in another form than the contract's. It shows no
// value of an event, and its length does not depend on that of the file.
type explanation struct {
	out                *bufio.Writer
	events, rejections int
	faults             map[event.Rejection]int // lines by what is wrong, distances left out
	repaired           map[string]int          // events by the field that was repaired
}

func newExplanation(out io.Writer) *explanation {
	return &explanation{
		out: bufio.NewWriter(out), faults: map[event.Rejection]int{}, repaired: map[string]int{},
	}
}

// add explains a line that was rejected, or names its fields that were repaired.
func (x *explanation) add(line int, message []byte, why *event.Rejection, repairs []string) {
	x.events++
	if why == nil {
		for _, field := range repairs {
			x.repaired[field]++
			if x.repaired[field] <= explainedLines {
				fmt.Fprintf(x.out, "line %d: %s: counted, but its value is not as the contract has it: "+
					"see %[2]s in nats/event.schema.json\n", line, field)
			}
		}
		return
	}
	x.rejections++
	fault := *why
	fault.Ahead = 0
	x.faults[fault]++
	if x.faults[fault] <= explainedLines {
		fmt.Fprintf(x.out, "line %d: %s\n", line, why.Explain(message))
	}
}

// end adds the sums.
func (x *explanation) end() error {
	for _, fault := range mostFirst(x.faults, func(r event.Rejection) string { return r.Explain(nil) }) {
		if more := x.faults[fault] - explainedLines; more > 0 {
			fmt.Fprintf(x.out, "%d more: %s\n", more, fault.Explain(nil))
		}
	}
	for i, field := range mostFirst(x.repaired, func(field string) string { return field }) {
		fmt.Fprintf(x.out, "%s%s (%d)", [...]string{"repaired fields, with the number of events: ", ", "}[min(i, 1)],
			field, x.repaired[field])
	}
	if len(x.repaired) > 0 {
		fmt.Fprintln(x.out)
	}
	fmt.Fprintf(x.out, "rejected %d of %d events\n", x.rejections, x.events)
	return x.out.Flush()
}

// mostFirst returns the keys by falling count, and by name where counts are equal.
func mostFirst[K comparable](counts map[K]int, name func(K) string) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(name(a), name(b)))
	})
}
