package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"belfry/exporter/catalog"
)

// Matcher narrows a selector by one label.
type Matcher struct {
	label    *catalog.Label
	operator string
	value    string
	err      error
}

// String returns the matcher as PromQL.
func (m Matcher) String() string { return m.label.Name + m.operator + strconv.Quote(m.value) }

// Eq matches series whose label has the value. It is a mistake if a closed label
// never has the value.
func Eq(l *catalog.Label, value string) Matcher { return exact(l, "=", value) }

// Ne matches series whose label has any other value. It is a mistake if a closed
// label never has the value, since the matcher would change nothing.
func Ne(l *catalog.Label, value string) Matcher { return exact(l, "!=", value) }

// Re matches series whose whole label value matches the regular expression, or equals
// it if it has no operators. It is a mistake if that matches no value of a closed label.
func Re(l *catalog.Label, pattern string) Matcher {
	m := Matcher{label: l, operator: "=~", value: pattern}
	re, err := regexp.Compile("^(?s:" + pattern + ")$") // anchored as Prometheus does
	if err != nil {
		m.err = fmt.Errorf("label %q: %w", l.Name, err)
	} else if !l.Free() && !slices.ContainsFunc(l.Values, re.MatchString) {
		m.err = fmt.Errorf("label %q never matches %q: it has %s", l.Name, pattern, strings.Join(l.Values, ", "))
	}
	if regexp.QuoteMeta(pattern) == pattern {
		m.operator = "=" // cheaper for Prometheus, and what linters ask for
	}
	return m
}

// Match matches a value as files write it: the exact value, or a regular
// expression between slashes, such as /ses|sendgrid/.
func Match(l *catalog.Label, value string) Matcher {
	if len(value) > 2 && strings.HasPrefix(value, "/") && strings.HasSuffix(value, "/") {
		return Re(l, value[1:len(value)-1])
	}
	return Eq(l, value)
}

// Stage matches notifications that reached one of the stages.
func Stage(stages ...catalog.Stage) Matcher {
	values := make([]string, len(stages))
	for i, s := range stages {
		values[i] = s.String()
	}
	return Re(catalog.LabelStage, strings.Join(values, "|"))
}

// Var matches what the viewer of a dashboard selected in the variable named like
// the label: one value, several or all.
func Var(l *catalog.Label) Matcher { return Matcher{label: l, operator: "=~", value: "$" + l.Name} }

// VarOrNone matches what [Var] matches, and series without the label.
func VarOrNone(l *catalog.Label) Matcher {
	return Matcher{label: l, operator: "=~", value: "$" + l.Name + "|"}
}

func exact(l *catalog.Label, operator, value string) Matcher {
	m := Matcher{label: l, operator: operator, value: value}
	if !l.Known(value) {
		m.err = fmt.Errorf("label %q never has the value %q: it has %s", l.Name, value, strings.Join(l.Values, ", "))
	}
	return m
}

// narrow adds a matcher to the selector, once.
func (s selector) narrow(m Matcher) selector {
	if !slices.Contains(s.where, m) {
		s.where = append(slices.Clip(s.where), m)
	}
	return s
}

// Err returns why the matcher can never match, or nil.
func (m Matcher) Err() error { return m.err }
