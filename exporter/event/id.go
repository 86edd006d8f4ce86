package event

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// maxID limits the length of ids in bytes. Push tokens and message ids are long.
	maxID = 512
	// maxIDDigits limits the digits of an id that is a number. 128 bits have 39.
	maxIDDigits = 39
)

// CheckID returns an error that says why no event has this id of an event, a notification
// or a user: the decoder refuses it. The error does not repeat the id.
func CheckID(id string) error {
	switch {
	case id == "":
		return errors.New("it is empty")
	case len(id) > maxID:
		return fmt.Errorf("it has %d bytes, events at most %d", len(id), maxID)
	case !printable(id):
		return errors.New("it has a character that cannot be seen, or is not UTF-8")
	default:
		return nil
	}
}

// printable reports whether all characters of s are visible ones or plain spaces.
//
// The list of visible characters is our own, because Go's unicode.IsPrint grows with
// each version of Unicode and a replay must decide as the first reading did.
func printable(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !visible(r) {
			return false
		}
		i += size
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

// wholeID reports whether the text of a number is a whole one that can be an id.
func wholeID(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return len(s) <= maxIDDigits && strings.Trim(s, "0123456789") == ""
}
