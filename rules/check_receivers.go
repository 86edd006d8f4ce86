package rules

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var integrations = []string{"pagerduty", "slack", "msteams", "email", "webhook"}

func (c *check) receivers(receivers map[string]Receiver) {
	for name, r := range receivers {
		path := "receivers." + name
		if !lowerName.MatchString(name) {
			c.Wrong(path, "%q is no receiver's name: want lower case, digits and hyphens", name)
		}
		if !slices.ContainsFunc(integrations, func(kind string) bool { return c.Has(path + "." + kind) }) {
			c.Wrong(path, "reaches nobody: want one of %s", strings.Join(integrations, ", "))
		}
		for i, p := range r.PagerDuty {
			c.secretFile(fmt.Sprintf("%s.pagerduty[%d].routing_key_file", path, i), p.RoutingKeyFile)
		}
		for i, s := range r.Slack {
			path := fmt.Sprintf("%s.slack[%d]", path, i)
			c.secretFile(path+".api_url_file", s.APIURLFile)
			if c.Needed(path+".channel", `the channel to post to, such as "#notifications"`) && !strings.HasPrefix(s.Channel, "#") && !strings.HasPrefix(s.Channel, "@") {
				c.Wrong(path+".channel", "%q is no Slack channel: did you mean %q?", s.Channel, "#"+s.Channel)
			}
		}
		for i, t := range r.Teams {
			c.secretFile(fmt.Sprintf("%s.msteams[%d].webhook_url_file", path, i), t.WebhookURLFile)
		}
		for i, e := range r.Email {
			c.email(fmt.Sprintf("%s.email[%d]", path, i), e)
		}
		for i, w := range r.Webhook {
			c.webhook(fmt.Sprintf("%s.webhook[%d]", path, i), w)
		}
	}
}

// secretFile complains about what is no path. What it is instead may be the
// secret itself, and is not repeated.
func (c *check) secretFile(path, file string) {
	if c.Needed(path, "the absolute path of a file that holds the secret") && !filepath.IsAbs(file) {
		c.Wrong(path, "is no absolute path of a file; the secret itself must not stand here")
	}
}

func (c *check) email(path string, e Email) {
	for key, address := range map[string]string{"to": e.To, "from": e.From} {
		if c.Needed(path+"."+key, "an e-mail address") && !strings.Contains(address, "@") {
			c.Wrong(path+"."+key, "%q is no e-mail address", address)
		}
	}
	if c.Needed(path+".smarthost", "the mail server's host:port") {
		if host, port, err := net.SplitHostPort(e.Smarthost); err != nil || host == "" || port == "" {
			c.Wrong(path+".smarthost", "%q is no host:port, such as mail.example.com:587", e.Smarthost)
		}
	}
	if c.Has(path + ".password_file") {
		c.secretFile(path+".password_file", e.PasswordFile)
	}
}

func (c *check) webhook(path string, w Webhook) {
	switch hasURL, hasFile := c.Has(path+".url"), c.Has(path+".url_file"); {
	case hasURL && hasFile:
		c.Wrong(path+".url_file", "there is a url as well; want exactly one of url and url_file")
	case hasFile:
		c.secretFile(path+".url_file", w.URLFile)
	case hasURL:
		c.address(path+".url", w.URL)
		if u, err := url.Parse(w.URL); err == nil && (u.User != nil || u.RawQuery != "") {
			c.Wrong(path+".url", "a secret must not stand in this file; write the address into a file of its own and name that with url_file")
		}
	default:
		c.Wrong(path+".url", "is missing: want exactly one of url and url_file")
	}
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (c *check) muteTimes(times map[string][]TimeInterval) {
	for name, intervals := range times {
		path := "mute_times." + name
		if !lowerName.MatchString(name) {
			c.Wrong(path, "%q is no mute time's name: want lower case, digits and hyphens", name)
		}
		for i, interval := range intervals {
			c.interval(fmt.Sprintf("%s[%d]", path, i), interval)
		}
	}
}

func (c *check) interval(path string, t TimeInterval) {
	if len(t.Weekdays)+len(t.Times) == 0 {
		c.Wrong(path, "is always: want weekdays or times")
	}
	for i, span := range t.Weekdays {
		path := fmt.Sprintf("%s.weekdays[%d]", path, i)
		from, to, isRange := strings.Cut(span, ":")
		known := c.OneOf(path, "weekday", from, weekdays)
		if isRange && known && c.OneOf(path, "weekday", to, weekdays) && slices.Index(weekdays, from) > slices.Index(weekdays, to) {
			c.Wrong(path, "%q runs backwards: a week begins on sunday, so name two ranges", span)
		}
	}
	for i, span := range t.Times {
		path := fmt.Sprintf("%s.times[%d]", path, i)
		from, to := c.clock(path+".start_time", span.Start), c.clock(path+".end_time", span.End)
		if from >= 0 && to >= 0 && from >= to {
			c.Wrong(path+".end_time", "%q is not after %q; a span over midnight is two", span.End, span.Start)
		}
	}
	if c.Has(path + ".location") {
		if _, err := time.LoadLocation(t.Location); err != nil || t.Location == "" {
			c.Wrong(path+".location", "unknown time zone %q: want a name such as Europe/Paris", t.Location)
		}
	}
}

var clockTime = regexp.MustCompile(`^((?:[01]\d|2[0-3]):[0-5]\d|24:00)$`)

// clock is the minutes since midnight, or -1 after a complaint.
func (c *check) clock(path, text string) int {
	if !c.Needed(path, `a time of day, such as "07:00"`) {
		return -1
	}
	if !clockTime.MatchString(text) {
		c.Wrong(path, "%q is no time of day: want HH:MM, such as \"07:00\", up to 24:00", text)
		return -1
	}
	digit := func(i int) int { return int(text[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}
