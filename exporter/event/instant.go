package event

import (
	"fmt"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

// moment reads the time that is the value of field f, in any of its forms. An empty
// string is no time.
func (d *Decoder) moment(f field) (m moment, given bool, err error) {
	if d.kind == jx.Number {
		if err := d.once(f); err != nil {
			return moment{}, false, err
		}
		raw, err := d.js.Raw()
		if m = unixTime(decimal(alias(raw))); m.inRange() {
			d.repaired()
		}
		return m, true, err
	}
	s, err := d.str(f, catalog.ReasonBadTimestamp, sendTime)
	if err != nil || s == "" {
		return moment{}, false, err
	}
	if m = parseTime(s); m.date == "" {
		if m = looseTime(s); m.inRange() {
			d.repaired()
		}
	}
	return m, true, nil
}

// timestamp reads the time when the event happened.
func (d *Decoder) timestamp() error {
	m, given, err := d.moment(fieldTimestamp)
	if err != nil || !given {
		return err
	}
	d.keep(fieldTimestamp)
	if !m.inRange() {
		d.badMoment(m)
	}
	d.e.Time = m.unixNano
	return nil
}

// instant reads an …At field. Zero times mean that nothing has happened yet.
func (d *Decoder) instant(f field, dst *int64) error {
	m, given, err := d.moment(f)
	switch {
	case err != nil || !given || m.isZero():
	case !m.inRange():
		d.badMoment(m)
	case d.keep(f):
		*dst = m.unixNano
	}
	return err
}

// badMoment notes that the value being read is no time that an event can hold.
func (d *Decoder) badMoment(m moment) {
	found := kinds[d.kind] + " that is not such a time"
	if m.date != "" {
		found = fmt.Sprintf("a time outside the years %d to %d", firstYear, lastYear)
	}
	d.faultOf(catalog.ReasonBadTimestamp, found, sendTime)
}
