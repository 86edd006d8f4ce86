package settings

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Warnings returns what is valid in the settings and yet not enough to be on call with:
// links in messages that lead to the reader's own machine, and alerts of the
// installation's own that page without saying what to do first. Each is a line that
// begins with its place.
func (s *Settings) Warnings() []string {
	var all []string
	warn := func(path, format string, args ...any) {
		all = append(all, fmt.Sprintf("%s: warning: %s: ", s.Document().Line(path), path)+fmt.Sprintf(format, args...))
	}
	for _, link := range []struct{ path, address string }{
		{"site.grafana", s.Site.Grafana}, {"site.alertmanager", s.Site.Alertmanager},
		{"site.runbooks", s.Site.Runbooks},
	} {
		if isLoopback(link.address) {
			warn(link.path, "%s only works on this machine: set the address that those on call reach, or the links "+
				"in messages lead nowhere", link.address)
		}
	}
	for _, server := range strings.Split(s.Site.NATS, ",") {
		if isLoopback(server) {
			warn("site.nats", "%s only works on this machine: set the address that those on call reach", server)
		}
	}
	for i, a := range s.Alerts {
		if a.On() && rank(a.Severity) >= rank(Critical) && a.FirstStep == "" {
			warn(fmt.Sprintf("alerts[%d]", i), "it pages and does not say what to do first: set firstStep")
		}
	}
	return all
}

// isLoopback reports whether an address leads to whatever machine it is used on.
func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
