package event

import "unicode/utf8"

// maxID limits the length of ids in characters.
const maxID = 128

// validID reports whether s is an id: 1 to 128 visible characters.
//
// The list of visible characters is our own, because Go's unicode.IsPrint grows with
// each version of Unicode and a replay must decide as the first reading did.
func validID(s string) bool {
	if s == "" || len(s) > maxID*utf8.UTFMax {
		return false
	}
	n := 0
	for _, r := range s {
		if n++; n > maxID || !visible(r) {
			return false
		}
	}
	return true
}

// visible excludes control characters, spaces other than the plain one, marks that
// only join or turn the text around them, and U+FFFD, which replaces damaged text.
// The schema's pattern for ids has the same list.
func visible(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0xa0, r == 0xad:
		return false
	case r < 0x2000:
		return true
	case r <= 0x200f, r >= 0x2028 && r <= 0x202f, r >= 0x205f && r <= 0x206f:
		return false
	default:
		return r != 0x3000 && r != 0xfeff && (r < 0xfff0 || r > 0xffff)
	}
}
