package event

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// alias returns b as a string without copying it.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// str reads the string value of field f. Another type is a fault of the given reason.
// The string is part of the message unless it has escapes.
func (d *Decoder) str(f field, wrongType catalog.Reason) (string, error) {
	if err := d.once(f); err != nil {
		return "", err
	}
	if d.kind != jx.String {
		d.keep(f)
		return "", d.reject(wrongType)
	}
	b, err := d.js.StrBytes()
	return alias(b), err
}

// text reads free text.
func (d *Decoder) text(f field, dst *string) error {
	s, err := d.str(f, catalog.ReasonBadValue)
	if err == nil && s != "" && d.keep(f) {
		*dst = s
	}
	return err
}

// id reads the id of an event, a notification or a user.
func (d *Decoder) id(f field, dst *string) error {
	s, err := d.str(f, catalog.ReasonBadID)
	if err != nil || s == "" {
		return err
	}
	d.keep(f)
	if !validID(s) {
		d.faultHere(catalog.ReasonBadID)
	}
	*dst = s
	return nil
}

// oneOf reads a value of a closed set. It stores the set's own string.
func (d *Decoder) oneOf(f field, set []string, dst *string) error {
	s, err := d.str(f, catalog.ReasonBadValue)
	if err != nil || s == "" {
		return err
	}
	keep := d.keep(f)
	for _, known := range set {
		if s == known {
			if keep {
				*dst = known
			}
			return nil
		}
	}
	d.faultHere(catalog.ReasonBadValue)
	return nil
}

// channel reads a channel in any of its spellings.
func (d *Decoder) channel() error {
	s, err := d.str(fieldChannel, catalog.ReasonBadValue)
	if err != nil || s == "" {
		return err
	}
	d.keep(fieldChannel)
	if s == "in-app" || s == "inapp" {
		s = "in_app"
	}
	for _, known := range d.channels {
		if s == known {
			d.e.Channel = known
			return nil
		}
	}
	d.faultHere(catalog.ReasonBadValue)
	return nil
}

// flag reads true or false.
func (d *Decoder) flag(f field, dst *bool) error {
	if err := d.once(f); err != nil {
		return err
	}
	if d.kind != jx.Bool {
		return d.reject(catalog.ReasonBadValue)
	}
	v, err := d.js.Bool()
	if err == nil && d.keep(f) {
		*dst = v
	}
	return err
}

// numeral reads the number at hand. It is known if it is finite and not negative.
func (d *Decoder) numeral() (Value, error) {
	if d.kind != jx.Number {
		return Value{}, d.reject(catalog.ReasonBadNumber)
	}
	digits, err := d.js.Raw()
	if err != nil {
		return Value{}, err
	}
	v, err := strconv.ParseFloat(alias(digits), 64)
	if err != nil || v < 0 {
		d.faultHere(catalog.ReasonBadNumber)
		return Value{}, nil
	}
	return Value{Value: math.Abs(v), Known: true}, nil // -0 becomes 0
}

// quantity reads the number that is the value of field f.
func (d *Decoder) quantity(f field) (Value, error) {
	if err := d.once(f); err != nil {
		return Value{}, err
	}
	return d.numeral()
}

// number reads a measured value in its own unit.
func (d *Decoder) number(f field, dst *Value) error {
	v, err := d.quantity(f)
	if v.Known && d.keep(f) {
		*dst = v
	}
	return err
}

// float reads a measured value that defaults to zero.
func (d *Decoder) float(f field, dst *float64) error {
	v, err := d.quantity(f)
	*dst = v.Value
	return err
}

// seconds reads a duration in seconds.
func (d *Decoder) seconds(f field, dst *Seconds) error {
	v, err := d.quantity(f)
	*dst = Seconds(v)
	return err
}

// milliseconds reads a duration in milliseconds.
func (d *Decoder) milliseconds(f field, dst *Seconds) error {
	v, err := d.quantity(f)
	if v.Known && d.keep(f) {
		*dst = Seconds{Value: v.Value / 1000, Known: true}
	}
	return err
}

// timeTo reads a duration in milliseconds. A zero or an empty string means that
// nothing has happened yet.
func (d *Decoder) timeTo(f field, dst *Seconds) error {
	if d.kind == jx.String {
		s, err := d.str(f, catalog.ReasonBadNumber)
		if err == nil && s != "" {
			d.faultHere(catalog.ReasonBadNumber)
		}
		return err
	}
	v, err := d.quantity(f)
	if v.Value > 0 && d.keep(f) {
		*dst = Seconds{Value: v.Value / 1000, Known: true}
	}
	return err
}

// count reads a whole number.
func (d *Decoder) count(f field, dst *Count) error {
	v, err := d.quantity(f)
	switch {
	case err != nil || !v.Known:
	case v.Value > math.MaxUint32 || v.Value != math.Trunc(v.Value):
		d.faultHere(catalog.ReasonBadNumber)
	case d.keep(f):
		*dst = Count{Value: uint32(v.Value), Known: true}
	}
	return err
}

// timestamp reads the time when the event happened.
func (d *Decoder) timestamp() error {
	s, err := d.str(fieldTimestamp, catalog.ReasonBadTimestamp)
	if err != nil || s == "" {
		return err
	}
	d.keep(fieldTimestamp)
	t := parseTime(s)
	if !t.inRange() {
		d.faultHere(catalog.ReasonBadTimestamp)
	}
	d.e.Time = t.unixNano
	return nil
}

// instant reads an …At field. Zero times and a plain 0 mean that nothing has happened
// yet.
func (d *Decoder) instant(f field, dst *int64) error {
	if d.kind == jx.Number {
		return d.zero(f)
	}
	s, err := d.str(f, catalog.ReasonBadTimestamp)
	if err != nil || s == "" {
		return err
	}
	switch t := parseTime(s); {
	case t.inRange():
		if d.keep(f) {
			*dst = t.unixNano
		}
	case !t.isZero():
		d.faultHere(catalog.ReasonBadTimestamp)
	}
	return nil
}

// zero reads a number that must be 0.
func (d *Decoder) zero(f field) error {
	if err := d.once(f); err != nil {
		return err
	}
	digits, err := d.js.Raw()
	if err != nil {
		return err
	}
	if v, err := strconv.ParseFloat(alias(digits), 64); err != nil || v != 0 {
		d.faultHere(catalog.ReasonBadTimestamp)
	}
	return nil
}
