package custom

import "regexp"

// wordJoiner is a character that nobody sees.
const wordJoiner = "\u2060"

var (
	// variable matches the begin of a variable of Grafana: $channel, ${channel} or
	// [[channel]]; inBraces of a label in a legend: {{channel}}.
	variable = regexp.MustCompile(`\$(\w|\{)|\[(\[)`)
	inBraces = regexp.MustCompile(`\{(\{)`)
)

// literal returns a text that Grafana shows as it is. It has no escape for variables,
// so an invisible character breaks them.
func literal(text string) string {
	text = variable.ReplaceAllStringFunc(text, func(v string) string { return v[:1] + wordJoiner + v[1:] })
	return inBraces.ReplaceAllString(text, "{"+wordJoiner+"$1")
}
