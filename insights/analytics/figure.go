package analytics

import (
	"fmt"
	"reflect"

	"gonum.org/v1/gonum/floats/scalar"
)

// Figure is a number of a period, with the same number of the period before.
type Figure struct {
	// Value is nil where there is none; Reason then says why.
	Value *float64 `json:"value"`
	// Previous is the number of the period before, nil where there is none.
	Previous *float64 `json:"previous"`
	// Change is (Value-Previous)/Previous: 0.1 is 10 % more. It is 0 where they are the
	// [Same], and nil where one is missing or Previous is 0.
	Change *float64 `json:"change"`
	Reason string   `json:"reason,omitempty"`
}

// compare returns the figure of two numbers.
func compare(now, before number) Figure {
	f := Figure{Value: now.value, Previous: before.value, Reason: now.reason}
	if now.value != nil && before.value != nil && *before.value != 0 {
		change := (*now.value - *before.value) / *before.value
		if Same(*now.value, *before.value) {
			change = 0
		}
		f.Change = &change
	}
	return f
}

// Same reports whether two numbers differ by no more than the rounding of sums.
func Same(a, b float64) bool { return scalar.EqualWithinRel(a, b, 1e-12) }

// number is a value, or a reason why there is none.
type number struct {
	value  *float64
	reason string
}

func known(x float64) number { return number{value: &x} }

func unknown(format string, args ...any) number { return number{reason: fmt.Sprintf(format, args...)} }

// ratio returns a share of the whole, or that there is nothing to take a share of. It
// may exceed 1, for example where notifications are opened that were delivered before
// the period.
func ratio(part, whole float64, of string) number {
	if whole == 0 {
		return unknown("no notification was %s", of)
	}
	return known(part / whole)
}

// withoutPrevious leaves out the period before from all figures in an answer.
func withoutPrevious(of reflect.Value) {
	if of.CanAddr() {
		if f, ok := of.Addr().Interface().(*Figure); ok {
			f.Previous, f.Change = nil, nil
			return
		}
	}
	switch of.Kind() {
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Type().Field(i).IsExported() {
				withoutPrevious(of.Field(i))
			}
		}
	case reflect.Slice:
		for i := range of.Len() {
			withoutPrevious(of.Index(i))
		}
	case reflect.Map:
		for _, key := range of.MapKeys() {
			one := reflect.New(of.Type().Elem()).Elem() // what is in a map cannot be changed there
			one.Set(of.MapIndex(key))
			withoutPrevious(one)
			of.SetMapIndex(key, one)
		}
	}
}
