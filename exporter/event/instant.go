package event

import (
	"fmt"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// timestamp reads the time when the event happened.
func (d *Decoder) timestamp() error {
	text, given, err := d.momentText(fieldTimestamp)
	if err != nil || !given {
		return err
	}
	d.keep(fieldTimestamp)
	m := parseTime(text)
	if !m.inRange() {
		if m = d.otherForm(text); !m.inRange() {
			d.badMoment(m)
		}
	}
	d.e.Time = m.unixNano
	return nil
}

// instant reads an …At field. Zero times mean that nothing has happened yet.
func (d *Decoder) instant(f field, dst *int64) error {
	text, given, err := d.momentText(f)
	if err != nil || !given {
		return err
	}
	m := parseTime(text)
	if !m.inRange() {
		m = d.otherForm(text)
	}
	switch {
	case m.inRange():
		if d.keep(f) {
			*dst = m.unixNano
		}
	case !m.isZero():
		d.badMoment(m)
	}
	return nil
}

// momentText reads the text of a time, which is the value of field f. That of a number
// is its digits. An empty string is no time.
func (d *Decoder) momentText(f field) (text string, given bool, err error) {
	if d.kind != jx.Number {
		text, err = d.str(f, catalog.ReasonBadTimestamp, sendTime)
		return text, text != "", err
	}
	if err := d.once(f); err != nil {
		return "", false, err
	}
	raw, err := d.js.Raw()
	return decimal(alias(raw)), true, err
}

// otherForm reads a time that RFC 3339 does not have, or has outside the years of an
// event.
func (d *Decoder) otherForm(text string) moment {
	m := parseTime(text)
	if m.date == "" {
		if m = looseTime(text); m.inRange() || d.asBefore && m.date != "" && d.kind == jx.String {
			d.repaired()
		}
	}
	return m
}

// badMoment notes that the value being read is no time that an event can hold.
func (d *Decoder) badMoment(m moment) {
	found := kinds[d.kind] + " that is not such a time"
	if m.date != "" {
		found = fmt.Sprintf("a time outside the years %d to %d", firstYear, lastYear)
	}
	d.faultOf(catalog.ReasonBadTimestamp, found, sendTime)
}
