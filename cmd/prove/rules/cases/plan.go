package cases

import (
	"maps"
	"slices"
)

// component lists rules that are evaluated together: one rule, or several that
// read each other in a cycle.
type component struct {
	rules []int
	// inStep means that the rules must be evaluated step by step, because one reads
	// itself or a later rule.
	inStep bool
}

func (c component) any(of map[int]bool) bool { return anyOf(c.rules, of) }

// needed returns the rules that the case asks for, and those that they read.
func (rs *Rules) needed(c *Case) map[int]bool {
	needed := map[int]bool{}
	var add func(i int)
	add = func(i int) {
		if !needed[i] {
			needed[i] = true
			for _, read := range rs.reads[i] {
				add(read)
			}
		}
	}
	for _, i := range rs.asked(c) {
		add(i)
	}
	return needed
}

// Needs reports whether a case asks for the rule, or for one that reads it.
func (rs *Rules) Needs(c *Case, rule *Rule) bool { return rs.needed(c)[rule.index] }

// asked returns the rules that the case asks for by name.
func (rs *Rules) asked(c *Case) []int {
	var asked []int
	for _, t := range c.AlertTests {
		asked = append(asked, rs.alerts(t.Alertname)...)
	}
	for _, t := range c.ExprTests {
		asked = append(asked, rs.readBy(t.parsed)...)
	}
	return asked
}

// alerts returns the alerts of a name.
func (rs *Rules) alerts(name string) []int {
	var named []int
	for i, r := range rs.All {
		if r.Alert && r.Name == name {
			named = append(named, i)
		}
	}
	return named
}

// dependents returns, for each rule, the rule itself and all that read it directly
// or indirectly.
func dependents(reads [][]int) []map[int]bool {
	direct := make([][]int, len(reads))
	for i, read := range reads {
		for _, r := range read {
			direct[r] = append(direct[r], i)
		}
	}
	all := make([]map[int]bool, len(reads))
	for i := range reads {
		reached := map[int]bool{i: true}
		for todo := []int{i}; len(todo) > 0; todo = todo[1:] {
			for _, reader := range direct[todo[0]] {
				if !reached[reader] {
					reached[reader] = true
					todo = append(todo, reader)
				}
			}
		}
		all[i] = reached
	}
	return all
}

// plan orders rules so that each comes after what it reads. It is Tarjan's
// algorithm for strongly connected components.
func (rs *Rules) plan(needed map[int]bool) []component {
	var parts []component
	number, low, onStack := map[int]int{}, map[int]int{}, map[int]bool{}
	var stack []int
	var visit func(i int)
	visit = func(i int) {
		number[i] = len(number) + 1
		low[i] = number[i]
		stack = append(stack, i)
		onStack[i] = true
		for _, read := range rs.reads[i] {
			if number[read] == 0 {
				visit(read)
				low[i] = min(low[i], low[read])
			} else if onStack[read] {
				low[i] = min(low[i], number[read])
			}
		}
		if low[i] < number[i] {
			return
		}
		from := slices.Index(stack, i)
		part := slices.Sorted(slices.Values(stack[from:]))
		stack = stack[:from]
		for _, member := range part {
			onStack[member] = false
		}
		parts = append(parts, component{part, len(part) > 1 || readsLater(i, rs.reads[i])})
	}
	for _, i := range slices.Sorted(maps.Keys(needed)) {
		if number[i] == 0 {
			visit(i)
		}
	}
	return parts
}

// readsLater reports whether a rule reads itself or a later rule.
func readsLater(i int, reads []int) bool {
	return slices.ContainsFunc(reads, func(read int) bool { return read >= i })
}
