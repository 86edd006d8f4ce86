package exporter

import (
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
	if err != nil {
		message := fmt.Sprintf("invalid size %q: use a number and a unit, such as 20GiB", text)
		if near := nearestSize(string(text)); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		return fmt.Errorf("%s", message)
	}
	*b = Bytes(size)
	return nil
}

var numberAndUnit = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*(?i:([kmgtp])(?:i?b)?)?$`)

// nearestSize guesses which size an invalid one was meant to be, or returns "". A
// number without a unit is taken for bytes if that makes a size worth giving.
func nearestSize(text string) string {
	m := numberAndUnit.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return ""
	}
	if m[2] != "" {
		return m[1] + strings.ToUpper(m[2]) + "iB"
	}
	if n, err := strconv.ParseInt(m[1], 10, 64); err == nil && n >= minStreamBytes {
		return Bytes(n).String()
	}
	return m[1] + "GiB"
}
