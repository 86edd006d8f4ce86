package settings

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

var integrations = []string{"pagerduty", "slack", "msteams", "email", "webhook"}

func (c *check) receivers(receivers map[string]Receiver) {
	for name, r := range receivers {
		path := "receivers." + name
		c.hyphens(path, "receiver name", name)
		if !slices.ContainsFunc(integrations, func(kind string) bool { return c.Has(path + "." + kind) }) {
			c.Wrong(path, "notifies nobody: add one of %s", strings.Join(integrations, ", "))
		}
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
	}
}

// secretFile adds a mistake for anything but an absolute path. The value may be
// the secret itself, so the message does not repeat it.
func (c *check) secretFile(path, file string) {
	if c.Needed(path, "the absolute path of a file that contains the secret") && !filepath.IsAbs(file) {
		c.Wrong(path, "not an absolute path: name a file that contains the secret, not the secret itself")
	}
}

func (c *check) slack(path string, s Slack) {
	c.secretFile(path+".api_url_file", s.APIURLFile)
	if c.Needed(path+".channel", `the channel to post to, such as "#notifications"`) &&
		!strings.HasPrefix(s.Channel, "#") && !strings.HasPrefix(s.Channel, "@") {
		c.Wrong(path+".channel", "invalid Slack channel %q; did you mean %q?", s.Channel, "#"+s.Channel)
	}
}

func (c *check) email(path string, e Email) {
	for key, address := range map[string]string{"to": e.To, "from": e.From} {
		if c.Needed(path+"."+key, "an e-mail address") && !strings.Contains(address, "@") {
			c.Wrong(path+"."+key, "invalid e-mail address %q", address)
		}
	}
	if c.Needed(path+".smarthost", "the mail server's host:port") {
		if host, port, err := net.SplitHostPort(e.Smarthost); err != nil || host == "" || port == "" {
			c.Wrong(path+".smarthost", "invalid server %q: use host:port, such as mail.example.com:587", e.Smarthost)
		}
	}
	if c.Has(path + ".password_file") {
		c.secretFile(path+".password_file", e.PasswordFile)
	}
}

func (c *check) webhook(path string, w Webhook) {
	switch hasURL, hasFile := c.Has(path+".url"), c.Has(path+".url_file"); {
	case hasURL && hasFile:
		c.Wrong(path+".url_file", "url is set as well: use one of url and url_file")
	case hasFile:
		c.secretFile(path+".url_file", w.URLFile)
	case hasURL:
		c.address(path+".url", w.URL)
		if u, err := url.Parse(w.URL); err == nil && (u.User != nil || u.RawQuery != "") {
			c.Wrong(path+".url", "may contain a secret: write the URL to a file of its own and name that with url_file")
		}
	default:
		c.Wrong(path+".url", "is missing: set url or url_file")
	}
}
