package proof

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Print writes the report for people: first what is missing, then the counts.
func (r *Report) Print(w io.Writer) {
	printList(w, "Rules that no case shows", r.Uncovered)
	printList(w, "Mutants listed as equivalent", r.Outdated)
	for i, s := range r.Survivors {
		first := i == 0 || r.Survivors[i-1].Rule.ID != s.Rule.ID
		switch {
		case first && s.Cases == 0:
			fmt.Fprintf(w, "%s (cases: none, survivors: all %d)\n", s.Rule.ID, r.survivorsOf(s.Rule.ID))
			continue
		case s.Cases == 0:
			continue
		case first:
			fmt.Fprintf(w, "%s (cases: %d, survivors: %d)\n", s.Rule.ID, s.Cases, r.survivorsOf(s.Rule.ID))
		}
		fmt.Fprintf(w, "  %s\n    - %s\n    + %s\n    missing: %s\n", s.Kind, s.Before, s.After, s.Wanted)
	}
	if len(r.Survivors) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%d rules, %d cases in %d files, %d of %d mutants killed, %d equivalent, in %s\n",
		r.Rules, r.Cases, r.Files, r.Killed, r.Mutants, r.Equivalent, r.Took.Round(100*time.Millisecond))
}

func (r *Report) survivorsOf(rule string) int {
	n := 0
	for _, s := range r.Survivors {
		if s.Rule.ID == rule {
			n++
		}
	}
	return n
}

func printList(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "%s:\n  %s\n\n", title, strings.Join(lines, "\n  "))
	}
}
