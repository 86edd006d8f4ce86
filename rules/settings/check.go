package settings

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"belfry/exporter/catalog"
	"belfry/exporter/strict"
	"belfry/rules/expr"
)

// check checks the values of a rules file: what the file itself says, against
// all that applies once it is laid over the defaults.
type check struct {
	*strict.Document
	merged *Settings
}

func (c *check) settings(own *Settings) {
	c.site(own.Site)
	c.errorCodes(own.ErrorCodes)
	c.objectives(own.SLOs)
	c.teams(own.Teams)
	c.receivers(own.Receivers)
	c.muteTimes(own.MuteTimes)
	c.alerts(own.Alerts)
	c.reach(own)
}

func (c *check) site(s Site) {
	for path, address := range map[string]string{
		"site.grafana": s.Grafana, "site.prometheus": s.Prometheus,
		"site.alertmanager": s.Alertmanager, "site.runbooks": s.Runbooks,
	} {
		if !c.Has(path) {
			continue
		}
		c.address(path, address)
		if strings.ContainsAny(address, "?#") || strings.Contains(address, "{{") {
			c.Wrong(path, "must not contain ?, # or {{")
		}
	}
	c.nats(s.NATS)
}

// natsServers matches NATS servers, none of whose characters means anything to a shell.
var natsServers = regexp.MustCompile(`^((nats|tls|ws|wss)://[\w.:\[\]-]+(/[\w.-]*)*(,|$))+$`)

// nats checks the servers that messages name.
func (c *check) nats(address string) {
	const path = "site.nats"
	switch {
	case !c.Has(path) || address == "":
	case strings.Contains(address, "@"):
		c.Wrong(path, "contains a password: secrets do not belong in this file")
	case !natsServers.MatchString(address):
		c.Wrong(path, "not a NATS server, or several separated by commas (example: nats://nats.example.com:4222)")
	}
}

// address adds a mistake for anything but a web address, and for one that
// contains a secret, which the message does not repeat.
func (c *check) address(path, address string) {
	u, err := url.Parse(address)
	full, fullErr := url.Parse("http://" + address)
	lacksScheme := fullErr == nil && !strings.Contains(address, "://") && strings.ContainsAny(full.Host, ".:")
	switch {
	case lacksScheme && full.User == nil && full.RawQuery == "":
		c.Wrong(path, "not a URL; did you mean %q?", full)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		c.Wrong(path, "not a URL (example: https://grafana.example.com)")
	case u.User != nil:
		c.Wrong(path, "contains a password: secrets do not belong in this file")
	}
}

var (
	hyphenated = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	camelCase  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	oneWord    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// hyphens checks the name of a team, a receiver or a mute time.
func (c *check) hyphens(path, what, name string) {
	if !hyphenated.MatchString(name) {
		c.Wrong(path, "invalid %s %q: use lower-case letters, digits and hyphens", what, name)
	}
}

// unique adds a mistake for a name that an entry above has.
func (c *check) unique(path, name string, seen map[string]string) {
	if first, taken := seen[name]; taken && name != "" {
		entry := strings.TrimSuffix(first, path[strings.LastIndex(path, "."):])
		if !c.Half(entry) {
			c.Wrong(path, "%s already has the name %q", entry, name)
		}
	} else {
		seen[name] = path
	}
}

var severities = []string{string(Info), string(Warning), string(Critical), string(Emergency)}

// Severities returns all severities, the least urgent first.
func Severities() []string { return slices.Clone(severities) }

func (c *check) teams(teams map[string]Team) {
	mutes := slices.Sorted(maps.Keys(c.merged.MuteTimes))
	for name, team := range teams {
		path := "teams." + name
		c.hyphens(path, "team name", name)
		for severity, receivers := range team.Receivers {
			path := path + ".receivers." + string(severity)
			c.OneOf(path, "severity", string(severity), severities)
			c.receiverNames(path, receivers)
		}
		for severity, names := range team.Mute {
			path := path + ".mute." + string(severity)
			c.OneOf(path, "severity", string(severity), severities)
			for i, mute := range names {
				c.Refers(fmt.Sprintf("%s[%d]", path, i), "mute_times", "mute time", mute, mutes)
			}
		}
	}
}

// receiverNames adds mistakes for receivers that do not exist, and repeated ones.
func (c *check) receiverNames(path string, names []string) {
	valid := slices.Sorted(maps.Keys(c.merged.Receivers))
	for i, name := range names {
		path := fmt.Sprintf("%s[%d]", path, i)
		if c.Refers(path, "receivers", "receiver", name, valid) && slices.Index(names, name) < i {
			c.Wrong(path, "%q is listed twice", name)
		}
	}
}

func (c *check) errorCodes(codes ErrorCodes) {
	for sign, list := range codes {
		for i, code := range list {
			path := fmt.Sprintf("error_codes.%s[%d]", sign, i)
			switch {
			case code == "":
				c.Wrong(path, "is empty: set an error code")
			case strings.Trim(code, "*") == "":
				c.Wrong(path, "%q matches every error: name a code, or a pattern such as 5.7.*", code)
			case len(code) > 2 && strings.HasPrefix(code, "/") && strings.HasSuffix(code, "/"):
				c.Wrong(path, "%q looks like a regular expression: use a code, or * for any characters, as in 5.7.*", code)
			}
		}
	}
}

// CheckMatch adds a mistake to d for each label and value under the path that
// cannot match, and reports whether there was none. labels are the valid ones.
func CheckMatch(d *strict.Document, path string, match map[string]string, labels []*catalog.Label) bool {
	known := map[string]*catalog.Label{}
	var valid []string
	for _, l := range labels {
		known[l.Name] = l
		valid = append(valid, l.Name)
	}
	before := d.Mistakes()
	for _, name := range slices.Sorted(maps.Keys(match)) {
		l, value, path := known[name], match[name], path+"."+name
		if !d.OneOf(path, "label", name, valid) {
			continue
		}
		switch m := expr.Match(l, value); {
		case value == "" || value == "//":
			d.Wrong(path, "matches nothing: use a value, or a regular expression between slashes")
		case m.Err() != nil && !strings.HasPrefix(value, "/"):
			d.OneOf(path, l.Name, value, l.Values)
		case m.Err() != nil:
			d.Wrong(path, "%v", m.Err())
		}
	}
	return d.Mistakes() == before
}
