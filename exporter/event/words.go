package event

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// choice describes a closed set of values.
type choice struct {
	values []string
	// otherwise replaces a value outside the set; empty if the event is refused.
	otherwise string
	send      string
}

func choose(values []string, otherwise string) *choice {
	return &choice{values: values, otherwise: otherwise, send: "one of " + strings.Join(values, ", ")}
}

// What breaks nothing becomes other. The direction of a change of preference and the
// kind of a bounce decide what is counted, so their values must be known.
var (
	priorities = choose(catalog.Priorities, catalog.Other)
	reasons    = choose(catalog.SuppressionReasons, catalog.Other)
	changes    = choose(catalog.PreferenceChanges, "")
	bounces    = choose(catalog.BounceTypes, "")
)

// exact returns the index of s in a set, -1 if it is not in it.
func exact(s string, set []string) int {
	for i, known := range set {
		if s == known {
			return i
		}
	}
	return -1
}

// spelled returns the value of a set that s spells in another way, "" for none.
func spelled(s string, set []string) string {
	for _, known := range set {
		if same(s, known) {
			return known
		}
	}
	return ""
}

// same reports whether two words differ in nothing but case, hyphens, underscores and
// spaces.
func same(a, b string) bool {
	for {
		a, b = strings.TrimLeft(a, separators), strings.TrimLeft(b, separators)
		if a == "" || b == "" {
			return a == b
		}
		if lower(a[0]) != lower(b[0]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

const separators = "-_ "

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// oneOf reads a value of a closed set in any spelling. It stores the set's own string.
func (d *Decoder) oneOf(f field, c *choice, dst *string) error {
	s, err := d.word(f, catalog.ReasonBadValue, c.send)
	if err != nil || s == "" {
		return err
	}
	if i := exact(s, c.values); i < 0 {
		d.pick(f, c, s, dst)
	} else if d.keep(f) {
		*dst = c.values[i]
	}
	return nil
}

// pick stores the value of a closed set that s spells in another way.
func (d *Decoder) pick(f field, c *choice, s string, dst *string) {
	keep := d.keep(f)
	value := spelled(s, c.values)
	if value == "" {
		value = c.otherwise
	}
	if value == "" {
		d.faultOf(catalog.ReasonBadValue, "another value", c.send)
		return
	}
	if s != value && s != "in-app" && s != "inapp" || d.asBefore && value == c.otherwise {
		d.repaired() // the contract spells in_app in three ways
	}
	if keep {
		*dst = value
	}
}

// device reads text that becomes the value of a closed label, in the label's own
// spelling if it has the value.
func (d *Decoder) device(f field, l *catalog.Label, dst *string) error {
	s, err := d.word(f, catalog.ReasonBadValue, sendText)
	if err != nil || s == "" {
		return err
	}
	if exact(s, l.Values) < 0 && !d.asBefore {
		if value := spelled(s, l.Values); value != "" {
			d.repaired()
			s = value
		}
	}
	if d.keep(f) {
		*dst = s
	}
	return nil
}

// category reads a category. Of a list, the first entry that is not empty counts.
func (d *Decoder) category() error {
	if d.kind != jx.Array {
		return d.text(fieldCategory, &d.e.Category)
	}
	first := ""
	if d.asBefore {
		d.keep(fieldCategory)
		d.repaired()
	}
	err := d.list(fieldCategory, func() error {
		s, err := d.entry()
		if first == "" {
			first = s
		}
		return err
	})
	if first != "" && d.keep(fieldCategory) {
		d.e.Category = first
	}
	return err
}

// entry reads an entry of a list that is a string or a number.
func (d *Decoder) entry() (string, error) {
	d.repaired()
	switch d.kind {
	case jx.String:
		b, err := d.js.StrBytes()
		return alias(b), err
	case jx.Number:
		return d.numberAsText()
	default:
		return "", d.reject(catalog.ReasonBadValue, sendText)
	}
}

// variant reads the arm of an experiment. Those of a feature flag are true and false.
func (d *Decoder) variant() error {
	if d.kind != jx.Bool {
		return d.text(fieldExperimentVariant, &d.e.Variant)
	}
	if err := d.once(fieldExperimentVariant); err != nil {
		return err
	}
	on, err := d.js.Bool()
	d.repaired()
	if err == nil && d.keep(fieldExperimentVariant) {
		d.e.Variant = flagNames[on]
	}
	return err
}

var flagNames = map[bool]string{true: "true", false: "false"}

// currency reads a code of ISO 4217, which is written in capitals without spaces around
// it. Nothing but spaces is none.
func (d *Decoder) currency(dst *string) error {
	sent := ""
	err := d.text(fieldCurrency, &sent)
	if d.asBefore {
		*dst = cmp.Or(sent, *dst)
		return err
	}
	code := strings.ToUpper(strings.TrimSpace(sent))
	for _, value := range [...]string{catalog.Unknown, catalog.Other} { // the label's own, no codes
		if strings.EqualFold(code, value) {
			code = value
		}
	}
	if code != sent {
		d.repaired()
	}
	*dst = cmp.Or(code, *dst)
	return err
}

// repaired notes that the value being read has its meaning in another form than the
// contract's own. An amount is known by its block.
func (d *Decoder) repaired() {
	name := d.key
	if name == "amount" {
		name = d.path[len(d.path)-1]
	}
	if d.asBefore {
		d.refuseAsBefore(name)
		return
	}
	if i := slices.Index(catalog.RepairedFields, name); !slices.Contains(d.repairs, name) {
		d.repairs = append(d.repairs, catalog.RepairedFields[i]) // name is part of the message
	}
}
