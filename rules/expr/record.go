package expr

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"belfry/exporter/catalog"
)

// Recorded is a series that a recording rule writes. As an expression it selects
// the series.
type Recorded struct {
	Expr
	// Name holds the series' name: level:metric:operations.
	Name string
	// Definition holds the expression that the rule evaluates.
	Definition Expr

	// Unit says what the values are measured in.
	Unit catalog.Unit
	// Over holds the window of the rates that the values are computed from; 0 for a
	// series that is not computed from rates.
	Over time.Duration
	// Every holds the time between two samples: the interval of the rule group.
	Every time.Duration
	// Vocabulary says whom the series serves if nothing shipped reads it; empty for
	// all other series.
	Vocabulary string
	// Internal marks series that serve to record others, and nobody else.
	Internal bool
}

var operations = regexp.MustCompile(`^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)

// Record names an expression. The name comes without its level, such as
// "notification_sent:rate5m"; the level follows from the expression's labels, so it
// cannot be wrong: "channel_provider:notification_sent:rate5m". Without labels
// other than the target's, the level is "job". The caller, who knows the rule
// group, sets the fields after Definition.
func Record(name string, definition Operand) Recorded {
	level := strings.Join(names(definition.operand().labels.known), "_")
	return record(cmp.Or(level, "job"), name, definition)
}

func record(level, name string, definition Operand) Recorded {
	d := definition.operand()
	r := Recorded{Name: level + ":" + name, Definition: d}
	r.Expr = Expr{node: selector{name: r.Name, labels: d.labels}, labels: d.labels}
	switch {
	case d.err != nil:
		r.err = fmt.Errorf("record %s: %w", name, d.err)
	case d.scalar:
		r.err = fmt.Errorf("record %s: %s is a scalar", name, d)
	case !operations.MatchString(name):
		r.err = fmt.Errorf("record %s: use metric:operations in lower case", name)
	}
	return r
}

// Varied returns the series whose name ends in the value of a dashboard's variable where that
// of r ends in the given text: among series of one shape, the reader's time range chooses.
func (r Recorded) Varied(end, variable string) Recorded {
	stem, ok := strings.CutSuffix(r.Name, end)
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%s does not end in %q", r.Name, end)
	}
	r.Name = stem + "$" + variable
	s := r.node.(selector)
	s.name = r.Name
	r.node = s
	return r
}
