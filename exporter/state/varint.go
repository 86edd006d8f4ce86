package state

import (
	"encoding/binary"
	"errors"

	"belfry/exporter/metrics"
)

// errCorrupt says that a stored record cannot be read.
var errCorrupt = errors.New("corrupt record")

const milli = int64(1e6)

// encoder appends a record to a buffer.
type encoder struct {
	b    []byte
	base int64 // what times are relative to, nanoseconds since 1970
}

func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }

// symbol stores None, the most frequent value of optional fields, as one byte.
func (e *encoder) symbol(s metrics.Symbol) { e.uint(uint64(s + 1)) }

// time stores 0 as 0. It stores any other time as d, the zig-zag difference to the
// base in milliseconds: 2d+1 if the difference is whole, otherwise 2d+2 followed by
// the remaining nanoseconds.
func (e *encoder) time(t int64) {
	if t == 0 {
		e.uint(0)
		return
	}
	millis, rest := (t-e.base)/milli, (t-e.base)%milli
	if rest < 0 {
		millis, rest = millis-1, rest+milli
	}
	if rest == 0 {
		e.uint(zigzag(millis)<<1 + 1)
		return
	}
	e.uint(zigzag(millis)<<1 + 2)
	e.uint(uint64(rest))
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// decoder decodes what an encoder has appended.
type decoder struct {
	b    []byte
	base int64
	bad  bool // the record is corrupt
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) symbol() metrics.Symbol { return metrics.Symbol(d.uint()) - 1 }

func (d *decoder) time() int64 {
	v := d.uint()
	if v == 0 {
		return 0
	}
	t := d.base + unzigzag((v-1)>>1)*milli
	if v&1 == 0 {
		t += int64(d.uint())
	}
	return t
}

func (d *decoder) err() error {
	if d.bad || len(d.b) > 0 {
		return errCorrupt
	}
	return nil
}
