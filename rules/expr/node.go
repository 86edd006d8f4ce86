package expr

import (
	"math"
	"strconv"
	"strings"
)

// node is one operation of an expression's tree.
type node interface {
	write(b *strings.Builder)
	// rewrite returns the tree with every selector changed.
	rewrite(change func(selector) selector) node
}

func text(n node) string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

// selector reads series by name.
type selector struct {
	name   string
	labels labelSet
	where  []Matcher
	window Window // empty for an instant selector
	offset Window // empty for none
}

func (s selector) write(b *strings.Builder) {
	b.WriteString(s.name)
	for i, m := range s.where {
		b.WriteString([...]string{"{", ","}[min(i, 1)])
		b.WriteString(m.String())
	}
	if len(s.where) > 0 {
		b.WriteString("}")
	}
	if s.window != "" {
		b.WriteString("[" + string(s.window) + "]")
	}
	if s.offset != "" {
		b.WriteString(" offset " + string(s.offset))
	}
}

func (s selector) rewrite(change func(selector) selector) node { return change(s) }

// number is a scalar literal.
type number float64

func (n number) write(b *strings.Builder) {
	if math.IsInf(float64(n), +1) {
		b.WriteString("+Inf")
		return
	}
	b.WriteString(strconv.FormatFloat(float64(n), 'f', -1, 64))
}

func (n number) rewrite(func(selector) selector) node { return n }

// quoted is a string literal.
type quoted string

func (q quoted) write(b *strings.Builder) { b.WriteString(strconv.Quote(string(q))) }

func (q quoted) rewrite(func(selector) selector) node { return q }

// call is a function call.
type call struct {
	function string
	args     []node
}

func (c call) write(b *strings.Builder) {
	b.WriteString(c.function)
	b.WriteString("(")
	for i, arg := range c.args {
		if i > 0 {
			b.WriteString(", ")
		}
		arg.write(b)
	}
	b.WriteString(")")
}

func (c call) rewrite(change func(selector) selector) node {
	args := make([]node, len(c.args))
	for i, arg := range c.args {
		args[i] = arg.rewrite(change)
	}
	return call{c.function, args}
}

// subquery evaluates an operand at each multiple of step within a window that ends
// offset ago, or now if the offset is empty.
type subquery struct {
	of                   node
	window, step, offset Window
}

func (q subquery) write(b *strings.Builder) {
	writeOperand(b, q.of, unary)
	b.WriteString("[" + string(q.window) + ":" + string(q.step) + "]")
	if q.offset != "" {
		b.WriteString(" offset " + string(q.offset))
	}
}

func (q subquery) rewrite(change func(selector) selector) node {
	q.of = q.of.rewrite(change)
	return q
}

// aggregation is an operator such as sum with its grouping, such as
// "by (channel)", and its parameter, nil where it takes none.
type aggregation struct {
	operator, grouping string
	param, of          node
}

func (a aggregation) write(b *strings.Builder) {
	b.WriteString(a.operator)
	if a.grouping != "" {
		b.WriteString(" " + a.grouping + " ")
	}
	b.WriteString("(")
	if a.param != nil {
		a.param.write(b)
		b.WriteString(", ")
	}
	a.of.write(b)
	b.WriteString(")")
}

func (a aggregation) rewrite(change func(selector) selector) node {
	a.of = a.of.rewrite(change)
	return a
}

// binary is an operation on two operands, with how they are matched, such as
// "on (channel)".
type binary struct {
	operator, matching string
	left, right        node
}

// precedence of the operators, from the loosest.
var precedence = map[string]int{
	"or": 1, "and": 2, "unless": 2,
	"==": comparison, "!=": comparison, ">": comparison, ">=": comparison, "<": comparison, "<=": comparison,
	"+": 4, "-": 4, "*": 5, "/": 5,
}

// Precedences: of comparisons, and of what binds closer than any operator.
const comparison, unary = 3, 6

// write puts a nested operation in parentheses where the text would otherwise mean
// something else, and a comparison within a comparison, where it would surprise.
func (n binary) write(b *strings.Builder) {
	own := precedence[n.operator]
	lowestLeft := own
	if own == comparison {
		lowestLeft++
	}
	writeOperand(b, n.left, lowestLeft)
	b.WriteString(" " + n.operator + " ")
	if n.matching != "" {
		b.WriteString(n.matching + " ")
	}
	writeOperand(b, n.right, own+1)
}

// writeOperand puts an operation of a lower precedence in parentheses.
func writeOperand(b *strings.Builder, n node, lowest int) {
	if nested, ok := n.(binary); !ok || precedence[nested.operator] >= lowest {
		n.write(b)
		return
	}
	b.WriteString("(")
	n.write(b)
	b.WriteString(")")
}

func (n binary) rewrite(change func(selector) selector) node {
	n.left, n.right = n.left.rewrite(change), n.right.rewrite(change)
	return n
}
