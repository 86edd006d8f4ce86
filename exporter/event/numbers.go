package event

import (
	"math"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// numeral reads the number at hand. It is known if it is not negative and below the
// field's limit.
func (d *Decoder) numeral(f field) (Value, error) {
	if d.kind != jx.Number {
		return d.numeralInText(f)
	}
	raw, err := d.js.Raw()
	if err != nil {
		return Value{}, err
	}
	v, err := strconv.ParseFloat(alias(raw), 64)
	if err == nil && v >= 0 && v < limits[f] || d.tookBefore(f, v) {
		return Value{Value: math.Abs(v), Known: true}, nil // -0 becomes 0
	}
	d.beyond(f, v)
	return Value{}, nil
}

// beyond notes that the number being read is negative or beyond the field's limit.
func (d *Decoder) beyond(f field, v float64) {
	found := "a number beyond the limit"
	if v < 0 && v > -limits[f] {
		found = "a negative number"
	}
	d.faultOf(catalog.ReasonBadNumber, found, sends[f])
}

// numeralInText reads a number that is text.
func (d *Decoder) numeralInText(f field) (Value, error) {
	v, known, err := d.signed(f)
	if v < 0 {
		d.beyond(f, v)
		known = false
	}
	return Value{Value: math.Abs(v), Known: known}, err
}

// signed reads the number at hand, of field f, and whether it is known: below the
// field's limit in size. It takes numbers as text; empty text is no number.
func (d *Decoder) signed(f field) (v float64, known bool, err error) {
	var number string
	switch d.kind {
	case jx.Number:
		raw, err := d.js.Raw()
		if err != nil {
			return 0, false, err
		}
		number = alias(raw)
	case jx.String:
		b, err := d.js.StrBytes()
		if err != nil || len(b) == 0 {
			d.emptyNumber(f)
			return 0, false, err
		}
		number = alias(b)
		if !isNumber(number, digits[f]) || f == fieldRetryCount && strings.ContainsAny(number, "eE") {
			d.faultOf(catalog.ReasonBadNumber, "a string that is not such a number", sends[f])
			return 0, false, nil
		}
		d.repaired()
	default:
		return 0, false, d.reject(catalog.ReasonBadNumber, sends[f])
	}
	v, err = strconv.ParseFloat(number, 64)
	if err != nil || math.Abs(v) >= limits[f] && !d.tookBefore(f, v) {
		d.beyond(f, math.Abs(v))
		return 0, false, nil
	}
	return v, true, nil
}

// isNumber reports whether text is a number whose whole part has at most so many
// digits. Exponents may be negative only, as in 4e-05.
func isNumber(s string, atMost int) bool {
	s = strings.TrimPrefix(s, "-")
	mantissa, exponent, small := strings.Cut(strings.Replace(s, "E", "e", 1), "e-")
	whole, part, broken := strings.Cut(mantissa, ".")
	return isDigits(whole) && len(whole) <= atMost && (!broken || isDigits(part)) && (!small || isDigits(exponent))
}

// isDigits reports whether s is one or more decimal digits.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// quantity reads the number that is the value of field f.
func (d *Decoder) quantity(f field) (Value, error) {
	if err := d.once(f); err != nil {
		return Value{}, err
	}
	return d.numeral(f)
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

// timeTo reads a duration in milliseconds. A zero means that nothing has happened yet.
func (d *Decoder) timeTo(f field, dst *Seconds) error {
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
	case v.Value != math.Trunc(v.Value):
		d.faultOf(catalog.ReasonBadNumber, "a number with a fraction", sends[f])
	case d.keep(f):
		*dst = Count{Value: uint32(v.Value), Known: true}
	}
	return err
}
