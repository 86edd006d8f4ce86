package errorcode

import (
	"strings"
	"unicode"
)

// Read returns the error code in what a producer sends as one: the text itself if it
// is a code, and for a diagnostic such as
//
//	smtp; 550-5.1.1 The email account that you tried to reach does not exist
//
// its enhanced status code, 5.1.1, or else the number or the documented code that it
// begins with: 550 of "550 no such user", 410 of "HTTP 410 Gone". A documented reason
// behind a number says more than the number: BadDeviceToken of "400 BadDeviceToken". A
// text without any of these is returned as it is. changed reports whether the code is not the whole
// text.
func Read(text string) (code string, changed bool) {
	if isWord(text) {
		return text, false
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case isDocumented(trimmed):
		return trimmed, trimmed != text
	default:
		if status := enhancedStatus(trimmed); status != "" {
			return status, true
		}
		if number := leadingNumber(trimmed); number != "" {
			return reason(trimmed, number), true
		}
	}
	if word := leadingWord(trimmed); word != "" && !digits(word) && isDocumented(word) {
		return word, word != text
	}
	return trimmed, trimmed != text
}

// isWord reports whether a text is a code as most are: one word that does not begin
// with an SMTP reply code before something else.
func isWord(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '.', c >= 0x80:
		case c == '-' || c == '/' || c == ':':
			if i == 3 && digits(text[:3]) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// enhancedStatus returns the first enhanced status code of RFC 3463 in a text, such as
// 5.1.1. A part of a longer number, such as an IP address or a version, is not one.
func enhancedStatus(text string) string {
	for i := range len(text) {
		if c := text[i]; c != '2' && c != '4' && c != '5' || i > 0 && (alphanumeric(text[i-1]) || text[i-1] == '.') {
			continue
		}
		if end := statusEnd(text, i); end > 0 {
			return text[i:end]
		}
	}
	return ""
}

// statusEnd returns where the status code that begins at i ends, or 0.
func statusEnd(text string, i int) int {
	i++
	for range 2 {
		if i == len(text) || text[i] != '.' {
			return 0
		}
		from := i + 1
		for i = from; i < len(text) && i < from+3 && text[i] >= '0' && text[i] <= '9'; i++ {
		}
		if i == from {
			return 0
		}
	}
	if goesOn(text, i) {
		return 0
	}
	return i
}

// goesOn reports whether the number that ends at i is part of something longer.
func goesOn(text string, i int) bool {
	if i < len(text) && text[i] == '.' {
		i++
	}
	return i < len(text) && alphanumeric(text[i])
}

// leadingNumber returns the number that a text begins with, after words such as smtp
// or HTTP/1.1, or the SMTP reply that follows a colon: "host said: 550 no such user".
func leadingNumber(text string) string {
	rest := text
	for _, lead := range []string{"smtp", "x-unix", "http/1.1", "http/2", "http", "status", "error", "code"} {
		if len(rest) > len(lead) && strings.EqualFold(rest[:len(lead)], lead) && !alphanumeric(rest[len(lead)]) {
			rest = strings.TrimLeft(rest[len(lead):], " \t:;#=_-/[(")
		}
	}
	if number := numberAt(strings.TrimLeft(rest, "[(#")); number != "" {
		return number
	}
	for {
		_, after, found := strings.Cut(rest, ": ")
		if !found {
			return ""
		}
		rest = strings.TrimLeft(after, " ")
		if number := numberAt(rest); len(number) == 3 && (number[0] == '4' || number[0] == '5') {
			return number
		}
	}
}

// numberAt returns the number at the start of a text if it looks like a code: 3 digits
// from 400 to 699, as SMTP, HTTP and Mailgun have, or 5 or 6, as Twilio and WhatsApp.
func numberAt(text string) string {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	fits := end == 5 || end == 6 || end == 3 && text[0] >= '4' && text[0] <= '6'
	if !fits || goesOn(text, end) {
		return ""
	}
	return text[:end]
}

// reason returns the documented code behind the status number of a text, or the number:
// 21211 of "HTTP 400 21211". A word of everyday English is no reason.
func reason(text, number string) string {
	if len(number) != 3 {
		return number
	}
	_, behind, _ := strings.Cut(text, number)
	apart := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`:;,()[]"`, r) }
	for _, word := range strings.FieldsFunc(behind, apart) {
		if (isIdentifier(word) || len(word) == 5 && digits(word)) && isDocumented(word) {
			return word
		}
	}
	return number
}

// isIdentifier reports whether a word is written as only programs write: SOME_CODE,
// some_code or SomeCode.
func isIdentifier(word string) bool {
	inner := strings.IndexFunc(strings.TrimLeftFunc(word, unicode.IsUpper), unicode.IsUpper) >= 0
	return inner || strings.Contains(strings.Trim(word, "_"), "_")
}

// leadingWord returns the first word of a text if punctuation sets it apart from the
// rest, as in "NotRegistered: no such token". The first word of a sentence is none.
func leadingWord(text string) string {
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	word, rest := strings.TrimRight(text[:end], ":;,.-"), strings.TrimSpace(text[end:])
	if len(word) < end || rest == "" || strings.ContainsAny(rest[:1], "([-:;") {
		return word
	}
	return ""
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
