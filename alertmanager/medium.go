package alertmanager

import (
	"fmt"
	"strings"
)

// medium describes the text of a kind of message: its markup and its limit.
type medium struct {
	// Heading and Link are formats of fmt for the headline of an alert, and for a link
	// with its address and its text. Break ends a paragraph, End an alert, and Join parts two
	// links.
	Heading, Link, Break, End, Join string
	// Headless media have no headline above the text, so that each alert needs one.
	Headless bool
	// Escapes replaces what would be markup, in this order.
	Escapes []replacement
	// Limit is how many bytes the alerts may take; a line that counts the rest follows.
	// JSON says that they are measured as JSON holds them. At most Most alerts are
	// told: nobody reads more.
	Limit, Most int
	JSON        bool
}

// replacement replaces a pattern in Alertmanager's templates.
type replacement struct{ From, To string }

// The media. Their limits, less what surrounds the alerts:
//
//   - Slack cuts off or refuses a text of more than 3,000 characters. Bytes are at
//     least as many.
//   - Microsoft Teams refuses a message of more than 28 kB as JSON, and answers 413 or
//     drops it without a word. The headline and the card around take up to 3 kB.
//   - PagerDuty takes events of 512 kB. Beyond that Alertmanager leaves out all
//     details, of which there are two lists.
//   - E-mail has no limit.
var (
	slackText = medium{
		Heading: `*%s*`, Link: `<%s|%s>`, Break: `\n`, Join: ` · `, Limit: 2800, Most: 50,
		Escapes: []replacement{{`&`, `&amp;`}, {`<`, `&lt;`}, {`>`, `&gt;`}},
	}
	teamsText = medium{
		Heading: `**%s**`, Link: `[%[2]s](%[1]s)`, Break: `\n\n`, Join: ` · `, Limit: 24000, Most: 50, JSON: true,
		Escapes: []replacement{{"([\\\\\\[\\]*_<>`])", `\$1`}},
	}
	plainText = medium{
		Heading: `%s`, Link: `%[2]s: %[1]s`, Break: `\n`, End: `\n`, Join: `\n`, Headless: true,
		Limit: 100000, Most: 50, JSON: true,
	}
)

// endsLink escapes in an address what ends a link in a medium.
var endsLink = []replacement{
	{`\s`, `%20`}, {`"`, `%22`}, {`\(`, `%28`}, {`\)`, `%29`}, {`<`, `%3C`}, {`>`, `%3E`}, {`\|`, `%7C`},
}

// Escape returns actions that escape a variable of a template.
func (m medium) Escape(variable string) string {
	var b strings.Builder
	for _, r := range m.Escapes {
		fmt.Fprintf(&b, "{{ %s = reReplaceAll %q %q %s }}", variable, r.From, r.To, variable)
	}
	if b.Len() == 0 {
		return ""
	}
	return strings.TrimSuffix(b.String(), " }}") + " -}}"
}

// Measure returns the expression of the text so far with one alert more, as the limit
// counts it. A string of JavaScript is at least as long as one of JSON.
func (m medium) Measure() string {
	if m.JSON {
		return "(js (print $text $one))"
	}
	return "(print $text $one)"
}

// Links returns the links of an alert: the variable with the address, and the text.
func (m medium) Links() []struct{ To, Text string } {
	return []struct{ To, Text string }{{"$runbook", "Runbook"}, {"$panel", "Dashboard"}, {"$silence", "Silence"}}
}
