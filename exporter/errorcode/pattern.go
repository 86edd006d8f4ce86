package errorcode

import (
	"regexp"
	"strings"
)

// IsPattern reports whether a code of a list stands for several.
func IsPattern(code string) bool { return strings.Contains(code, "*") }

// rank returns the number of characters of a pattern beside its asterisks. Of two
// patterns that match a code, the one with the higher rank decides.
func rank(pattern string) int { return len(pattern) - strings.Count(pattern, "*") }

// match reports whether a pattern matches a code. Both are in lower case.
func match(pattern, code string) bool {
	head, rest, any := strings.Cut(pattern, "*")
	code, ok := strings.CutPrefix(code, head)
	if !any || !ok {
		return ok && code == ""
	}
	parts := strings.Split(rest, "*")
	last := len(parts) - 1
	for _, part := range parts[:last] { // the first place leaves the most for the others
		at := strings.Index(code, part)
		if at < 0 {
			return false
		}
		code = code[at+len(part):]
	}
	return strings.HasSuffix(code, parts[last])
}

// Ambiguous reports whether two patterns match the same code and have one rank, so
// that neither decides.
func Ambiguous(a, b string) bool {
	return rank(a) == rank(b) && overlap(strings.ToLower(a), strings.ToLower(b))
}

// overlap reports whether a code exists that both patterns match. It walks both at
// once: an asterisk of one takes a character of the other, or ends. reach holds
// whether the first i bytes of a and j of b can match one text.
func overlap(a, b string) bool {
	reach := make([][]bool, len(a)+1)
	for i := range reach {
		reach[i] = make([]bool, len(b)+1)
		for j := range reach[i] {
			switch {
			case i == 0 && j == 0:
				reach[i][j] = true
			case i > 0 && a[i-1] == '*':
				reach[i][j] = reach[i-1][j] || j > 0 && reach[i][j-1]
			case j > 0 && b[j-1] == '*':
				reach[i][j] = reach[i][j-1] || i > 0 && reach[i-1][j]
			case i > 0 && j > 0:
				reach[i][j] = a[i-1] == b[j-1] && reach[i-1][j-1]
			}
		}
	}
	return reach[len(a)][len(b)]
}

// Regexp returns the regular expression that matches what any of the codes and
// patterns matches, for Prometheus, which anchors it.
func Regexp(codes []string) string {
	quoted := make([]string, len(codes))
	for i, code := range codes {
		quoted[i] = strings.ReplaceAll(regexp.QuoteMeta(code), `\*`, ".*")
	}
	return "(?i:" + strings.Join(quoted, "|") + ")"
}
