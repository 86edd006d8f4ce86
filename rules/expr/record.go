package expr

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"belfry/exporter/catalog"
)

// Recorded is a series that a recording rule computes. It is itself an
// expression: the selector of the series.
type Recorded struct {
	Expr
	// Name is the series' name: level:metric:operations.
	Name string
	// Definition is the expression that is recorded.
	Definition Expr

	// Unit is what the values are measured in.
	Unit catalog.Unit
	// Over is the window of the rates that the values are computed from; 0 for
	// series that are not computed from rates.
	Over time.Duration
	// Every is the time between two samples: the interval of the rule group.
	Every time.Duration
	// Vocabulary says why the series is recorded although nothing shipped reads
	// it: whom it serves in queries of their own. Empty for all other series.
	Vocabulary string
}

var operations = regexp.MustCompile(`^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)

// Record names an expression. The name is given without its level, as
// "notification_sent:rate5m"; the level is read off the expression's own
// labels, so it cannot be wrong: "channel_provider:notification_sent:rate5m".
// Where no label is left but the target's, the level is "job". The caller, who
// knows the rule group, sets the fields behind Definition.
func Record(name string, definition Operand) Recorded {
	d := definition.operand()
	level := strings.Join(names(d.labels.known), "_")
	if level == "" {
		level = "job"
	}
	r := Recorded{Name: level + ":" + name, Definition: d}
	r.Expr = Expr{node: selector{name: r.Name, labels: d.labels}, labels: d.labels}
	switch {
	case d.err != nil:
		r.err = fmt.Errorf("record %s: %w", name, d.err)
	case d.scalar:
		r.err = fmt.Errorf("record %s: %s is a scalar", name, d)
	case !operations.MatchString(name):
		r.err = fmt.Errorf("record %s: want metric:operations in lower case", name)
	}
	return r
}
