package exporter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/alecthomas/units"
)

// Bytes counts bytes. In YAML it has a unit, such as 20GiB or 512MB; units are powers
// of 1024.
type Bytes units.Base2Bytes

// String returns the size with its units.
func (b Bytes) String() string { return units.Base2Bytes(b).String() }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Bytes) UnmarshalText(text []byte) error {
	size, err := units.ParseBase2Bytes(string(text))
	if err == nil {
		*b = Bytes(size)
		return nil
	}
	said := fmt.Sprintf("invalid size %q", text)
	if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
		return errors.New(said + ": the unit is missing: write " + withUnit(n))
	}
	said += ": use a number and a unit, such as 20GiB"
	if near := nearestSize(string(text)); near != "" {
		said += fmt.Sprintf("; did you mean %q?", near)
	}
	return errors.New(said)
}

// withUnit returns a number of bytes in the largest unit that divides it, or in one
// that is near. A number too small for a stream counts some other unit.
func withUnit(n int64) string {
	if n < minStreamBytes {
		return fmt.Sprintf("%dMiB or %dGiB", n, n)
	}
	names := []string{"MiB", "GiB", "TiB"}
	for i := len(names) - 1; i > 0; i-- {
		if unit := int64(minStreamBytes) << (10 * i); n%unit == 0 || n >= 100*unit {
			return fmt.Sprintf("%d%s", n/unit, names[i])
		}
	}
	return fmt.Sprintf("%dMiB", n/minStreamBytes)
}

var numberAndUnit = regexp.MustCompile(`^(\d+(?:[.,]\d+)?)\s*(?i:([kmgtp])(?:i?b|i|[a-z]+bytes?)?)$`)

// nearestSize guesses which size an invalid one was meant to be, or returns "".
func nearestSize(text string) string {
	m := numberAndUnit.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return ""
	}
	return strings.Replace(m[1], ",", ".", 1) + strings.ToUpper(m[2]) + "iB"
}
