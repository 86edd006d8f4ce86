package event

import (
	"strconv"
	"strings"
)

// decimal returns a number of JSON as people write it, so that equal numbers are equal
// text: without an exponent, a sign of zero, and zeros at the end of a fraction. A
// number with an exponent beyond maxShift stays as it is.
func decimal(number string) string {
	i := strings.IndexAny(number, "eE")
	if i >= 0 {
		shift, err := strconv.Atoi(number[i+1:])
		if err != nil || shift < -maxShift || shift > maxShift {
			return number
		}
		number = shifted(number[:i], shift)
	}
	if strings.Contains(number, ".") {
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	if number == "-0" {
		return "0"
	}
	return number
}

const maxShift = 64

// shifted moves the decimal point of a number to the right.
func shifted(number string, by int) string {
	unsigned := strings.TrimPrefix(number, "-")
	sign := number[:len(number)-len(unsigned)]
	whole, part, _ := strings.Cut(unsigned, ".")
	all := strings.Repeat("0", max(0, -by-len(whole)+1)) + whole + part + strings.Repeat("0", max(0, by-len(part)))
	point := max(len(whole)+by, 1)
	whole = strings.TrimLeft(all[:point], "0")
	if whole == "" {
		whole = "0"
	}
	if all[point:] == "" {
		return sign + whole
	}
	return sign + whole + "." + all[point:]
}
