package event

import (
	"io"
	"slices"

	"github.com/go-faster/jx"

	"belfry/exporter/catalog"
)

const (
	// maxElements bounds each list of an event.
	maxElements = 1000
	// maxDepth bounds the nesting of a value that the contract does not describe.
	maxDepth = 32
	// maxUnknown bounds the unknown names that are reported for one event.
	maxUnknown = 16
)

// members reads the object at hand and calls member for each value that is not null.
func (d *Decoder) members(member func(key string) error) error {
	it, err := d.js.ObjIter()
	if err != nil {
		return err
	}
	outer := d.seen
	d.seen = fieldSet{}
	for it.Next() {
		if d.kind = d.js.Next(); d.kind == jx.Null {
			if err := d.js.Null(); err != nil {
				return err
			}
			continue
		}
		d.key = alias(it.Key())
		if err := member(d.key); err != nil {
			return err
		}
	}
	d.seen = outer
	return it.Err()
}

// nothing reports whether the value at hand is an empty list, and skips it. Producers
// in PHP write an empty object so.
func (d *Decoder) nothing() (bool, error) {
	if d.kind != jx.Array || d.asBefore {
		return false, nil
	}
	empty := false
	err := d.js.Capture(func(js *jx.Decoder) error {
		it, err := js.ArrIter()
		empty = err == nil && !it.Next() && it.Err() == nil
		return nil
	})
	if err == nil && empty {
		err = d.js.Skip()
	}
	return empty, err
}

// object reads the object that is the value of the current key, or an entry of that
// value if it is a list.
func (d *Decoder) object(member func(key string) error) error {
	if d.kind != jx.Object {
		return d.reject(catalog.ReasonBadValue, sendObject)
	}
	d.path = append(d.path, d.key)
	err := d.members(member)
	last := len(d.path) - 1
	d.path, d.key = d.path[:last], d.path[last]
	return err
}

// block reads the object that is the value of field f.
func (d *Decoder) block(f field, w weight, member func(key string) error) error {
	if err := d.once(f); err != nil {
		return err
	}
	if empty, err := d.nothing(); empty || err != nil {
		return err
	}
	outer := d.weight
	d.weight = w
	err := d.object(member)
	d.weight = outer
	return err
}

// list reads the list that is the value of field f and calls element for each entry
// that is not null.
func (d *Decoder) list(f field, element func() error) error {
	if err := d.once(f); err != nil {
		return err
	}
	if d.kind != jx.Array {
		return d.reject(catalog.ReasonBadValue, sendList)
	}
	it, err := d.js.ArrIter()
	if err != nil {
		return err
	}
	for n := 1; it.Next(); n++ {
		d.kind = d.js.Next()
		switch {
		case n > maxElements:
			d.faultOf(catalog.ReasonBadValue, "a list of more than 1000 entries", sendList)
			err = skip(&d.js, 0)
		case d.kind == jx.Null:
			err = d.js.Null()
		default:
			err = element()
		}
		if err != nil {
			return err
		}
	}
	return it.Err()
}

// ignore skips a value that the contract knows and no metric needs.
func (d *Decoder) ignore(string) error { return skip(&d.js, 0) }

// unknownMember skips a value that the contract does not know, and notes its name.
func (d *Decoder) unknownMember(key string) error {
	if len(d.unknown) < maxUnknown && !slices.Contains(d.unknown, key) {
		d.unknown = append(d.unknown, key)
	}
	return skip(&d.js, 0)
}

// skip skips one value. Unlike the Skip of jx it bounds the nesting, which keeps a
// message of nothing but brackets cheap.
func skip(js *jx.Decoder, depth int) error {
	switch js.Next() {
	case jx.Object:
		if depth == maxDepth {
			return errDeep
		}
		it, err := js.ObjIter()
		for err == nil && it.Next() {
			err = skip(js, depth+1)
		}
		if err == nil {
			err = it.Err()
		}
		return err
	case jx.Array:
		if depth == maxDepth {
			return errDeep
		}
		it, err := js.ArrIter()
		for err == nil && it.Next() {
			err = skip(js, depth+1)
		}
		if err == nil {
			err = it.Err()
		}
		return err
	default:
		return js.Skip()
	}
}

// atEnd reports whether nothing but white space is left.
func atEnd(js *jx.Decoder) bool { return js.Skip() == io.EOF }

// extend appends an entry to a list and leaves in it what its array holds there, so
// that the entry's own slices can be reused.
func extend[T any](list []T) []T {
	if len(list) < cap(list) {
		return list[:len(list)+1]
	}
	var zero T
	return append(list, zero)
}
