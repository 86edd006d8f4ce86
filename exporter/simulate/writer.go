package simulate

import (
	"strconv"
	"time"

	"belfry/exporter/event"
)

// writer appends JSON. Its methods leave out absent values: an empty string, a time of
// 0, an unknown number.
type writer struct {
	b     []byte
	clock clock
}

func (w *writer) reset(c clock) { w.b, w.clock = w.b[:0], c }

// comma writes a separator unless the value is the first.
func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

// key begins a member. An empty key begins an element of an array.
func (w *writer) key(k string) {
	w.comma()
	if k != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, k...)
		w.b = append(w.b, '"', ':')
	}
}

func (w *writer) open(k string, bracket byte) {
	w.key(k)
	w.b = append(w.b, bracket)
}

func (w *writer) close(bracket byte) { w.b = append(w.b, bracket) }

// block writes an object, unless it would be empty.
func (w *writer) block(k string, members func()) {
	start := len(w.b)
	w.open(k, '{')
	empty := len(w.b)
	members()
	if len(w.b) == empty {
		w.b = w.b[:start]
		return
	}
	w.close('}')
}

func (w *writer) text(k, v string) {
	if v != "" {
		w.always(k, v)
	}
}

// always writes the member even if it is empty.
func (w *writer) always(k, v string) {
	w.key(k)
	w.b = append(w.b, '"')
	written := 0 // most texts are written at once
	for i := range len(v) {
		c := v[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, v[written:i]...)
		written = i + 1
		if c < 0x20 {
			w.b = append(w.b, `\u00`...)
			w.b = append(w.b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		} else {
			w.b = append(w.b, '\\', c)
		}
	}
	w.b = append(w.b, v[written:]...)
	w.b = append(w.b, '"')
}

func (w *writer) time(k string, t int64) {
	if t == 0 {
		return
	}
	w.key(k)
	w.b = append(w.b, '"')
	w.b = time.Unix(0, t).In(w.clock.location).AppendFormat(w.b, w.clock.layout)
	w.b = append(w.b, '"')
}

func (w *writer) number(k string, v float64) {
	w.key(k)
	w.b = strconv.AppendFloat(w.b, v, 'f', -1, 64)
}

func (w *writer) value(k string, v event.Value) {
	if v.Known {
		w.number(k, v.Value)
	}
}

// millis writes a duration in milliseconds with one decimal.
func (w *writer) millis(k string, v event.Seconds) {
	if v.Known {
		w.key(k)
		w.b = appendMillis(w.b, v.Value)
	}
}

func appendMillis(b []byte, seconds float64) []byte {
	tenths := int64(seconds*1e4 + 0.5)
	b = strconv.AppendInt(b, tenths/10, 10)
	return append(b, '.', '0'+byte(tenths%10))
}

func (w *writer) money(k string, m event.Money) {
	if m.Currency == "" {
		return
	}
	w.open(k, '{')
	w.number("amount", m.Amount)
	w.text("currency", m.Currency)
	w.close('}')
}
