package exporter

import (
	"fmt"
	"maps"
	"slices"

	"belfry/exporter/catalog"
	"belfry/exporter/errorcode"
)

// listedCode holds an entry of a list under faults.
type listedCode struct {
	code, fault, path string
	own               bool // the file gives it, not the defaults
}

// faults checks the lists of error codes and makes sure that each code has one fault:
// with two, either could win.
func (k configCheck) faults(lists map[string][]string) {
	valid := slices.DeleteFunc(slices.Clone(catalog.Faults), func(f string) bool { return f == catalog.FaultNone })
	var listed []listedCode
	for _, fault := range slices.Sorted(maps.Keys(lists)) {
		switch fault {
		case catalog.FaultNone:
			k.WrongKey("faults.none", "fault %q belongs to what did not fail: list the codes under %s", fault,
				catalog.Unknown)
			continue
		case errorcode.InvalidToken.String(), errorcode.RateLimited.String():
			k.WrongKey("faults."+fault, "%q is not a fault: list the codes under recipient, provider or platform "+
				"here, and under error_codes.%s in the rules file for the alert", fault, fault)
			continue
		}
		if !k.OneOf("faults."+fault, "fault", fault, valid) {
			continue
		}
		for i, code := range lists[fault] {
			path := fmt.Sprintf("faults.%s[%d]", fault, i)
			if code == "" {
				k.Wrong(path, "is empty: set an error code")
				continue
			}
			listed = append(listed, listedCode{code, fault, path, k.Has(path)})
		}
	}
	k.oneFaultEach(listed)
}

// oneFaultEach adds a mistake for each code that two lists give, and for patterns of
// two lists of which neither is more exact.
func (k configCheck) oneFaultEach(listed []listedCode) {
	byCode, patterns := map[string]listedCode{}, []listedCode(nil)
	for _, entry := range listed {
		if other, twice := byCode[entry.code]; twice && other.fault != entry.fault {
			k.twoFaults(entry, other)
			continue
		}
		byCode[entry.code] = entry
		if !errorcode.IsPattern(entry.code) {
			continue
		}
		for _, other := range patterns {
			if other.fault != entry.fault && errorcode.Ambiguous(other.code, entry.code) {
				k.Wrong(entry.path, "pattern %q and %q in %s match the same codes, and neither is more exact: "+
					"make one longer, or list both under one fault", entry.code, other.code, k.where(other))
			}
		}
		patterns = append(patterns, entry)
	}
}

// twoFaults adds the mistake to the entry that the file gives; the other may be a
// default.
func (k configCheck) twoFaults(entry, other listedCode) {
	if !entry.own {
		entry, other = other, entry
	}
	if other.own {
		k.Wrong(entry.path, "error code %q is also in %s: list it under one fault", entry.code, k.where(other))
		return
	}
	k.Wrong(entry.path, "error code %q is also in the default list faults.%s: to move it, copy that list into "+
		"this file without it", entry.code, other.fault)
}

// where names the place of an entry in the file.
func (k configCheck) where(entry listedCode) string {
	return fmt.Sprintf("%s (%s)", entry.path, k.Line(entry.path))
}
