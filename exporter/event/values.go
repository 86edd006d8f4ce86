package event

import (
	"unsafe"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// alias returns b as a string without copying it.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// str reads the string value of field f. Another type is a fault of the given reason.
// The string is part of the message unless it has escapes.
func (d *Decoder) str(f field, wrongType catalog.Reason, send string) (string, error) {
	if err := d.once(f); err != nil {
		return "", err
	}
	if d.kind != jx.String {
		d.keep(f)
		return "", d.reject(wrongType, send)
	}
	b, err := d.js.StrBytes()
	return alias(b), err
}

// word reads the value of field f, which is a string or a number.
func (d *Decoder) word(f field, wrongType catalog.Reason, send string) (string, error) {
	if err := d.once(f); err != nil {
		return "", err
	}
	if d.kind == jx.String {
		b, err := d.js.StrBytes()
		return alias(b), err
	}
	if d.kind == jx.Number {
		return d.numberAsText()
	}
	d.keep(f)
	return "", d.reject(wrongType, send)
}

// numberAsText reads the number at hand as text: 42 and "42" are the same id or code.
func (d *Decoder) numberAsText() (string, error) {
	raw, err := d.js.Raw()
	if err != nil {
		return "", err
	}
	d.repaired()
	return decimal(alias(raw)), nil
}

// text reads free text.
func (d *Decoder) text(f field, dst *string) error {
	s, err := d.word(f, catalog.ReasonBadValue, sendText)
	if err == nil && s != "" && d.keep(f) {
		*dst = s
	}
	return err
}

// id reads the id of an event, a notification or a user.
func (d *Decoder) id(f field, dst *string) error {
	ofNumber := d.kind == jx.Number
	s, err := d.word(f, catalog.ReasonBadID, sendID)
	if err != nil || s == "" {
		return err
	}
	d.keep(f)
	switch {
	case ofNumber && !wholeID(s):
		d.faultOf(catalog.ReasonBadID, "a number with a fraction or more than 39 digits", sendID)
	case len(s) > maxID, d.refusedBefore(s):
		d.faultOf(catalog.ReasonBadID, "a string of more than 512 bytes", sendID)
	case !printable(s):
		d.faultOf(catalog.ReasonBadID, "a string with a character that cannot be seen", sendID)
	}
	*dst = s
	return nil
}

// flag reads true or false, also as text or as 1 and 0.
func (d *Decoder) flag(f field, dst *bool) error {
	if err := d.once(f); err != nil {
		return err
	}
	var v, ok bool
	var err error
	switch d.kind {
	case jx.Bool:
		v, err = d.js.Bool()
		ok = true
	case jx.Number:
		var s string
		s, err = d.numberAsText()
		v, ok = s == "1", s == "0" || s == "1"
	case jx.String:
		var b []byte
		if b, err = d.js.StrBytes(); len(b) == 0 && !d.asBefore {
			return err
		}
		d.repaired()
		v = same(alias(b), "true") || alias(b) == "1"
		ok = v || same(alias(b), "false") || alias(b) == "0"
	default:
		err = skip(&d.js, 0)
	}
	if !ok && err == nil {
		d.faultHere(catalog.ReasonBadValue, sendFlag)
	}
	if ok && err == nil && d.keep(f) {
		*dst = v
	}
	return err
}
