package settings

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"belfry/exporter/mask"
)

// commonIntegrations lists those that messages propose.
var commonIntegrations = []string{"pagerduty", "slack", "msteams", "email", "webhook"}

func (c *check) receivers(receivers map[string]Receiver) {
	for name, r := range receivers {
		path := "receivers." + name
		c.hyphens(path, "receiver name", name)
		for i, p := range r.PagerDuty {
			c.secretFile(fmt.Sprintf("%s.pagerduty[%d].routing_key_file", path, i), p.RoutingKeyFile)
		}
		for i, s := range r.Slack {
			c.slack(fmt.Sprintf("%s.slack[%d]", path, i), s)
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
		c.passedOn(path, r)
	}
}

// secretFile adds a mistake for anything but an absolute path. The value may be
// the secret itself, so the message does not repeat it.
func (c *check) secretFile(path, file string) {
	if c.Needed(path, "the absolute path of a file that contains the secret") && !filepath.IsAbs(file) {
		c.Wrong(path, "not an absolute path: name a file that contains the secret, not the secret itself")
	}
}

// slackID matches the id of a channel, a private one, a direct message or a user,
// and slackName the name of a channel or a user, which has no spaces.
var (
	slackID   = regexp.MustCompile(`^[CGDUW][A-Z0-9]{7,}$`)
	slackName = regexp.MustCompile(`^[#@][^\s#@,{}]+$`)
)

// slackLongest limits the characters of a channel's name.
const slackLongest = 80

func (c *check) slack(path string, s Slack) {
	c.secretFile(path+".api_url_file", s.APIURLFile)
	path += ".channel"
	name := strings.TrimLeft(strings.TrimSpace(s.Channel), "#@")
	switch {
	case c.Empty(path):
		c.Wrong(path, `is missing: put the channel in quotes, "#notifications", since # begins a comment`)
	case !c.Needed(path, `the channel to post to, such as "#notifications"`):
	case slackID.MatchString(s.Channel):
	case slackID.MatchString(strings.ToUpper(name)) && strings.ContainsAny(name, "0123456789"):
		c.Wrong(path, "invalid Slack channel %q; did you mean %q? An id has no # before it", s.Channel,
			strings.ToUpper(name))
	case slackName.MatchString(s.Channel):
		if utf8.RuneCountInString(name) > slackLongest {
			c.Wrong(path, "invalid Slack channel: longer than %d characters, which is the limit of Slack", slackLongest)
		}
	case slackName.MatchString("#" + name):
		c.Wrong(path, "invalid Slack channel %q; did you mean %q?", s.Channel, "#"+name)
	default:
		c.Wrong(path, "invalid Slack channel %q: use a name such as \"#notifications\", or an id such as C0123ABCDE",
			s.Channel)
	}
}

func (c *check) email(path string, e Email) {
	c.addresses(path+".to", e.To, true)
	c.addresses(path+".from", e.From, false)
	if c.Needed(path+".smarthost", "the mail server's host:port") && !isServer(e.Smarthost) {
		c.Wrong(path+".smarthost", "invalid server %q: use host:port, such as mail.example.com:587",
			mask.Arguments(e.Smarthost, []string{e.Smarthost}))
	}
	hasName, hasPassword := c.Has(path+".username"), c.Has(path+".password_file")
	switch {
	case hasName && !hasPassword:
		c.Wrong(path+".username", "has no password, so the server would refuse every mail: set password_file")
	case hasPassword && !hasName:
		c.Wrong(path+".password_file", "has no effect without a user: set username")
	case hasPassword:
		c.secretFile(path+".password_file", e.PasswordFile)
	}
}

// isServer reports whether an address names a host and a port, which may be the name
// of a service.
func isServer(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return false
	}
	n, err := strconv.Atoi(port)
	return err != nil || n > 0 && n < 1<<16
}

// addresses adds a mistake for anything but e-mail addresses, separated by commas if
// there may be several. Alertmanager would run {{ in them as a template.
func (c *check) addresses(path, text string, several bool) {
	if !c.Needed(path, "an e-mail address") {
		return
	}
	list, err := mail.ParseAddressList(text)
	switch {
	case err != nil || strings.Contains(text, "{{"):
		c.Wrong(path, "invalid e-mail address %q", text)
	case len(list) > 1 && !several:
		c.Wrong(path, "%q has several addresses: use one", text)
	}
}

func (c *check) webhook(path string, w Webhook) {
	if c.Has(path + ".token_file") {
		c.secretFile(path+".token_file", w.TokenFile)
	}
	c.oneOfKeys(path, "url", "url_file")
	switch hasURL, hasFile := c.Has(path+".url"), c.Has(path+".url_file"); {
	case hasFile && !hasURL:
		c.secretFile(path+".url_file", w.URLFile)
	case hasURL && !hasFile:
		c.address(path+".url", w.URL)
		if strings.Contains(w.URL, "{{") {
			c.Wrong(path+".url", "contains {{, which Alertmanager takes for a template")
		}
		if u, err := url.Parse(w.URL); err == nil && (u.User != nil || u.RawQuery != "") {
			c.Wrong(path+".url", "may contain a secret: write the URL to a file of its own and name that with url_file")
		}
	}
}

// oneOfKeys adds a mistake unless exactly one of two keys is set.
func (c *check) oneOfKeys(path, one, other string) {
	switch hasOne, hasOther := c.Has(path+"."+one), c.Has(path+"."+other); {
	case hasOne && hasOther:
		c.Wrong(path+"."+other, "%s is set as well: use one of %s and %s", one, one, other)
	case !hasOne && !hasOther:
		c.Wrong(path+"."+one, "is missing: set %s or %s", one, other)
	}
}
