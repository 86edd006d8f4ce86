package rules

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"belfry/exporter/strict"
)

// check judges the values of a rules file and tells the document what is wrong
// with them. It judges what the file says, in the light of what is in force
// with it.
type check struct {
	*strict.Document
	force *Settings
	// shipped are the alerts that the file may name, by name without prefix.
	shipped map[string][]Alert
	metrics map[string]Metric
}

func newCheck(d *strict.Document, force *Settings) *check {
	c := &check{Document: d, force: force, shipped: map[string][]Alert{}, metrics: ShortNames()}
	for _, a := range Alerts() {
		name := strings.TrimPrefix(a.Name, Prefix)
		c.shipped[name] = append(c.shipped[name], a)
	}
	return c
}

// settings judges everything that the file says.
func (c *check) settings(own *Settings) {
	c.site(own.Site)
	c.thresholds(own.Thresholds)
	c.disabled(own.Disabled)
	c.objectives(own.SLOs)
	c.teams(own.Teams)
	c.receivers(own.Receivers)
	c.muteTimes(own.MuteTimes)
	c.alerts(own.Alerts)
}

func (c *check) site(s Site) {
	for path, address := range map[string]string{
		"site.grafana": s.Grafana, "site.prometheus": s.Prometheus, "site.alertmanager": s.Alertmanager, "site.runbooks": s.Runbooks,
	} {
		if !c.Has(path) {
			continue
		}
		c.address(path, address)
		if strings.HasSuffix(address, "/") || strings.ContainsAny(address, "?#") {
			c.Wrong(path, "must end in a name, without a slash, ? or #: %q", address)
		}
	}
}

// address complains about what is no web address, or one with a secret in it,
// which it does not repeat.
func (c *check) address(path, address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		c.Wrong(path, "is no address such as https://grafana.example.com")
	case u.User != nil:
		c.Wrong(path, "a password must not stand in this file")
	}
}

var (
	lowerName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	camelName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	wordName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

var severities = []string{string(Info), string(Warning), string(Critical), string(Emergency)}

func (c *check) teams(teams map[string]Team) {
	mutes := slices.Sorted(maps.Keys(c.force.MuteTimes))
	for name, team := range teams {
		path := "teams." + name
		if !lowerName.MatchString(name) {
			c.Wrong(path, "%q is no team's name: want lower case, digits and hyphens", name)
		}
		for severity, receivers := range team.Receivers {
			path := path + ".receivers." + string(severity)
			c.OneOf(path, "severity", string(severity), severities)
			c.receiverNames(path, receivers)
			if c.Has(path) && len(receivers) == 0 {
				c.Wrong(path, "names nobody; leave it out to go where the team default sends it")
			}
		}
		for severity, names := range team.Mute {
			path := path + ".mute." + string(severity)
			c.OneOf(path, "severity", string(severity), severities)
			for i, mute := range names {
				c.OneOf(fmt.Sprintf("%s[%d]", path, i), "mute time", mute, mutes)
			}
		}
	}
	if c.force.Teams[DefaultTeam].Receivers == nil {
		return // the defaults always have it; so this text could not be read
	}
	for _, severity := range severities {
		if len(c.force.Teams[DefaultTeam].Receivers[Severity(severity)]) == 0 {
			c.Wrong("teams.default.receivers."+severity, "is missing: the team default must reach somebody at every severity")
		}
	}
}

// receiverNames complains about receivers that there are not, and repeated ones.
func (c *check) receiverNames(path string, names []string) {
	valid := slices.Sorted(maps.Keys(c.force.Receivers))
	for i, name := range names {
		path := fmt.Sprintf("%s[%d]", path, i)
		if c.OneOf(path, "receiver", name, valid) && slices.Index(names, name) < i {
			c.Wrong(path, "%q is named twice", name)
		}
	}
}

// knownTeams are the teams of the rules file and of shipped alerts.
func (c *check) knownTeams() []string {
	teams := map[string]bool{}
	for name := range c.force.Teams {
		teams[name] = true
	}
	for _, alerts := range c.shipped {
		teams[alerts[0].Team] = true
	}
	return slices.Sorted(maps.Keys(teams))
}
